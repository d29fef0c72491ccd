//! Framing: how a reader finds the messages again in a stream that has no boundaries.
//!
//! | module | where a message ends |
//! | --- | --- |
//! | [`length`] | after as many bytes as the header before it says |
//!
//! An encoder gives bytes and a decoder takes them, in pieces of any size; neither owns a socket. So the
//! same decoder serves a blocking client, an event loop and a test.

pub mod length;
mod pending;

pub use length::{LengthDecoder, LengthFraming, pull_framed, send_framed};

/// Why bytes are no frame, or a message fits into none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FramingError {
    /// The message is longer than the reader is ready to hold, or the header can say.
    #[error("a message of {length} bytes is over the limit of {limit}")]
    TooLong {
        /// The length that was announced or asked for, in bytes.
        length: u64,
        /// The most that is allowed, in bytes.
        limit: usize,
    },
    /// The stream ended inside a message.
    #[error("the stream ended {pending} bytes into a message")]
    Unfinished {
        /// The bytes of the message that had come, its header included.
        pending: usize,
    },
}
