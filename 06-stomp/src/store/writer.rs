//! Group commit: a thread that writes down all that waits, syncs once, and says so.
//!
//! A disk takes milliseconds for a sync, however much is synced. While it does, whatever happens in the broker gathers here
//! and goes with the next one: the busier the broker, the more messages share a sync. Nobody waits for the disk but this
//! thread, and those clients that asked for a receipt.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::change::{Change, Changes};
use super::{Store, StoreError};

/// No more than this goes with one sync, in bytes: or whoever comes first would wait for all who come after.
const LARGEST: usize = 4 * 1024 * 1024;

/// What has been synced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Synced {
    /// So many changes more.
    pub(crate) changes: u64,
    /// What the messages take that came with them, in bytes.
    pub(crate) bytes: usize,
}

/// The way to the thread. When it is dropped, the thread writes what is left and ends.
pub(crate) struct Writer {
    changes: Sender<Vec<Change>>,
}

impl Writer {
    /// Starts the thread. It tells what it has synced, in the order of the changes; a failure is the last that it tells.
    pub(crate) fn start(
        store: Arc<Store>,
        tell: impl Fn(Result<Synced, StoreError>) + Send + 'static,
    ) -> Self {
        let (changes, incoming) = mpsc::channel();
        thread::spawn(move || write(&store, &incoming, &tell));
        Self { changes }
    }

    /// Has these changes written: together, so that after a crash there are all or none of them.
    pub(crate) fn write(&self, changes: Vec<Change>) {
        // If the thread has ended, it has said why.
        let _ = self.changes.send(changes);
    }
}

fn write(store: &Store, incoming: &Receiver<Vec<Change>>, tell: &impl Fn(Result<Synced, StoreError>)) {
    while let Ok(first) = incoming.recv() {
        let mut changes = Changes::default();
        first.into_iter().for_each(|change| changes.add(change));
        while changes.bytes < LARGEST
            && let Ok(more) = incoming.try_recv()
        {
            more.into_iter().for_each(|change| changes.add(change));
        }
        if !changes.are_void()
            && let Err(error) = store.write(&changes)
        {
            return tell(Err(error));
        }
        tell(Ok(Synced {
            changes: changes.count,
            bytes: changes.bytes,
        }));
    }
}
