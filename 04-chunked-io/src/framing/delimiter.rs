//! Framing by delimiter: behind each message stand bytes that are in none.
//!
//! ```text
//! 48 45 4C 4C 4F 0D 0A            HELLO and the end of a line
//! ```
//!
//! A person can type it, and a line of a log shows it. The price: the delimiter must not be in a message, every byte
//! has to be looked at, and a reader without a limit waits for the end until its memory is full.
//!
//! ```
//! use chunked_io::framing::{DelimiterDecoder, DelimiterFraming};
//!
//! let lines = DelimiterFraming::new(b"\r\n", 100)?;
//! assert_eq!(lines.encode(b"HELLO")?, b"HELLO\r\n");
//!
//! let mut decoder = DelimiterDecoder::new(lines);
//! decoder.feed(b"HELLO\r");
//! assert_eq!(decoder.next_message()?, None);
//! decoder.feed(b"\nWOR");
//! assert_eq!(decoder.next_message()?, Some(b"HELLO".to_vec()));
//! # Ok::<(), chunked_io::framing::FramingError>(())
//! ```

use super::FramingError;
use super::pending::Pending;

/// Bytes that end a message, and how long a message may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelimiterFraming {
    delimiter: Vec<u8>,
    limit: usize,
}

impl DelimiterFraming {
    /// Messages that end in `delimiter` and have at most `limit` bytes before it.
    ///
    /// # Errors
    ///
    /// [`FramingError::EmptyDelimiter`].
    pub fn new(delimiter: &[u8], limit: usize) -> Result<Self, FramingError> {
        if delimiter.is_empty() {
            return Err(FramingError::EmptyDelimiter);
        }
        let delimiter = delimiter.to_vec();
        Ok(Self { delimiter, limit })
    }

    /// The message with its delimiter, ready for one send.
    ///
    /// # Errors
    ///
    /// [`FramingError::TooLong`], or [`FramingError::DelimiterInside`] if the reader would find an end before the end.
    pub fn encode(&self, message: &[u8]) -> Result<Vec<u8>, FramingError> {
        if message.len() > self.limit {
            return Err(self.too_long(message.len()));
        }
        let frame = [message, &self.delimiter].concat();
        // Looked for in the whole frame, because it may begin in the message and end in the delimiter:
        // "ab" before "aba" reads as "" and "ba".
        match find(&frame, &self.delimiter, 0) {
            Some(end) if end < frame.len() => Err(FramingError::DelimiterInside {
                position: end - self.delimiter.len(),
            }),
            _ => Ok(frame),
        }
    }

    fn too_long(&self, length: usize) -> FramingError {
        FramingError::TooLong {
            length: length as u64,
            limit: self.limit,
        }
    }
}

/// Finds the messages in bytes that come in pieces of any size.
#[derive(Debug, Clone)]
pub struct DelimiterDecoder {
    framing: DelimiterFraming,
    pending: Pending,
}

impl DelimiterDecoder {
    /// A decoder that has seen nothing.
    #[must_use]
    pub fn new(framing: DelimiterFraming) -> Self {
        let pending = Pending::default();
        Self { framing, pending }
    }

    /// Takes the next bytes of the stream. Ask for the messages in them before feeding more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.pending.feed(bytes);
    }

    /// The next whole message without its delimiter, or `None` until more bytes come.
    ///
    /// # Errors
    ///
    /// [`FramingError::TooLong`] as soon as more than the limit came. The stream is of no use after that.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, FramingError> {
        let delimiter = &self.framing.delimiter;
        let Some(end) = self.pending.find(delimiter) else {
            // The last bytes may be the beginning of the delimiter.
            let least = self.pending.bytes().len().saturating_sub(delimiter.len() - 1);
            return if least > self.framing.limit {
                Err(self.framing.too_long(least))
            } else {
                Ok(None)
            };
        };
        let length = end - delimiter.len();
        if length > self.framing.limit {
            return Err(self.framing.too_long(length));
        }
        let message = self.pending.bytes()[..length].to_vec();
        self.pending.consume(end);
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

/// Where `delimiter` ends in `bytes`, looking from `start`. `delimiter` has at least one byte.
pub(crate) fn find(bytes: &[u8], delimiter: &[u8], start: usize) -> Option<usize> {
    let offset = bytes[start..]
        .windows(delimiter.len())
        .position(|window| window == delimiter)?;
    Some(start + offset + delimiter.len())
}
