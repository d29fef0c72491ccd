//! What can go wrong with a file on its way, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::name::NameError;
use crate::Error;

/// Why a file did not go over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The file to be sent cannot be read at all, or is none.
    #[error("cannot send {}: {}", path.display(), obstacle(source))]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The name cannot be sent, or was not taken.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The disk failed, or is full.
    #[error("cannot {task} {}: {}", path.display(), obstacle(source))]
    Disk {
        /// What was tried: `write`, `rename`.
        task: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no thread for the digest.
    #[error("cannot start the thread that works out the digest: {0}; close what you do not need")]
    NoThread(io::Error),
    /// The file became shorter while it was sent.
    #[error("{} became shorter while it was being sent: send it again when nobody writes to it", path.display())]
    Shrank {
        /// The file.
        path: PathBuf,
    },
    /// A file of that name is there, and nothing is overwritten.
    #[error("{} exists, and nothing is overwritten: rename it, or receive into another folder with --dir", path.display())]
    TargetExists {
        /// The file.
        path: PathBuf,
    },
    /// Another transfer is writing the same file.
    #[error("another transfer of {name} is under way: wait until it is done")]
    Busy {
        /// The file's name.
        name: String,
    },
    /// The connection failed between two messages.
    #[error(transparent)]
    Connection(#[from] Error),
    /// The connection failed inside the file.
    #[error(
        "{name} is not complete: after {moved} of {size} bytes, {}; what came is kept: send it again and it goes on from there",
        cause(source)
    )]
    CutOff {
        /// The file's name.
        name: String,
        /// The bytes of it that had moved, those of an earlier try included.
        moved: u64,
        /// Its size in bytes.
        size: u64,
        /// What happened to the connection.
        source: Error,
    },
    /// The peer closed where it should have answered.
    #[error("{peer} closed the connection instead of {instead_of}: see what it says at its own end")]
    NoAnswer {
        /// The other end.
        peer: String,
        /// What should have come: `taking letter.txt`.
        instead_of: String,
    },
    /// The other end says no.
    #[error("{peer} refused {name}: {reason}")]
    Refused {
        /// The other end.
        peer: String,
        /// The file's name.
        name: String,
        /// The other end's reason.
        reason: String,
    },
    /// The bytes that came are not those that were sent.
    #[error(
        "{name} arrived damaged: its SHA-256 is {found}, and {announced} was sent; it was thrown away: send it again"
    )]
    DigestMismatch {
        /// The file's name.
        name: String,
        /// The digest that the sender announced.
        announced: super::Digest,
        /// The digest of what came.
        found: super::Digest,
    },
    /// The other end says something that makes no sense here.
    #[error("{peer} speaks another protocol: it said {said}; is that a `04-chunked-io` at the other end?")]
    NotOurProtocol {
        /// The other end.
        peer: String,
        /// Its words.
        said: String,
    },
}

impl TransferError {
    /// Whether the caller asked for something that cannot be: no such file, no such name.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        matches!(self, Self::CannotOpen { .. } | Self::Name(_))
    }

    pub(super) fn disk(task: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { task, path, source }
    }
}

/// What stands in the way of reading or writing a file, in the same words on every system.
pub(super) fn obstacle(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full; make room, and send it again: it goes on from there".to_owned(),
        io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "the file would be larger than is allowed here; raise the limit, and send it again: it goes on from there"
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => "that is not allowed; see who owns it".to_owned(),
        io::ErrorKind::NotFound => "there is no such file; check the name".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder; send the files in it".to_owned(),
        io::ErrorKind::InvalidInput => "it is no plain file".to_owned(),
        _ => error.to_string(),
    }
}

/// What happened to the connection, without the count of one chunk: the file's own count is told.
fn cause(error: &Error) -> String {
    match error {
        Error::EndedEarly { peer, .. } => format!("{peer} closed the connection"),
        Error::Stopped { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}
