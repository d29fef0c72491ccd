//! Every way to break the protocol: what the peer did, the close code that answers it, and the section it broke.

use std::time::Duration;

use crate::frame::CONTROL_PAYLOAD_LIMIT;
use crate::{CloseCode, Kind};

/// What the peer did that RFC 6455 forbids, or that this end does not allow.
///
/// Such a connection cannot be mended, because nobody knows what the next byte means: it is *failed*
/// (section 7.1.7). Close is sent with [`Violation::close_code`], and nothing more is read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// A client has to mask every frame.
    #[error("a client's frame came without a mask")]
    Unmasked,
    /// A server must not mask.
    #[error("a server's frame came with a mask")]
    Masked,
    /// RSV1, RSV2 and RSV3 are for extensions, and none was agreed.
    #[error("reserved bits are set ({bits:03b}), and no extension was agreed that uses them")]
    ReservedBits {
        /// RSV1 is 4, RSV2 is 2, RSV3 is 1.
        bits: u8,
    },
    /// RSV1 says that a message is compressed, and only the first frame of one says it.
    #[error("a frame that does not begin a message says that it is compressed (RSV1)")]
    CompressionBit,
    /// What should have been compressed data is none.
    #[error("a compressed message is not DEFLATE")]
    NotDeflate,
    /// Opcodes 3 to 7 and 11 to 15 have no meaning yet.
    #[error("opcode {opcode} has no meaning")]
    ReservedOpcode {
        /// The four bits.
        opcode: u8,
    },
    /// The length has to be written in the fewest bytes that hold it.
    #[error("a length of {length} was written in {bits} bits, and would fit in fewer")]
    LengthNotMinimal {
        /// The payload's length in bytes.
        length: u64,
        /// How many bits the header spent on it: 16 or 64.
        bits: u8,
    },
    /// The most significant bit of a 64-bit length has to be 0.
    #[error("a length of {length} is beyond 2^63 - 1")]
    LengthTooLarge {
        /// What the header said.
        length: u64,
    },
    /// Close, Ping and Pong are one frame.
    #[error("a control frame came in fragments")]
    ControlFragmented,
    /// Close, Ping and Pong are short.
    #[error("a control frame of {length} bytes came; {CONTROL_PAYLOAD_LIMIT} are allowed")]
    ControlTooLong {
        /// The payload's length in bytes.
        length: u64,
    },
    /// The fragments of two messages must not be mixed.
    #[error("a new message began inside an unfinished one")]
    MessageInterrupted,
    /// A continuation frame continues something.
    #[error("a continuation frame came with no message to continue")]
    NothingToContinue,
    /// Text is UTF-8.
    #[error("a text message is not UTF-8 after its first {valid} bytes")]
    InvalidUtf8 {
        /// How many bytes of the message were right.
        valid: usize,
    },
    /// A Close frame is empty or begins with a code.
    #[error("a Close frame has one byte; a code has two")]
    CloseTruncated,
    /// Not every number is a close code.
    #[error("a Close frame has code {code}, which must not be sent")]
    CloseCode {
        /// The number.
        code: u16,
    },
    /// The reason is UTF-8, too.
    #[error("a Close frame has a reason that is not UTF-8")]
    CloseReason,
    /// This end takes only the other kind of message.
    #[error("a message of {kind}, and this end takes none")]
    KindNotTaken {
        /// The kind of message that came.
        kind: Kind,
    },
    /// The message is longer than this end wants to hold.
    #[error("a message is longer than the limit of {limit} bytes")]
    MessageTooLong {
        /// The most that this end takes, in bytes.
        limit: usize,
    },
    /// The frame is longer than this end wants to see.
    #[error("a frame of {length} bytes is longer than the limit of {limit}")]
    FrameTooLong {
        /// The payload's length in bytes.
        length: u64,
        /// The most that this end takes, in bytes.
        limit: usize,
    },
    /// Nobody said anything.
    #[error("no message within {after:?}, in either direction")]
    Idle {
        /// How long this end waited.
        after: Duration,
    },
    /// A Ping has to be answered.
    #[error("no answer to a Ping within {after:?}")]
    PongMissing {
        /// How long this end waited.
        after: Duration,
    },
    /// A Close has to be answered.
    #[error("no answer to a Close within {after:?}")]
    CloseUnanswered {
        /// How long this end waited.
        after: Duration,
    },
    /// The stream ended, and no Close had come.
    #[error("the connection was lost: it ended without a Close frame")]
    Lost,
}

impl Violation {
    /// The code of the Close frame that says so. After [`Violation::Lost`] and
    /// [`Violation::CloseUnanswered`] there is nothing to send: their 1006 only reports.
    #[must_use]
    pub fn close_code(&self) -> CloseCode {
        match self {
            Self::InvalidUtf8 { .. } | Self::CloseReason | Self::NotDeflate => CloseCode::INVALID_PAYLOAD,
            Self::KindNotTaken { .. } => CloseCode::UNSUPPORTED_DATA,
            Self::MessageTooLong { .. } | Self::FrameTooLong { .. } => CloseCode::MESSAGE_TOO_BIG,
            Self::Idle { .. } => CloseCode::GOING_AWAY,
            Self::PongMissing { .. } => CloseCode::INTERNAL_ERROR,
            Self::CloseUnanswered { .. } | Self::Lost => CloseCode::ABNORMAL,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }

    /// The standard that says so: RFC 6455, or RFC 7692 for compression.
    #[must_use]
    pub fn rfc(&self) -> u16 {
        match self {
            Self::CompressionBit | Self::NotDeflate => 7692,
            _ => 6455,
        }
    }

    /// The section of [`Violation::rfc`] that says so.
    #[must_use]
    pub fn section(&self) -> &'static str {
        match self {
            Self::Unmasked | Self::Masked => "5.1",
            Self::ReservedBits { .. }
            | Self::ReservedOpcode { .. }
            | Self::LengthNotMinimal { .. }
            | Self::LengthTooLarge { .. } => "5.2",
            Self::MessageInterrupted | Self::NothingToContinue => "5.4",
            Self::ControlFragmented | Self::ControlTooLong { .. } => "5.5",
            Self::CloseTruncated | Self::CloseReason | Self::CloseUnanswered { .. } => "5.5.1",
            Self::PongMissing { .. } => "5.5.2",
            Self::CompressionBit => "6",
            Self::NotDeflate => "7.2.2",
            Self::Idle { .. } => "7.1.2",
            Self::Lost => "7.1.5",
            Self::KindNotTaken { .. } => "7.4.1",
            Self::CloseCode { .. } => "7.4.2",
            Self::InvalidUtf8 { .. } => "8.1",
            Self::MessageTooLong { .. } | Self::FrameTooLong { .. } => "10.4",
        }
    }
}
