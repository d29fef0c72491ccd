//! The digest, worked out by a thread of its own beside the reading and sending.
//!
//! SHA-256 takes as long as all the copying of a transfer together. Whoever has a second core need not wait for it: while
//! one piece is on its way, the thread is still at the piece before. A few buffers go round between the two, so the memory
//! is the same for any size, and whoever is faster waits for the other.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::digest::Hasher;
use super::{CHUNK, TransferError};

/// How many buffers go round: enough that neither side waits for the other at every piece.
const BUFFERS: usize = 8;

/// The buffers, as the one who fills them sees them.
pub(super) struct Buffers {
    empty: Receiver<Vec<u8>>,
    full: SyncSender<(Vec<u8>, usize)>,
}

impl Buffers {
    /// A buffer of [`CHUNK`] bytes whose content is done with; waits if the digest is behind.
    pub(super) fn empty(&self) -> Vec<u8> {
        // The thread gives back what it gets for as long as this end is there.
        self.empty.recv().unwrap_or_else(|_| vec![0; CHUNK])
    }

    /// Hands over a buffer, of which the first `count` bytes belong to the file.
    pub(super) fn hash(&self, buffer: Vec<u8>, count: usize) {
        // The thread listens until this end is dropped.
        let _ = self.full.send((buffer, count));
    }
}

/// Does `work`, and feeds `hasher` meanwhile with what `work` hands over, in that order. When it returns, all is fed.
pub(super) fn hash_beside<R>(
    hasher: &mut Hasher,
    work: impl FnOnce(&Buffers) -> Result<R, TransferError>,
) -> Result<R, TransferError> {
    let (give_back, empty) = sync_channel(BUFFERS);
    let (full, filled) = sync_channel::<(Vec<u8>, usize)>(BUFFERS);
    for _ in 0..BUFFERS {
        // There is room for all of them.
        let _ = give_back.send(vec![0; CHUNK]);
    }
    thread::scope(|scope| {
        let digest = move || {
            for (buffer, count) in filled {
                hasher.update(&buffer[..count]);
                // Whoever fills may have stopped.
                let _ = give_back.send(buffer);
            }
        };
        thread::Builder::new()
            .spawn_scoped(scope, digest)
            .map_err(TransferError::NoThread)?;
        let buffers = Buffers { empty, full };
        work(&buffers)
    })
}
