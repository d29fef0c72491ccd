//! NAT64: how a machine without IPv4 reaches an IPv4 host.
//!
//! The translator owns a prefix. Whoever sends to that prefix with an IPv4 address inside reaches the IPv4 host
//! (RFC 6052). The prefix may be 32, 40, 48, 56, 64 or 96 bits long, and the four octets follow it, stepping over
//! octet 8, which stays zero (section 2.2).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::Ipv6Net;

/// A translator's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nat64Prefix {
    net: Ipv6Net,
}

/// Why a prefix is not one of a translator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Nat64Error {
    /// No IPv6 prefix at all.
    #[error("{text:?} is no IPv6 prefix: write it as 64:ff9b::/96")]
    NotAPrefix {
        /// What was read.
        text: String,
    },
    /// RFC 6052 knows six lengths.
    #[error("a NAT64 prefix has 32, 40, 48, 56, 64 or 96 bits, and {net} has {}", net.prefix_len())]
    Length {
        /// The prefix.
        net: Ipv6Net,
    },
    /// Bits 64 to 71 must be zero.
    #[error("{net} is no NAT64 prefix: its bits 64 to 71 must be zero (RFC 6052, section 2.2)")]
    ReservedOctet {
        /// The prefix.
        net: Ipv6Net,
    },
}

/// The octet that stays zero, bits 64 to 71.
const RESERVED: usize = 8;

impl Nat64Prefix {
    /// 64:ff9b::/96, which means the same in every network (RFC 6052, section 2.1).
    pub const WELL_KNOWN: Self = Self {
        net: Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
    };

    /// The lengths that RFC 6052 allows, in bits.
    pub const LENGTHS: [u8; 6] = [32, 40, 48, 56, 64, 96];

    /// A translator's prefix; bits after its length are dropped.
    ///
    /// # Errors
    ///
    /// [`Nat64Error`] if the length is none of the six, or if the reserved octet is not zero.
    pub fn new(net: Ipv6Net) -> Result<Self, Nat64Error> {
        let net = net.trunc();
        if !Self::LENGTHS.contains(&net.prefix_len()) {
            return Err(Nat64Error::Length { net });
        }
        if net.addr().octets()[RESERVED] != 0 {
            return Err(Nat64Error::ReservedOctet { net });
        }
        Ok(Self { net })
    }

    /// Where the four octets stand among the sixteen: right after the prefix, but never in the reserved one.
    pub fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let first = usize::from(self.net.prefix_len() / 8);
        (first..16).filter(|&place| place != RESERVED).take(4)
    }

    /// The IPv6 address under which a machine without IPv4 reaches this host.
    ///
    /// ```
    /// use ip::Nat64Prefix;
    ///
    /// let phone_sees = Nat64Prefix::WELL_KNOWN.embed("192.0.2.33".parse().unwrap());
    /// assert_eq!(phone_sees.to_string(), "64:ff9b::c000:221");
    /// ```
    #[must_use]
    pub fn embed(&self, address: Ipv4Addr) -> Ipv6Addr {
        let mut octets = self.net.addr().octets();
        for (place, octet) in self.places().zip(address.octets()) {
            octets[place] = octet;
        }
        octets.into()
    }

    /// The IPv4 host behind this address, if the address begins with the prefix. The octets that follow are for
    /// later use and are ignored (RFC 6052, section 2.3).
    #[must_use]
    pub fn extract(&self, address: Ipv6Addr) -> Option<Ipv4Addr> {
        if !self.net.contains(&address) {
            return None;
        }
        let mut inside = [0; 4];
        for (octet, place) in inside.iter_mut().zip(self.places()) {
            *octet = address.octets()[place];
        }
        Some(inside.into())
    }

    /// The prefix that a network's DNS64 used for this AAAA record of `ipv4only.arpa`. That name has just two A
    /// records, 192.0.0.170 and 192.0.0.171, so wherever one of them stands, a prefix ends (RFC 7050, section 3).
    /// `None` if it stands nowhere, or in two places.
    #[must_use]
    pub fn discovered_in(address: Ipv6Addr) -> Option<Self> {
        let known = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];
        let mut found = Self::LENGTHS
            .into_iter()
            .filter_map(|length| Self::new(Ipv6Net::new(address, length).ok()?).ok())
            .filter(|prefix| {
                prefix
                    .extract(address)
                    .is_some_and(|inside| known.contains(&inside))
            });
        found.next().filter(|_| found.next().is_none())
    }
}

impl fmt::Display for Nat64Prefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.net.fmt(out)
    }
}

impl FromStr for Nat64Prefix {
    type Err = Nat64Error;

    fn from_str(text: &str) -> Result<Self, Nat64Error> {
        let net = text.parse().map_err(|_| Nat64Error::NotAPrefix {
            text: text.to_owned(),
        })?;
        Self::new(net)
    }
}
