//! The sender's side of a transfer.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::mem;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tcp_socket::Stream;

use super::beside::{Buffers, hash_beside};
use super::digest::Hasher;
use super::message::{Message, hear, say};
use super::{Digest, Progress, TransferError, Transferred, name, patience_for};
use crate::{Error, send_all};

/// How long to look for the peer's last words, once it has stopped listening.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Sends a file under its own name, and waits until the other end has stored it.
///
/// `patience` is the longest time in which no chunk goes over; `watch` is told of every chunk.
///
/// # Errors
///
/// [`TransferError`]: the file, the connection, or the other end's refusal.
pub fn send_file(
    stream: &mut impl Stream,
    mut file: OutgoingFile,
    patience: Duration,
    watch: &mut dyn FnMut(Progress<'_>),
) -> Result<Transferred, TransferError> {
    let offer = Message::Offer {
        size: file.size,
        name: file.name.clone(),
    };
    say(stream, &offer, patience)?;
    let from = match file.answer(stream, patience_for(file.size, patience))? {
        Message::Have { count, digest } => file.agree(count, digest)?,
        Message::Exists { digest } => return file.compare(stream, digest, patience),
        other => return Err(out_of_turn(stream, &other)),
    };
    say(stream, &Message::Start { count: from }, patience)?;
    watch(Progress::Started {
        name: &file.name,
        size: file.size,
        from,
    });
    file.send_body(stream, patience, watch)?;
    let digest = file.hasher.digest();
    say(stream, &Message::Digest(digest), patience)?;
    match file.answer(stream, patience_for(file.size, patience))? {
        Message::Stored => Ok(file.transferred(from, digest)),
        other => Err(out_of_turn(stream, &other)),
    }
}

/// A file on its way out.
#[derive(Debug)]
pub struct OutgoingFile {
    path: PathBuf,
    name: String,
    file: File,
    size: u64,
    /// How many bytes have gone, those of an earlier try included.
    sent: u64,
    hasher: Hasher,
}

impl OutgoingFile {
    /// Opens the file at `path`.
    ///
    /// # Errors
    ///
    /// [`TransferError::CannotOpen`] if it cannot be read or is no plain file, [`TransferError::Name`] if a
    /// receiver would not take its name.
    pub fn open(path: &Path) -> Result<Self, TransferError> {
        let failed = |source| TransferError::CannotOpen {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            let kind = if metadata.is_dir() {
                ErrorKind::IsADirectory
            } else {
                ErrorKind::InvalidInput
            };
            return Err(failed(kind.into()));
        }
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name
            .to_str()
            .ok_or_else(|| name::NameError::NotPortable(name.to_string_lossy().into_owned()))?;
        name::check(name)?;
        Ok(Self {
            path: path.to_owned(),
            name: name.to_owned(),
            file,
            size: metadata.len(),
            sent: 0,
            hasher: Hasher::default(),
        })
    }

    /// Where to start: behind the `count` bytes that the receiver has, if they are the beginning of this file.
    fn agree(&mut self, count: u64, digest: Digest) -> Result<u64, TransferError> {
        if count <= self.size {
            let fed = self
                .hasher
                .update_from(&mut self.file, count)
                .map_err(TransferError::disk("read", &self.path))?;
            if fed == count && self.hasher.digest() == digest {
                self.sent = count;
                return Ok(count);
            }
        }
        self.hasher = Hasher::default();
        self.file
            .seek(SeekFrom::Start(0))
            .map_err(TransferError::disk("read", &self.path))?;
        Ok(0)
    }

    /// Tells the receiver whether the file that it has is this one.
    fn compare(
        mut self,
        stream: &mut impl Stream,
        theirs: Digest,
        patience: Duration,
    ) -> Result<Transferred, TransferError> {
        let from = self.agree(self.size, theirs)?;
        if from == self.size {
            say(stream, &Message::Same, patience)?;
            return Ok(self.transferred(from, theirs));
        }
        say(stream, &Message::Other, patience)?;
        Err(TransferError::Refused {
            peer: stream.peer(),
            name: self.name,
            reason: "another file of that name exists there, and nothing is overwritten".to_owned(),
        })
    }

    fn transferred(self, from: u64, digest: Digest) -> Transferred {
        let (name, size) = (self.name, self.size);
        Transferred {
            name,
            size,
            from,
            digest,
        }
    }

    /// Sends what is left of the file, and works out its digest meanwhile.
    fn send_body(
        &mut self,
        stream: &mut impl Stream,
        patience: Duration,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), TransferError> {
        let mut hasher = mem::take(&mut self.hasher);
        hash_beside(&mut hasher, |buffers| {
            self.send_pieces(stream, buffers, patience, watch)
        })?;
        self.hasher = hasher;
        Ok(())
    }

    /// Read some, send all of that, until it is through.
    fn send_pieces(
        &mut self,
        stream: &mut impl Stream,
        buffers: &Buffers,
        patience: Duration,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), TransferError> {
        while self.sent < self.size {
            let mut buffer = buffers.empty();
            let count = self.read_chunk(&mut buffer)?;
            if let Err(error) = send_all(stream, &buffer[..count], patience) {
                return Err(self.cut_off(stream, error));
            }
            buffers.hash(buffer, count);
            self.sent += count as u64;
            watch(Progress::Moved(count));
        }
        Ok(())
    }

    /// Reads some bytes of the file, no more than it had at the beginning: it may be growing.
    fn read_chunk(&mut self, buffer: &mut [u8]) -> Result<usize, TransferError> {
        let left = usize::try_from(self.size - self.sent).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        match self.file.read(&mut buffer[..most]) {
            Ok(0) => Err(TransferError::Shrank {
                path: self.path.clone(),
            }),
            Ok(count) => Ok(count),
            Err(source) => Err(TransferError::disk("read", &self.path)(source)),
        }
    }

    /// The next message of the other end, if it is no refusal.
    fn answer(&self, stream: &mut impl Stream, patience: Duration) -> Result<Message, TransferError> {
        match hear(stream, patience)? {
            Some(Message::Refused { reason }) => Err(TransferError::Refused {
                peer: stream.peer(),
                name: self.name.clone(),
                reason,
            }),
            Some(message) => Ok(message),
            None => Err(TransferError::NoAnswer {
                peer: stream.peer(),
                instead_of: format!("taking {}", self.name),
            }),
        }
    }

    /// A receiver that gives up in the middle (its disk is full) says so before it closes. Its words may
    /// still be there to pull, although nothing can be sent any more.
    fn cut_off(&self, stream: &mut impl Stream, source: Error) -> TransferError {
        match self.answer(stream, LAST_WORDS) {
            Err(refused @ TransferError::Refused { .. }) => refused,
            _ => TransferError::CutOff {
                name: self.name.clone(),
                moved: self.sent + source.moved() as u64,
                size: self.size,
                source,
            },
        }
    }
}

/// A message that makes sense, but not now.
pub(super) fn out_of_turn(stream: &impl Stream, message: &Message) -> TransferError {
    TransferError::NotOurProtocol {
        peer: stream.peer(),
        said: format!("\"{message}\" out of turn"),
    }
}
