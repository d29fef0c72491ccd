//! Framing: how a reader finds the messages again in a stream that has no boundaries.
//!
//! | module | where a message ends |
//! | --- | --- |
//! | [`length`] | after as many bytes as the header before it says |
//! | [`delimiter`] | at bytes that are in no message |
//! | [`chunked`] | after pieces that each say their length, at one of length 0: HTTP's way |
//!
//! An encoder gives bytes and a decoder takes them, in pieces of any size; neither owns a socket. So the
//! same decoder serves a blocking client, an event loop and a test.

pub mod chunked;
pub mod delimiter;
pub mod length;
mod pending;

pub use chunked::ChunkedDecoder;
pub use delimiter::{DelimiterDecoder, DelimiterFraming};
pub use length::{LengthDecoder, LengthFraming, pull_framed, send_framed};

/// Why bytes are no frame, or a message fits into none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FramingError {
    /// The message is longer than the reader is ready to hold, or the header can say.
    #[error("a message of {length} bytes is over the limit of {limit}")]
    TooLong {
        /// The length that was announced, asked for or reached, in bytes.
        length: u64,
        /// The most that is allowed, in bytes.
        limit: usize,
    },
    /// The stream ended inside a message.
    #[error("the stream ended {pending} bytes into a message")]
    Unfinished {
        /// The bytes of the message that had come.
        pending: usize,
    },
    /// Nothing cannot end a message.
    #[error("an empty delimiter ends every message before it begins: name at least one byte")]
    EmptyDelimiter,
    /// The message would end in its middle.
    #[error("the message holds the delimiter at byte {position}: escape it, or frame by length")]
    DelimiterInside {
        /// Where the reader would see the end, in bytes from the beginning.
        position: usize,
    },
    /// A rule of the coding is broken.
    #[error("the coding is broken: {rule} ({section})")]
    Malformed {
        /// The rule.
        rule: &'static str,
        /// Where it stands.
        section: &'static str,
    },
}
