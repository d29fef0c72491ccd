//! What has been said and has not left yet.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::mem;
use std::sync::Arc;

/// Bytes that many connections send: encoded once, kept once, however many receivers wait for them.
pub type Shared = Arc<[u8]>;

/// Shared bytes as few as these are copied: a pointer to them would cost as much.
const WORTH_SHARING: usize = 256;
/// Bytes of one owner as many as these change hands; fewer are copied, so that small ones make one piece.
const WORTH_MOVING: usize = 16 * 1024;
/// A piece that has grown to this size is full; the next bytes begin another.
const PIECE: usize = 64 * 1024;
/// Larger storage is not kept.
const MOST_SPARE: usize = 2 * PIECE;
/// How many pieces one call hands to the system.
const PIECES_A_CALL: usize = 32;

/// On epoll and kqueue a call that moved less than it could says that the socket is drained (or full), and the
/// next edge will be reported: asking again, only to hear "would block", can be spared. On Windows mio watches
/// a socket again only after it has heard just that.
pub(super) const SHORT_MEANS_BLOCKED: bool = cfg!(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_vendor = "apple",
));

/// A run of bytes, of which the first `left` have left.
struct Piece {
    bytes: Bytes,
    left: usize,
}

enum Bytes {
    Own(Vec<u8>),
    Lent(Lent),
    Shared(Shared),
}

/// Bytes of somebody who learns, when this is dropped, that they have left.
pub(super) type Lent = Box<dyn AsRef<[u8]>>;

impl Piece {
    fn new(bytes: Bytes) -> Self {
        Self { bytes, left: 0 }
    }

    /// What still waits.
    fn rest(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Own(bytes) => &bytes[self.left..],
            Bytes::Lent(bytes) => &(**bytes).as_ref()[self.left..],
            Bytes::Shared(bytes) => &bytes[self.left..],
        }
    }
}

/// Bytes on their way out, in order: some of this connection's own, some shared with others.
#[derive(Default)]
pub(super) struct OutQueue {
    pieces: VecDeque<Piece>,
    /// How many bytes wait.
    length: usize,
    /// The storage of a piece that has left, for the next one.
    spare: Vec<u8>,
}

/// How far a [write](OutQueue::write_to) came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    All,
    /// The peer, or the network, takes no more for now; readiness will be reported.
    Part,
}

impl OutQueue {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.length += bytes.len();
        if let Some(last) = self.pieces.back_mut()
            && let Bytes::Own(piece) = &mut last.bytes
            && piece.len() < PIECE
        {
            piece.extend_from_slice(bytes);
        } else {
            let mut piece = mem::take(&mut self.spare);
            piece.extend_from_slice(bytes);
            self.pieces.push_back(Piece::new(Bytes::Own(piece)));
        }
    }

    /// As [`push`](OutQueue::push), but takes the storage instead of a copy, unless the bytes are few and something waits
    /// before them. It gives other storage back, empty.
    pub(super) fn push_vec(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        if !self.is_empty() && bytes.len() < WORTH_MOVING {
            self.push(bytes);
            return bytes.clear();
        }
        let spare = if bytes.capacity() <= MOST_SPARE {
            mem::take(&mut self.spare)
        } else {
            // It would not come back for this one.
            Vec::new()
        };
        let piece = mem::replace(bytes, spare);
        self.push_piece(Piece::new(Bytes::Own(piece)));
    }

    /// As [`push`](OutQueue::push), but takes the storage, whatever it is.
    pub(super) fn push_lent(&mut self, bytes: impl AsRef<[u8]> + 'static) {
        if !bytes.as_ref().is_empty() {
            self.push_piece(Piece::new(Bytes::Lent(Box::new(bytes))));
        }
    }

    fn push_piece(&mut self, piece: Piece) {
        self.length += piece.rest().len();
        self.pieces.push_back(piece);
    }

    pub(super) fn push_shared(&mut self, bytes: &Shared) {
        if bytes.len() < WORTH_SHARING {
            return self.push(bytes);
        }
        self.push_piece(Piece::new(Bytes::Shared(Arc::clone(bytes))));
    }

    /// Takes over all that waits in `other`. What is little is copied, and its storage stays where it was.
    pub(super) fn append(&mut self, other: &mut Self) {
        while let Some(piece) = other.pieces.pop_front() {
            match piece.bytes {
                Bytes::Own(_) if piece.rest().len() < WORTH_MOVING => {
                    self.push(piece.rest());
                    other.retire(piece);
                }
                _ => self.push_piece(piece),
            }
        }
        other.length = 0;
    }

    pub(super) fn clear(&mut self) {
        self.advance(self.length);
    }

    /// Writes until nothing waits or the system takes no more.
    pub(super) fn write_to(&mut self, mut stream: impl Write) -> io::Result<Written> {
        while !self.is_empty() {
            let (offered, result) = self.write_once(&mut stream);
            match result {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(taken) => {
                    self.advance(taken);
                    if taken < offered && SHORT_MEANS_BLOCKED {
                        return Ok(Written::Part);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Written::Part),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Written::All)
    }

    /// One system call: how many bytes it was offered, and what came of it.
    fn write_once(&self, stream: &mut impl Write) -> (usize, io::Result<usize>) {
        if let [only] = self.pieces.as_slices().0
            && self.pieces.len() == 1
        {
            return (only.rest().len(), stream.write(only.rest()));
        }
        let mut slices = [IoSlice::new(&[]); PIECES_A_CALL];
        let (mut count, mut offered) = (0, 0);
        for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
            *slice = IoSlice::new(piece.rest());
            (count, offered) = (count + 1, offered + piece.rest().len());
        }
        (offered, stream.write_vectored(&slices[..count]))
    }

    /// The first `count` bytes have left.
    fn advance(&mut self, mut count: usize) {
        self.length -= count;
        while let Some(piece) = self.pieces.front_mut() {
            let rest = piece.rest().len();
            if count < rest {
                piece.left += count;
                break;
            }
            count -= rest;
            if let Some(piece) = self.pieces.pop_front() {
                self.retire(piece);
            }
        }
    }

    /// Keeps the storage of a piece that is done with.
    fn retire(&mut self, piece: Piece) {
        if let Bytes::Own(mut bytes) = piece.bytes
            && bytes.capacity() <= MOST_SPARE
        {
            bytes.clear();
            self.spare = bytes;
        }
    }
}
