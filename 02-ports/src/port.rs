//! A port: 16 bits that say which program on a host is meant.

use std::fmt;
use std::str::FromStr;

use crate::PortRange;

/// Why a text is not a port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// The number needs more than 16 bits.
    #[error("{text} is not a port: a port is a 16-bit number, so the last one is 65535")]
    TooLarge {
        /// What was given.
        text: String,
    },
    /// There is something else than digits in it, or nothing at all.
    #[error("{text:?} is not a port: a port is a number from 0 to 65535, written in decimal digits")]
    NotANumber {
        /// What was given.
        text: String,
    },
}

/// A port of TCP, UDP, SCTP or DCCP: each protocol has 65,536 of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(u16);

impl Port {
    /// The number itself.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }

    /// The range of RFC 6335 that the port lies in.
    #[must_use]
    pub fn range(self) -> PortRange {
        PortRange::of(self.0)
    }
}

impl From<u16> for Port {
    fn from(number: u16) -> Self {
        Self(number)
    }
}

impl From<Port> for u16 {
    fn from(port: Port) -> Self {
        port.0
    }
}

/// Digits only: no sign, no space. Leading zeros are allowed, as they are in a URL (RFC 3986, section 3.2.3).
impl FromStr for Port {
    type Err = PortError;

    fn from_str(text: &str) -> Result<Self, PortError> {
        // `u16::from_str` alone would let "+80" pass.
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PortError::NotANumber {
                text: text.to_owned(),
            });
        }
        let number = text.parse().map_err(|_| PortError::TooLarge {
            text: text.to_owned(),
        })?;
        Ok(Self(number))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
