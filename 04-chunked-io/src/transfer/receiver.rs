//! The receiver's side of a transfer.

use std::path::Path;
use std::time::Duration;

use tcp_socket::Stream;

use super::beside::Buffers;
use super::error::obstacle;
use super::message::{Message, hear, say};
use super::partial::{PartialFile, digest_of_finished};
use super::sender::out_of_turn;
use super::{Digest, Progress, TransferError, Transferred, patience_for};
use crate::pull_exact;

/// Receives the next file that the sender offers into `dir`; `None` if it has no more and closes.
///
/// `patience` is the longest time in which no chunk comes; `watch` is told of every chunk.
///
/// # Errors
///
/// [`TransferError`]: the disk, the connection, or a file that is not taken. The sender is told why.
pub fn receive_file(
    stream: &mut impl Stream,
    dir: &Path,
    patience: Duration,
    watch: &mut dyn FnMut(Progress<'_>),
) -> Result<Option<Transferred>, TransferError> {
    let (size, name) = match hear(stream, patience)? {
        Some(Message::Offer { size, name }) => (size, name),
        Some(other) => return Err(out_of_turn(stream, &other)),
        None => return Ok(None),
    };
    let incoming = Incoming { name, size, patience };
    match incoming.receive(stream, dir, watch) {
        Ok(transferred) => Ok(Some(transferred)),
        Err(error) => {
            incoming.refuse(stream, &error);
            Err(error)
        }
    }
}

/// A file on its way in.
struct Incoming {
    name: String,
    size: u64,
    patience: Duration,
}

impl Incoming {
    fn receive(
        &self,
        stream: &mut impl Stream,
        dir: &Path,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Transferred, TransferError> {
        if let Some(digest) = digest_of_finished(dir, &self.name, self.size)? {
            return self.compare(stream, dir, digest);
        }
        let mut file = PartialFile::open(dir, &self.name)?;
        match self.fill(stream, &mut file, watch) {
            Ok(from) => {
                let digest = file.digest();
                file.finish()?;
                say(stream, &Message::Stored, self.patience)?;
                Ok(self.transferred(from, digest))
            }
            Err(error) => {
                let damaged = matches!(error, TransferError::DigestMismatch { .. });
                if damaged || file.length() == 0 {
                    file.discard()?;
                }
                Err(error)
            }
        }
    }

    /// Asks whether the file that is there already is the one that is offered. So a transfer of several files that
    /// was cut off can be repeated as it was.
    fn compare(
        &self,
        stream: &mut impl Stream,
        dir: &Path,
        digest: Digest,
    ) -> Result<Transferred, TransferError> {
        say(stream, &Message::Exists { digest }, self.patience)?;
        match self.next(stream, patience_for(self.size, self.patience))? {
            Message::Same => Ok(self.transferred(self.size, digest)),
            Message::Other => Err(TransferError::TargetExists {
                path: dir.join(&self.name),
            }),
            other => Err(out_of_turn(stream, &other)),
        }
    }

    fn transferred(&self, from: u64, digest: Digest) -> Transferred {
        let (name, size) = (self.name.clone(), self.size);
        Transferred {
            name,
            size,
            from,
            digest,
        }
    }

    /// Receives the file into its part, and says where it went on.
    fn fill(
        &self,
        stream: &mut impl Stream,
        file: &mut PartialFile,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<u64, TransferError> {
        let from = self.agree(stream, file)?;
        watch(Progress::Started {
            name: &self.name,
            size: self.size,
            from,
        });
        file.fill(|file, buffers| self.receive_pieces(stream, file, buffers, watch))?;
        let found = file.digest();
        match self.next(stream, self.patience)? {
            Message::Digest(announced) if announced == found => Ok(from),
            Message::Digest(announced) => Err(TransferError::DigestMismatch {
                name: self.name.clone(),
                announced,
                found,
            }),
            other => Err(out_of_turn(stream, &other)),
        }
    }

    /// Says what is there already, and hears whether the sender goes on behind it or from the beginning.
    fn agree(&self, stream: &mut impl Stream, file: &mut PartialFile) -> Result<u64, TransferError> {
        let (count, digest) = (file.length(), file.digest());
        say(stream, &Message::Have { count, digest }, self.patience)?;
        match self.next(stream, patience_for(count, self.patience))? {
            Message::Start { count: from } if from == count && from <= self.size => Ok(from),
            Message::Start { count: 0 } => {
                file.restart()?;
                Ok(0)
            }
            other => Err(out_of_turn(stream, &other)),
        }
    }

    /// Pulls what is left of the file: a chunk at a time, each written before the next is pulled.
    fn receive_pieces(
        &self,
        stream: &mut impl Stream,
        file: &mut PartialFile,
        buffers: &Buffers,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), TransferError> {
        while file.length() < self.size {
            let mut buffer = buffers.empty();
            let left = usize::try_from(self.size - file.length()).unwrap_or(usize::MAX);
            let count = left.min(buffer.len());
            let chunk = &mut buffer[..count];
            if let Err(source) = pull_exact(stream, chunk, self.patience) {
                // What came of the chunk is kept: the next try goes on behind it.
                file.write(&chunk[..source.moved()])?;
                return Err(TransferError::CutOff {
                    name: self.name.clone(),
                    moved: file.length(),
                    size: self.size,
                    source,
                });
            }
            file.write(chunk)?;
            buffers.hash(buffer, count);
            watch(Progress::Moved(count));
        }
        Ok(())
    }

    fn next(&self, stream: &mut impl Stream, patience: Duration) -> Result<Message, TransferError> {
        hear(stream, patience)?.ok_or_else(|| TransferError::NoAnswer {
            peer: stream.peer(),
            instead_of: format!("sending {}", self.name),
        })
    }

    /// Tells the sender why its file was not taken, if that is something that it should know.
    fn refuse(&self, stream: &mut impl Stream, error: &TransferError) {
        let reason = match error {
            TransferError::Connection(_) | TransferError::CutOff { .. } | TransferError::NoAnswer { .. } => {
                return;
            }
            // The paths of this machine are nobody else's business.
            TransferError::TargetExists { .. } => {
                "a file of that name exists there, and nothing is overwritten".to_owned()
            }
            TransferError::Disk { task, source, .. } => {
                format!("the disk there failed to {task} it: {}", obstacle(source))
            }
            other => other.to_string(),
        };
        // It may have gone already; then there is nobody to tell.
        let _ = say(stream, &Message::Refused { reason }, self.patience);
    }
}
