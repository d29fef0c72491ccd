//! The store: what a broker has promised to keep, on a disk.
//!
//! A file of `redb`, a database that lives inside the program. It holds five tables:
//!
//! | table | from | to |
//! | --- | --- | --- |
//! | `about` | `format` | the number of this format |
//! | `messages` | the message's number | its MESSAGE frame, as STOMP 1.2 writes it |
//! | `delivered` | a queue | the number of the last message that it has given to a consumer |
//! | `subscriptions` | the queue of a durable subscription | its topic |
//! | `collected` | the number of a topic's message | each of these queues that it waits in |
//!
//! A queue's message says itself, as its destination, where it waits. A topic's may wait for several subscribers, each in a
//! queue of its own; it is written once, and gone when the last of them has acknowledged it.
//!
//! Numbers are given in the order of arrival, and a table is sorted: so the messages come back in the order of their queues.
//! A queue gives out its lowest number first, so that all up to the last one given were given, and one number says of each
//! message whether it may have been delivered before.
//!
//! Format 1 had no durable subscriptions. A file of that format becomes one of format 2 when it is opened.
//!
//! | module | one idea |
//! | --- | --- |
//! | `change` | what happens to messages and to durable subscriptions, as the store sees it |
//! | `tables` | how each table is read, and what a change does to it |
//! | `record` | a message as octets, and back |
//! | `writer` | one sync for all that waits: group commit |
//! | [`error`](mod@error) | a sentence for everything that can be wrong with a file |

mod change;
pub mod error;
mod record;
mod tables;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Builder, Database, Durability, ReadableDatabase, StorageBackend};

use crate::{Destination, Message};
pub use change::Change;
pub(crate) use change::Changes;
pub use error::StoreError;
use error::{Failure, Unusable};
pub(crate) use writer::{Synced, Writer};

/// What the database may keep in memory, in bytes. The messages are there already.
const CACHE: usize = 16 * 1024 * 1024;

/// An open store. While it is open nobody else can open its file.
pub struct Store {
    database: Database,
    path: PathBuf,
}

/// A message that a store has kept.
#[derive(Debug)]
pub struct Kept {
    /// Where it waits.
    pub queue: Destination,
    /// The message.
    pub message: Arc<Message>,
    /// Whether a consumer may have received it already.
    pub was_delivered: bool,
}

/// What a store has kept.
#[derive(Debug, Default)]
pub struct Contents {
    /// In the order in which they came.
    pub messages: Vec<Kept>,
    /// Durable subscriptions: the queue behind each, and its topic.
    pub subscriptions: Vec<(Destination, Destination)>,
    /// No number up to this one may be given again.
    pub last_number: u64,
}

impl Store {
    /// Opens the store in a file, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then the file is as it was.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        // Looked at first without touching it. One that was not closed in good order must be opened for good to be read.
        if let Ok(found) = Builder::new().set_cache_size(CACHE).open_read_only(path) {
            let reading = found.begin_read().map_err(Unusable::from);
            let known = reading.and_then(|reading| tables::are_missing(&reading));
            known.map_err(|why| StoreError::unusable(path, why))?;
        }
        Self::from(path, |builder| builder.create(path))
    }

    /// Opens the store on something that is no file: for tests of what a disk can do to us.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn on(backend: impl StorageBackend) -> Result<Self, StoreError> {
        Self::from(Path::new("memory"), |builder| {
            builder.create_with_backend(backend)
        })
    }

    fn from(
        path: &Path,
        open: impl FnOnce(&Builder) -> Result<Database, redb::DatabaseError>,
    ) -> Result<Self, StoreError> {
        let mut builder = Database::builder();
        // A file that was damaged is to be found out now, and not at a message that is missing in the middle.
        builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
        let unusable = |why| StoreError::unusable(path, why);
        let database = open(&builder).map_err(|error| unusable(Unusable::from(error)))?;
        let store = Self {
            database,
            path: path.to_owned(),
        };
        store.prepare().map_err(unusable)?;
        Ok(store)
    }

    /// A new file becomes one of ours, and so does one of an older format.
    fn prepare(&self) -> Result<(), Unusable> {
        if tables::are_missing(&self.database.begin_read()?)? {
            let writing = self.database.begin_write()?;
            tables::begin(&writing)?;
            writing.commit()?;
        }
        Ok(())
    }

    /// Everything that it has kept. What it knows of queues that are empty now is forgotten.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file is damaged, or the disk fails.
    pub fn load(&self) -> Result<Contents, StoreError> {
        self.read().map_err(|why| StoreError::unusable(&self.path, why))
    }

    fn read(&self) -> Result<Contents, Unusable> {
        let contents = tables::read(&self.database.begin_read()?)?;
        let writing = self.database.begin_write()?;
        tables::forget_empty_queues(&writing, &contents)?;
        writing.commit()?;
        Ok(contents)
    }

    /// Writes these changes, all or none. When this returns they are on the disk.
    ///
    /// # Errors
    ///
    /// [`StoreError::Write`].
    pub(crate) fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        self.commit(changes).map_err(|failure| StoreError::Write {
            path: self.path.clone(),
            failure: Arc::new(failure),
        })
    }

    fn commit(&self, changes: &Changes) -> Result<(), Failure> {
        let mut writing = self.database.begin_write()?;
        // It is the default, and the whole point: commit() returns when the disk has said that it has everything.
        writing.set_durability(Durability::Immediate)?;
        tables::write(&writing, changes)?;
        Ok(writing.commit()?)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
