//! What went wrong in the middle of an operation, and how many bytes had moved by then.
//!
//! The count is the point: with it a transfer can be resumed, and a log can say whether the peer fell
//! silent at once or after half a message.

use crate::framing::FramingError;

/// Why an operation of several calls stopped before it was done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One of the calls failed.
    #[error("{source} (after {moved} {})", bytes(*moved))]
    Stopped {
        /// How many bytes had moved before that call.
        moved: usize,
        /// What the call reported.
        source: tcp_socket::Error,
    },
    /// The peer closed in good order, but too early.
    #[error(
        "{peer} closed the connection after {moved} of {wanted}: it sent less than it promised, or it was stopped"
    )]
    EndedEarly {
        /// The other end.
        peer: String,
        /// How many bytes had come.
        moved: usize,
        /// What was waited for: `10 bytes`, `the bytes up to "\n"`.
        wanted: String,
    },
    /// The message is longer than the reader is ready to hold.
    #[error("{peer} sent more than {limit} {} without an end: raise the limit if that is right", bytes(*limit))]
    TooLong {
        /// The other end.
        peer: String,
        /// The most that the reader allowed, in bytes.
        limit: usize,
        /// How many bytes had come. One call may bring more than the limit that it breaks.
        moved: usize,
    },
    /// [`pull_until`](crate::pull_until) was asked to look for nothing.
    #[error("an empty delimiter ends every message before it begins: name at least one byte")]
    EmptyDelimiter,
    /// What came is no frame, or what was to be sent fits into none.
    #[error("the framing with {peer} is broken: {source}")]
    Framing {
        /// The other end.
        peer: String,
        /// The rule that was broken.
        source: FramingError,
        /// How many bytes had come.
        moved: usize,
    },
}

fn bytes(count: usize) -> &'static str {
    if count == 1 { "byte" } else { "bytes" }
}

impl Error {
    /// How many bytes had moved when the operation stopped.
    #[must_use]
    pub fn moved(&self) -> usize {
        match self {
            Self::Stopped { moved, .. }
            | Self::EndedEarly { moved, .. }
            | Self::TooLong { moved, .. }
            | Self::Framing { moved, .. } => *moved,
            Self::EmptyDelimiter => 0,
        }
    }
}
