//! A sentence for everything that can be wrong with a store's file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{CommitError, DatabaseError, SetDurabilityError, StorageError, TableError, TransactionError};

/// Why a store cannot be had, or not be trusted any more.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is none of ours, or not in a state to be used. Nothing in it was changed.
    #[error("cannot keep messages in {}: {why}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        why: Unusable,
    },
    /// The disk has refused to take something.
    #[error(
        "cannot write to {}: {failure}; the broker has stopped, and what it gave a receipt for is in the file",
        path.display()
    )]
    Write {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        failure: Arc<Failure>,
    },
}

impl StoreError {
    pub(super) fn unusable(path: &Path, why: Unusable) -> Self {
        let path = path.to_owned();
        Self::Unusable { path, why }
    }
}

/// Why a file cannot be a store.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// It is another program's.
    #[error("the file is another program's; it was left as it is: name a new one")]
    NotAStore,
    /// It has another format.
    #[error(
        "another version of this broker wrote the file (format {found}, and this one's is {ours}); it was left as it is: start that version, or name a new file"
    )]
    Format {
        /// The number in the file.
        found: u64,
        /// The number that we know.
        ours: u64,
    },
    /// The database in it is of another version.
    #[error(
        "another version of this broker wrote the file (its database is of version {0}); it was left as it is: start that version, or name a new file"
    )]
    Database(u8),
    /// Somebody else has it open.
    #[error("another broker has the file open: end that one, or name another file")]
    InUse,
    /// Octets in it have changed since they were written.
    #[error("the file is damaged ({0}): take a copy that is whole, or name a new file")]
    Damaged(String),
    /// A message in it is none.
    #[error(
        "the file is damaged (message {number} cannot be read): take a copy that is whole, or name a new file"
    )]
    Record {
        /// The message's number.
        number: u64,
    },
    /// A durable subscription in it is none.
    #[error(
        "the file is damaged (subscription {name:?} cannot be read): take a copy that is whole, or name a new file"
    )]
    Subscription {
        /// The name of its queue.
        name: String,
    },
    /// The system does not let us.
    #[error("{0}")]
    System(Arc<Failure>),
}

/// What the database says.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(redb::Error);

impl From<DatabaseError> for Unusable {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => Self::InUse,
            DatabaseError::UpgradeRequired(version) => Self::Database(version),
            DatabaseError::Storage(error) => Failure(error.into()).into(),
            other => Failure(other.into()).into(),
        }
    }
}

impl From<Failure> for Unusable {
    fn from(failure: Failure) -> Self {
        match &failure.0 {
            redb::Error::Corrupted(detail) => Self::Damaged(detail.clone()),
            redb::Error::Io(error) if error.kind() == ErrorKind::InvalidData => Self::NotAStore,
            redb::Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Self::Damaged("it ends too early".to_owned())
            }
            _ => Self::System(Arc::new(failure)),
        }
    }
}

macro_rules! from {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(error.into())
            }
        }

        impl From<$error> for Unusable {
            fn from(error: $error) -> Self {
                Failure::from(error).into()
            }
        }
    )*};
}

from!(
    StorageError,
    TableError,
    TransactionError,
    CommitError,
    SetDurabilityError
);
