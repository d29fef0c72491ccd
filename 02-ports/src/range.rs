//! The three ranges into which RFC 6335, section 6, divides the ports.

use std::fmt;
use std::ops::RangeInclusive;

/// Who may use a port, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortRange {
    /// 0 to 1023, once "well-known": IANA assigns them by the strictest rules.
    System,
    /// 1024 to 49151, once "registered": IANA assigns them to whoever asks with a reason.
    User,
    /// 49152 to 65535, also "private" or "ephemeral": never assigned, free for anybody for a while.
    Dynamic,
}

impl PortRange {
    /// All three, in ascending order.
    pub const ALL: [Self; 3] = [Self::System, Self::User, Self::Dynamic];

    /// The range that `port` lies in.
    #[must_use]
    pub fn of(port: u16) -> Self {
        match port {
            0..=1023 => Self::System,
            1024..=49151 => Self::User,
            49152.. => Self::Dynamic,
        }
    }

    /// The first and the last port of the range.
    #[must_use]
    pub fn ports(self) -> RangeInclusive<u16> {
        match self {
            Self::System => 0..=1023,
            Self::User => 1024..=49151,
            Self::Dynamic => 49152..=65535,
        }
    }

    /// The name in RFC 6335, in lower case: `system`, `user` or `dynamic`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Dynamic => "dynamic",
        }
    }

    /// What the range is for, in a few words.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::System => "the oldest services; on Unix, by tradition, only root may listen",
            Self::User => "services that asked IANA for a number",
            Self::Dynamic => "never assigned: for clients and other passers-by",
        }
    }
}

/// `system, 0 to 1023`
impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = self.ports();
        write!(f, "{}, {} to {}", self.name(), ports.start(), ports.end())
    }
}

/// Why `port` is never assigned to a service, if it is one of those.
///
/// The values at the edges of the ranges are kept back, in case the ranges ever have to be extended
/// (RFC 6335, section 6). Port 0 has a use of its own in the socket calls.
#[must_use]
pub fn reservation(port: u16) -> Option<&'static str> {
    match port {
        0 => Some("reserved: no service has it; a program that binds port 0 asks the system to choose one"),
        1023 | 1024 | 49151 => Some("reserved: the edge of a range is assigned to nobody"),
        _ => None,
    }
}
