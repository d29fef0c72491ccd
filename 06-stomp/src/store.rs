//! The store: what a broker has promised to keep, on a disk.
//!
//! A file of `redb`, a database that lives inside the program. It holds three tables:
//!
//! | table | from | to |
//! | --- | --- | --- |
//! | `about` | `format` | the number of this format |
//! | `messages` | the message's number | its MESSAGE frame, as STOMP 1.2 writes it |
//! | `delivered` | a queue | the number of the last message that it has given to a consumer |
//!
//! Numbers are given in the order of arrival, and a table is sorted: so the messages come back in the order of their queues.
//! A queue gives out its lowest number first, so that all up to the last one given were given, and one number says of each
//! message whether it may have been delivered before.
//!
//! | module | one idea |
//! | --- | --- |
//! | `change` | what happens to messages, as the store sees it |
//! | `record` | a message as octets, and back |
//! | `writer` | one sync for all that waits: group commit |
//! | [`error`](mod@error) | a sentence for everything that can be wrong with a file |

mod change;
pub mod error;
mod record;
mod writer;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Builder, Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, StorageBackend,
    TableDefinition,
};

use crate::Message;
pub use change::Change;
pub(crate) use change::Changes;
pub use error::StoreError;
use error::{Failure, Unusable};
pub(crate) use writer::{Synced, Writer};

const ABOUT: TableDefinition<&str, u64> = TableDefinition::new("about");
const MESSAGES: TableDefinition<u64, &[u8]> = TableDefinition::new("messages");
const DELIVERED: TableDefinition<&str, u64> = TableDefinition::new("delivered");

/// The number of the format that is described above.
const FORMAT: u64 = 1;

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
            let reading = found
                .begin_read()
                .map_err(|error| Unusable::from(Failure::from(error)));
            let format = reading.and_then(|reading| check_format(&reading));
            format.map_err(|why| StoreError::unusable(path, why))?;
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
        store.check_format().map_err(unusable)?;
        Ok(store)
    }

    /// Whether the file is one of ours; a new one becomes it.
    fn check_format(&self) -> Result<(), Unusable> {
        let reading = self.database.begin_read().map_err(Failure::from)?;
        let is_new = reading.list_tables().map_err(Failure::from)?.next().is_none();
        if is_new {
            return Ok(self.begin()?);
        }
        check_format(&reading)
    }

    fn begin(&self) -> Result<(), Failure> {
        let writing = self.database.begin_write()?;
        writing.open_table(ABOUT)?.insert("format", FORMAT)?;
        writing.open_table(MESSAGES)?;
        writing.open_table(DELIVERED)?;
        Ok(writing.commit()?)
    }

    /// Everything that it has kept. What it knows of queues that are empty now is forgotten.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file is damaged, or the disk fails.
    pub fn load(&self) -> Result<Contents, StoreError> {
        let unusable = |why| StoreError::unusable(&self.path, why);
        let contents = self.read().map_err(unusable)?;
        self.forget_empty_queues(&contents)
            .map_err(|failure| unusable(failure.into()))?;
        Ok(contents)
    }

    fn forget_empty_queues(&self, contents: &Contents) -> Result<(), Failure> {
        let filled: HashSet<&str> = contents
            .messages
            .iter()
            .map(|kept| kept.message.destination.as_str())
            .collect();
        let writing = self.database.begin_write()?;
        writing
            .open_table(DELIVERED)?
            .retain(|queue, _| filled.contains(queue))?;
        Ok(writing.commit()?)
    }

    fn read(&self) -> Result<Contents, Unusable> {
        let reading = self.database.begin_read().map_err(Failure::from)?;
        let mut delivered = HashMap::new();
        for row in reading
            .open_table(DELIVERED)
            .map_err(Failure::from)?
            .iter()
            .map_err(Failure::from)?
        {
            let (queue, number) = row.map_err(Failure::from)?;
            delivered.insert(queue.value().to_owned(), number.value());
        }
        let mut contents = Contents {
            last_number: delivered.values().copied().max().unwrap_or_default(),
            ..Contents::default()
        };
        for row in reading
            .open_table(MESSAGES)
            .map_err(Failure::from)?
            .iter()
            .map_err(Failure::from)?
        {
            let (number, record) = row.map_err(Failure::from)?;
            let number = number.value();
            let message = record::decode(number, record.value()).ok_or(Unusable::Record { number })?;
            let last_delivered = delivered.get(message.destination.as_str());
            contents.last_number = contents.last_number.max(number);
            contents.messages.push(Kept {
                was_delivered: last_delivered.is_some_and(|last| *last >= number),
                message: Arc::new(message),
            });
        }
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
        {
            let mut messages = writing.open_table(MESSAGES)?;
            let mut octets = Vec::new();
            for (number, message) in &changes.kept {
                record::encode(message, &mut octets);
                messages.insert(number, octets.as_slice())?;
            }
            for number in &changes.forgotten {
                messages.remove(number)?;
            }
            let mut delivered = writing.open_table(DELIVERED)?;
            for (queue, number) in &changes.delivered {
                let known = delivered.get(queue.as_str())?.map(|known| known.value());
                if known < Some(*number) {
                    delivered.insert(queue.as_str(), number)?;
                }
            }
        }
        Ok(writing.commit()?)
    }
}

/// Whether this is a store in the format that we know.
fn check_format(reading: &ReadTransaction) -> Result<(), Unusable> {
    let about = reading.open_table(ABOUT).map_err(|_| Unusable::NotAStore)?;
    let format = about.get("format").map_err(Failure::from)?;
    match format.map(|format| format.value()) {
        Some(FORMAT) => Ok(()),
        Some(found) => Err(Unusable::Format { found, ours: FORMAT }),
        None => Err(Unusable::NotAStore),
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
