//! Framing by length: before each message stands the number of its bytes.
//!
//! ```text
//! 00 00 00 05  48 45 4C 4C 4F     a header of four bytes, big-endian, and HELLO
//! ```
//!
//! The reader knows how much to wait for before it comes, and a message may hold any byte. Most binary
//! protocols do it: TLS records, HTTP/2 frames, DNS over TCP, WebSocket.
//!
//! ```
//! use chunked_io::framing::{LengthDecoder, LengthFraming};
//!
//! let framing = LengthFraming::<2>::big_endian(100);
//! assert_eq!(framing.encode(b"HELLO")?, b"\x00\x05HELLO");
//!
//! let mut decoder = LengthDecoder::new(framing);
//! decoder.feed(b"\x00\x05HEL");
//! assert_eq!(decoder.next_message()?, None);
//! decoder.feed(b"LO\x00\x05WO");
//! assert_eq!(decoder.next_message()?, Some(b"HELLO".to_vec()));
//! assert_eq!(decoder.next_message()?, None);
//! # Ok::<(), chunked_io::framing::FramingError>(())
//! ```

use tcp_socket::{Deadline, Stream};

use super::FramingError;
use super::pending::Pending;
use crate::pull::{ended_early, pull_onto};
use crate::{Error, pull_exact, send_all};

/// The order of the bytes of a number that is longer than one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// The most significant byte first: the order of the Internet's own protocols (RFC 1700, page 3).
    Big,
    /// The least significant byte first: the order of most processors, and of formats born on them.
    Little,
}

/// A header of `WIDTH` bytes, 1 to 8, that holds the length of the message behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthFraming<const WIDTH: usize> {
    order: ByteOrder,
    limit: usize,
}

impl<const WIDTH: usize> LengthFraming<WIDTH> {
    /// A header in the order of the network. A message may have `limit` bytes.
    #[must_use]
    pub const fn big_endian(limit: usize) -> Self {
        Self::new(ByteOrder::Big, limit)
    }

    /// A header in the order of most processors. A message may have `limit` bytes.
    #[must_use]
    pub const fn little_endian(limit: usize) -> Self {
        Self::new(ByteOrder::Little, limit)
    }

    const fn new(order: ByteOrder, limit: usize) -> Self {
        const { assert!(WIDTH >= 1 && WIDTH <= 8, "a length takes 1 to 8 bytes") };
        Self { order, limit }
    }

    /// The message with its header, ready for one send.
    ///
    /// # Errors
    ///
    /// [`FramingError::TooLong`] if the message is over the limit, or its length does not fit into the header.
    pub fn encode(&self, message: &[u8]) -> Result<Vec<u8>, FramingError> {
        let mut frame = self.header(message.len())?.to_vec();
        frame.extend_from_slice(message);
        Ok(frame)
    }

    /// The header of a message of `length` bytes.
    fn header(&self, length: usize) -> Result<[u8; WIDTH], FramingError> {
        let number = length as u64;
        let widest = u64::MAX >> (64 - 8 * WIDTH);
        if length > self.limit || number > widest {
            let limit = self.limit.min(usize::try_from(widest).unwrap_or(usize::MAX));
            return Err(FramingError::TooLong {
                length: number,
                limit,
            });
        }
        let mut header = [0; WIDTH];
        match self.order {
            ByteOrder::Big => header.copy_from_slice(&number.to_be_bytes()[8 - WIDTH..]),
            ByteOrder::Little => header.copy_from_slice(&number.to_le_bytes()[..WIDTH]),
        }
        Ok(header)
    }

    /// The length that a header announces, judged before a byte of the message is waited for.
    fn length(&self, header: [u8; WIDTH]) -> Result<usize, FramingError> {
        let mut number = [0; 8];
        let length = match self.order {
            ByteOrder::Big => {
                number[8 - WIDTH..].copy_from_slice(&header);
                u64::from_be_bytes(number)
            }
            ByteOrder::Little => {
                number[..WIDTH].copy_from_slice(&header);
                u64::from_le_bytes(number)
            }
        };
        let limit = self.limit;
        match usize::try_from(length) {
            Ok(length) if length <= limit => Ok(length),
            _ => Err(FramingError::TooLong { length, limit }),
        }
    }
}

/// Finds the messages in bytes that come in pieces of any size.
#[derive(Debug, Clone)]
pub struct LengthDecoder<const WIDTH: usize> {
    framing: LengthFraming<WIDTH>,
    pending: Pending,
}

impl<const WIDTH: usize> LengthDecoder<WIDTH> {
    /// A decoder that has seen nothing.
    #[must_use]
    pub fn new(framing: LengthFraming<WIDTH>) -> Self {
        let pending = Pending::default();
        Self { framing, pending }
    }

    /// Takes the next bytes of the stream. Ask for the messages in them before feeding more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.pending.feed(bytes);
    }

    /// The next whole message, or `None` until more bytes come.
    ///
    /// # Errors
    ///
    /// [`FramingError::TooLong`] as soon as a header announces too much. The stream is of no use after that.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, FramingError> {
        let Some((header, rest)) = self.pending.bytes().split_first_chunk() else {
            return Ok(None);
        };
        let length = self.framing.length(*header)?;
        let Some(message) = rest.get(..length) else {
            return Ok(None);
        };
        let message = message.to_vec();
        self.pending.consume(WIDTH + length);
        Ok(Some(message))
    }

    /// To be called when the stream ends: is that the end of a message too?
    ///
    /// # Errors
    ///
    /// [`FramingError::Unfinished`] if bytes are left over.
    pub fn finish(&self) -> Result<(), FramingError> {
        self.pending.finish()
    }
}

/// Sends one message with its header.
///
/// # Errors
///
/// [`Error::Framing`] if the message is too long for a frame, or what [`send_all`] reports.
pub fn send_framed<const WIDTH: usize>(
    stream: &mut impl Stream,
    framing: &LengthFraming<WIDTH>,
    message: &[u8],
    deadline: impl Into<Deadline>,
) -> Result<(), Error> {
    let frame = framing
        .encode(message)
        .map_err(|source| broken(stream, source, 0))?;
    send_all(stream, &frame, deadline)
}

fn broken(stream: &impl Stream, source: FramingError, moved: usize) -> Error {
    let peer = stream.peer();
    Error::Framing { peer, source, moved }
}

/// Pulls one message, and not a byte more; `None` if the peer closes before the next one begins.
///
/// The header is no reason to reserve memory: room is made as the bytes come.
///
/// # Errors
///
/// [`Error::Framing`] if the header announces more than the limit, [`Error::EndedEarly`] if the peer closes
/// inside a message, [`Error::Stopped`] if a call fails. Their counts have the header in them.
pub fn pull_framed<const WIDTH: usize>(
    stream: &mut impl Stream,
    framing: &LengthFraming<WIDTH>,
    deadline: impl Into<Deadline>,
) -> Result<Option<Vec<u8>>, Error> {
    let deadline = deadline.into();
    let mut header = [0; WIDTH];
    match pull_exact(stream, &mut header, deadline) {
        Err(Error::EndedEarly { moved: 0, .. }) => return Ok(None),
        result => result?,
    }
    let length = framing
        .length(header)
        .map_err(|source| broken(stream, source, WIDTH))?;
    // The header stays in front while the message comes, so that every count is one of the whole frame.
    let mut frame = header.to_vec();
    while frame.len() - WIDTH < length {
        let missing = length - (frame.len() - WIDTH);
        if pull_onto(stream, &mut frame, missing, deadline)? == 0 {
            let wanted = format!("{} bytes", length.saturating_add(WIDTH));
            return Err(ended_early(stream, frame.len(), wanted));
        }
    }
    frame.drain(..WIDTH);
    Ok(Some(frame))
}
