//! What the two ends of a transfer say to each other: one line of text a message, in a frame.
//!
//! Text, so that a person can read a recording; framed by length, so that a name may hold anything
//! and nothing has to be searched for.

use std::fmt;

use tcp_socket::Stream;

use super::{Digest, TransferError};
use crate::framing::{LengthFraming, pull_framed, send_framed};
use std::time::Duration;

/// A message is a line: 4 bytes of length, and no more than this many behind them.
const FRAMING: LengthFraming<4> = LengthFraming::big_endian(1024);

/// One message of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The sender has a file.
    Offer {
        /// Its size in bytes.
        size: u64,
        /// Its name.
        name: String,
    },
    /// The receiver has this much of it, from an earlier try that was cut off; usually nothing.
    Have {
        /// How many bytes.
        count: u64,
        /// Their digest, by which the sender knows whether they are the beginning of the same file.
        digest: Digest,
    },
    /// The receiver has a file of that name and size already: is it the same?
    Exists {
        /// Its digest.
        digest: Digest,
    },
    /// It is the same file: nothing has to move.
    Same,
    /// It is another file: nothing may move.
    Other,
    /// The sender goes on from here. The bytes follow as they are.
    Start {
        /// How many bytes the receiver keeps: all that it has, or none.
        count: u64,
    },
    /// After the bytes: the digest of the whole file.
    Digest(Digest),
    /// The file is whole, on disk, and has its name.
    Stored,
    /// The receiver does not take the file, and says why.
    Refused {
        /// One sentence for people.
        reason: String,
    },
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offer { size, name } => write!(f, "offer {size} {name}"),
            Self::Have { count, digest } => write!(f, "have {count} {digest}"),
            Self::Exists { digest } => write!(f, "exists {digest}"),
            Self::Same => f.write_str("same"),
            Self::Other => f.write_str("other"),
            Self::Start { count } => write!(f, "start {count}"),
            Self::Digest(digest) => write!(f, "digest {digest}"),
            Self::Stored => f.write_str("stored"),
            Self::Refused { reason } => write!(f, "refused {reason}"),
        }
    }
}

impl Message {
    /// Reads one message; `None` if it is none. Control characters are in no message: a peer's words
    /// are printed on a terminal, which would obey them.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        if text.contains(char::is_control) {
            return None;
        }
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        Some(match word {
            "offer" => {
                let (size, name) = rest.split_once(' ')?;
                let (size, name) = (number(size)?, name.to_owned());
                Self::Offer { size, name }
            }
            "have" => {
                let (count, digest) = rest.split_once(' ')?;
                let (count, digest) = (number(count)?, Digest::parse(digest)?);
                Self::Have { count, digest }
            }
            "exists" => Self::Exists {
                digest: Digest::parse(rest)?,
            },
            "same" if rest.is_empty() => Self::Same,
            "other" if rest.is_empty() => Self::Other,
            "start" => Self::Start { count: number(rest)? },
            "digest" => Self::Digest(Digest::parse(rest)?),
            "stored" if rest.is_empty() => Self::Stored,
            "refused" => Self::Refused {
                reason: rest.to_owned(),
            },
            _ => return None,
        })
    }
}

/// A number in digits only: Rust's own parser also takes `+5`.
fn number(text: &str) -> Option<u64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Sends one message.
pub(super) fn say(
    stream: &mut impl Stream,
    message: &Message,
    patience: Duration,
) -> Result<(), crate::Error> {
    send_framed(stream, &FRAMING, message.to_string().as_bytes(), patience)
}

/// Pulls one message; `None` if the peer closes instead.
pub(super) fn hear(stream: &mut impl Stream, patience: Duration) -> Result<Option<Message>, TransferError> {
    let Some(bytes) = pull_framed(stream, &FRAMING, patience)? else {
        return Ok(None);
    };
    match Message::parse(&bytes) {
        Some(message) => Ok(Some(message)),
        None => Err(TransferError::NotOurProtocol {
            peer: stream.peer(),
            said: format!("\"{}\"", bytes.escape_ascii()),
        }),
    }
}
