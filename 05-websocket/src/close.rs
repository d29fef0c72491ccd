//! The closing handshake: each side sends one Close frame, with a code and a reason (RFC 6455, sections 5.5.1 and 7).

use std::fmt;

use crate::Violation;
use crate::frame::CONTROL_PAYLOAD_LIMIT;

/// Why a connection ends, as a number (RFC 6455, section 7.4.1, and the IANA registry that continues it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The purpose is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// A server goes down, or a browser leaves the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// The message is of a kind that this end does not take.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// No code was in the Close frame. Never sent: it only reports.
    pub const NO_STATUS: Self = Self(1005);
    /// The connection ended without a Close frame. Never sent: it only reports.
    pub const ABNORMAL: Self = Self(1006);
    /// The data does not fit its type: text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// The message is against this end's rules.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// The message is too big.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// The client needed an extension that the server did not grant.
    pub const MANDATORY_EXTENSION: Self = Self(1010);
    /// The server met a failure of its own.
    pub const INTERNAL_ERROR: Self = Self(1011);

    /// Whether a Close frame may carry it: the codes of the registry and 3000 to 4999 for libraries and
    /// applications, but not those that only report (RFC 6455, section 7.4.2).
    #[must_use]
    pub fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }

    /// What the number says, in a few words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self.0 {
            1000 => "normal closure",
            1001 => "going away",
            1002 => "protocol error",
            1003 => "unsupported data",
            1005 => "no code given",
            1006 => "lost without a Close frame",
            1007 => "invalid payload",
            1008 => "policy violation",
            1009 => "message too big",
            1010 => "mandatory extension",
            1011 => "internal error",
            1012 => "service restart",
            1013 => "try again later",
            1014 => "bad gateway",
            3000..=3999 => "registered by a library",
            4000..=4999 => "private to the application",
            _ => "not a close code",
        }
    }
}

/// `1000 (normal closure)`
impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.meaning())
    }
}

/// What a Close frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// [`CloseCode::NO_STATUS`] if the frame was empty.
    pub code: CloseCode,
    /// A few words for the log, not for people (RFC 6455, section 5.5.1).
    pub reason: String,
}

impl Close {
    /// A Close with code and reason. A reason that does not fit in a control frame (123 bytes) is cut.
    #[must_use]
    pub fn new(code: CloseCode, reason: &str) -> Self {
        let room = reason.floor_char_boundary(CONTROL_PAYLOAD_LIMIT - size_of::<u16>());
        Self {
            code,
            reason: reason[..room].to_owned(),
        }
    }

    /// Reads the payload of a Close frame: nothing, or a code of two bytes and a reason in UTF-8.
    ///
    /// # Errors
    ///
    /// [`Violation::CloseTruncated`], [`Violation::CloseCode`] or [`Violation::CloseReason`].
    pub fn parse(payload: &[u8]) -> Result<Self, Violation> {
        let Some((code, reason)) = payload.split_first_chunk() else {
            return match payload {
                [] => Ok(Self::new(CloseCode::NO_STATUS, "")),
                _ => Err(Violation::CloseTruncated),
            };
        };
        let code = CloseCode(u16::from_be_bytes(*code));
        if !code.may_be_sent() {
            return Err(Violation::CloseCode { code: code.0 });
        }
        let reason = str::from_utf8(reason).map_err(|_| Violation::CloseReason)?;
        Ok(Self::new(code, reason))
    }

    /// The payload of a Close frame that says this.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        if self.code == CloseCode::NO_STATUS {
            return Vec::new();
        }
        [&self.code.0.to_be_bytes(), self.reason.as_bytes()].concat()
    }
}

/// `1000 (normal closure): bye`
impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason.as_str() {
            "" => write!(f, "{}", self.code),
            reason => write!(f, "{}: {reason}", self.code),
        }
    }
}
