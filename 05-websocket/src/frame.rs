//! The header of a frame: 2 to 14 bytes that say what follows (RFC 6455, section 5.2).
//!
//! ```
//! use websocket::frame::{FrameHeader, Opcode};
//!
//! // The unmasked "Hello" of section 5.7.
//! let bytes = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f];
//! let (header, size) = FrameHeader::decode(&bytes).expect("two bytes are enough");
//! assert!(header.fin);
//! assert_eq!((header.opcode, header.length, size), (Opcode::Text, 5, 2));
//! ```

use std::fmt;

use crate::mask::{self, MaskingKey};
use crate::message::Kind;
use crate::{Role, Violation};

/// The longest header: 2 bytes, 8 of length, 4 of masking key.
pub const LONGEST_HEADER: usize = 14;

/// The most that Close, Ping and Pong carry, in bytes (section 5.5).
pub const CONTROL_PAYLOAD_LIMIT: usize = 125;

/// The most that 64 bits of length may say: their highest bit has to be 0.
const LONGEST_PAYLOAD: u64 = u64::MAX >> 1;

/// The reserved bit that permessage-deflate uses: the message is compressed (RFC 7692, section 6).
pub const RSV1: u8 = 0b100;

/// What a frame is for: four bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Opcode {
    /// 0: more of the message under way.
    Continuation,
    /// 1: a text message begins.
    Text,
    /// 2: a binary message begins.
    Binary,
    /// 8: the last frame of this direction.
    Close,
    /// 9: "are you there?"
    Ping,
    /// 10: "yes".
    Pong,
    /// 3 to 7, 11 to 15: no meaning yet.
    Reserved(u8),
}

impl From<u8> for Opcode {
    fn from(bits: u8) -> Self {
        match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => Self::Reserved(bits),
        }
    }
}

impl Opcode {
    /// The four bits.
    #[must_use]
    pub fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
            Self::Reserved(bits) => bits,
        }
    }

    /// The kind of message that begins with this frame, if one does.
    #[must_use]
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Text => Some(Kind::Text),
            Self::Binary => Some(Kind::Binary),
            _ => None,
        }
    }

    /// Whether the frame is about the connection, not part of a message: the highest of the four bits is set.
    #[must_use]
    pub fn is_control(self) -> bool {
        self.bits() & 0b1000 != 0
    }
}

impl From<Kind> for Opcode {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Binary => Self::Binary,
        }
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Continuation => f.write_str("continuation"),
            Self::Text => f.write_str("text"),
            Self::Binary => f.write_str("binary"),
            Self::Close => f.write_str("close"),
            Self::Ping => f.write_str("ping"),
            Self::Pong => f.write_str("pong"),
            Self::Reserved(bits) => write!(f, "reserved opcode {bits}"),
        }
    }
}

/// Everything that a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Whether this frame is the last of its message.
    pub fin: bool,
    /// RSV1 (4), RSV2 (2) and RSV3 (1), for extensions.
    pub reserved: u8,
    /// What the frame is for.
    pub opcode: Opcode,
    /// The key that the payload is masked with, if it is.
    pub mask: Option<MaskingKey>,
    /// The payload's length in bytes.
    pub length: u64,
}

impl FrameHeader {
    /// The header of a frame that is a whole message, or a control frame.
    #[must_use]
    pub fn whole(opcode: Opcode, length: usize, mask: Option<MaskingKey>) -> Self {
        Self {
            fin: true,
            reserved: 0,
            opcode,
            mask,
            length: length as u64,
        }
    }

    /// Reads the header at the front of `bytes`, and says how many bytes it takes; `None` if some are still to come.
    ///
    /// Only the structure is read here, and every pattern of bits has one. Whether it is allowed is
    /// [`FrameHeader::check`]'s question.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let (&[first, second], rest) = bytes.split_first_chunk()?;
        let (length, rest) = match second & 0x7F {
            126 => rest
                .split_first_chunk()
                .map(|(length, rest)| (u16::from_be_bytes(*length).into(), rest))?,
            127 => rest
                .split_first_chunk()
                .map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
            short => (short.into(), rest),
        };
        let (mask, rest) = match second & 0x80 {
            0 => (None, rest),
            _ => rest.split_first_chunk().map(|(key, rest)| (Some(*key), rest))?,
        };
        let header = Self {
            fin: first & 0x80 != 0,
            reserved: first >> 4 & 0b111,
            opcode: Opcode::from(first & 0x0F),
            mask,
            length,
        };
        Some((header, bytes.len() - rest.len()))
    }

    /// Whether the message that begins here is compressed.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        self.reserved & RSV1 != 0
    }

    /// Takes the mask off a part of the payload that begins at `offset`, if the frame has one.
    pub fn unmask(&self, bytes: &mut [u8], offset: u64) {
        if let Some(key) = self.mask {
            // Only the place within the key counts, and that is the offset modulo 4.
            mask::apply(bytes, key, (offset % 4) as usize);
        }
    }

    /// Writes the header onto the end of `out`, the length in as few bytes as hold it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.fin) << 7 | self.reserved << 4 | self.opcode.bits());
        let masked = u8::from(self.mask.is_some()) << 7;
        match (u8::try_from(self.length), u16::try_from(self.length)) {
            (Ok(length @ ..=125), _) => out.push(masked | length),
            (_, Ok(length)) => {
                out.push(masked | 126);
                out.extend_from_slice(&length.to_be_bytes());
            }
            _ => {
                out.push(masked | 127);
                out.extend_from_slice(&self.length.to_be_bytes());
            }
        }
        out.extend(self.mask.iter().flatten());
    }

    /// How many bits of the header hold the length: 7, 16 or 64.
    fn minimal_length_bits(&self) -> u8 {
        match self.length {
            ..=125 => 7,
            126..=0xFFFF => 16,
            _ => 64,
        }
    }

    /// Whether a peer in `role` may send this header in `size` bytes. `agreed` has the reserved bits that an agreed
    /// extension uses: [`RSV1`], or none.
    ///
    /// # Errors
    ///
    /// The first [`Violation`], in the order of the fields.
    pub fn check(&self, size: usize, role: Role, agreed: u8) -> Result<(), Violation> {
        if self.reserved & !agreed != 0 {
            return Err(Violation::ReservedBits { bits: self.reserved });
        }
        if let Opcode::Reserved(opcode) = self.opcode {
            return Err(Violation::ReservedOpcode { opcode });
        }
        match (role, self.mask) {
            (Role::Client, None) => return Err(Violation::Unmasked),
            (Role::Server, Some(_)) => return Err(Violation::Masked),
            _ => {}
        }
        self.check_length(size)?;
        if self.opcode.is_control() && !self.fin {
            return Err(Violation::ControlFragmented);
        }
        if self.is_compressed() && self.opcode.kind().is_none() {
            return Err(Violation::CompressionBit);
        }
        Ok(())
    }

    fn check_length(&self, size: usize) -> Result<(), Violation> {
        let bits = match size - 2 - self.mask.map_or(0, |key| key.len()) {
            0 => 7,
            2 => 16,
            _ => 64,
        };
        if bits != self.minimal_length_bits() {
            return Err(Violation::LengthNotMinimal {
                length: self.length,
                bits,
            });
        }
        if self.length > LONGEST_PAYLOAD {
            return Err(Violation::LengthTooLarge { length: self.length });
        }
        if self.opcode.is_control() && self.length > CONTROL_PAYLOAD_LIMIT as u64 {
            return Err(Violation::ControlTooLong { length: self.length });
        }
        Ok(())
    }
}

/// Writes a whole frame onto the end of `out`: the header, and the payload, masked if the header says so.
pub fn encode(header: &FrameHeader, payload: &[u8], out: &mut Vec<u8>) {
    header.encode(out);
    let start = out.len();
    out.extend_from_slice(payload);
    header.unmask(&mut out[start..], 0);
}
