//! EUI-64: how a network card's address once became half of an IPv6 address (RFC 4291, appendix A).
//!
//! Today's systems take a random number instead, because the card's address follows a person from network to
//! network (RFC 8981), or one that is stable within each network (RFC 7217). Printers and routers still do it.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The address of a network card: 48 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mac(pub [u8; 6]);

/// A text that is no address of a network card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no network card's address: write six octets in hexadecimal, as in 00:1b:63:84:45:e6")]
pub struct MacError {
    /// What was read.
    pub text: String,
}

impl FromStr for Mac {
    type Err = MacError;

    fn from_str(text: &str) -> Result<Self, MacError> {
        let is_octet = |piece: &&str| piece.len() == 2 && piece.bytes().all(|byte| byte.is_ascii_hexdigit());
        let octets = text.split([':', '-']).filter(is_octet);
        let octets: Vec<u8> = octets
            .filter_map(|piece| u8::from_str_radix(piece, 16).ok())
            .collect();
        let mac = octets.try_into().ok().filter(|_| text.len() == 17);
        mac.map(Self).ok_or_else(|| MacError {
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.map(|octet| format!("{octet:02x}")).join(":"))
    }
}

/// In the first octet, the bit that says whether a card's address came from the factory. EUI-64 turns it round.
const UNIVERSAL: u8 = 0b0000_0010;

impl Mac {
    /// The 64 bits that follow the prefix: `ff:fe` in the middle, and the universal bit turned round.
    #[must_use]
    pub fn interface_identifier(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_be_bytes([a ^ UNIVERSAL, b, c, 0xff, 0xfe, d, e, f])
    }

    /// The card's address within a prefix of 64 bits; the rest of `prefix` is dropped.
    ///
    /// ```
    /// let mac: ip::Mac = "00:1b:63:84:45:e6".parse().unwrap();
    /// let address = mac.within("fe80::".parse().unwrap());
    /// assert_eq!(address.to_string(), "fe80::21b:63ff:fe84:45e6");
    /// ```
    #[must_use]
    pub fn within(self, prefix: Ipv6Addr) -> Ipv6Addr {
        let high = prefix.to_bits() >> 64 << 64;
        Ipv6Addr::from_bits(high | u128::from(self.interface_identifier()))
    }

    /// The card behind an address, if its last half has the form of EUI-64. Chance makes that form in one random
    /// address of 65,536.
    #[must_use]
    pub fn behind(address: Ipv6Addr) -> Option<Self> {
        match address.octets() {
            [.., a, b, c, 0xff, 0xfe, d, e, f] => Some(Self([a ^ UNIVERSAL, b, c, d, e, f])),
            _ => None,
        }
    }
}
