//! The versions of STOMP, and how two sides agree on one.

use std::fmt;

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 2005: no escapes, no NACK, no heart-beats; subscriptions may go without an id.
    V1_0,
    /// 2011: negotiation, escapes, NACK, heart-beats, virtual hosts.
    V1_1,
    /// 2012: CR LF is allowed, the escape `\r` is new, and ACK has a header of its own.
    V1_2,
}

impl Version {
    /// All versions, the oldest first.
    pub const ALL: [Self; 3] = [Self::V1_0, Self::V1_1, Self::V1_2];

    /// All versions as `accept-version` lists them.
    pub const LIST: &'static str = "1.0,1.1,1.2";

    /// The number in the headers `accept-version` and `version`.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        }
    }

    /// The version with this number, if there is one.
    #[must_use]
    pub fn from_number(number: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.number() == number)
    }

    /// The WebSocket subprotocol of this version in IANA's registry (RFC 6455, section 11.5).
    #[must_use]
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::V1_0 => "v10.stomp",
            Self::V1_1 => "v11.stomp",
            Self::V1_2 => "v12.stomp",
        }
    }

    /// The highest version that `accept_version` lists and we know. Without the header the client
    /// knows 1.0 only (STOMP 1.2, "Protocol Negotiation").
    #[must_use]
    pub fn highest_common(accept_version: Option<&str>) -> Option<Self> {
        let Some(list) = accept_version else {
            return Some(Self::V1_0);
        };
        list.split(',')
            .filter_map(|number| Self::from_number(number.trim()))
            .max()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number())
    }
}
