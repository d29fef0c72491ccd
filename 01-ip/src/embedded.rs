//! IPv4 addresses that travel inside IPv6 addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::Ipv6Net;

use crate::nat64::Nat64Prefix;

/// How an IPv6 address came to hold an IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Embedding {
    /// `::ffff:192.0.2.1`: how an IPv6 socket shows an IPv4 peer (RFC 4291, section 2.5.5.2).
    Mapped,
    /// `64:ff9b::192.0.2.1`: how NAT64 shows an IPv4 host (RFC 6052, section 2.1).
    Nat64,
    /// `2002:c000:201::`: the router of a 6to4 network (RFC 3056, section 2).
    SixToFour,
    /// `2001:0:…`: the client of a Teredo tunnel, behind its NAT (RFC 4380, section 4).
    Teredo,
}

impl Embedding {
    /// In plain words: `the IPv4 host behind NAT64`.
    #[must_use]
    pub const fn in_plain_words(self) -> &'static str {
        match self {
            Self::Mapped => "the IPv4 address itself, as an IPv6 socket shows it",
            Self::Nat64 => "the IPv4 host behind NAT64",
            Self::SixToFour => "the 6to4 router in front of this network",
            Self::Teredo => "the Teredo client, as its NAT shows it",
        }
    }

    /// In one stable word: `nat64`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mapped => "ipv4-mapped",
            Self::Nat64 => "nat64",
            Self::SixToFour => "6to4",
            Self::Teredo => "teredo",
        }
    }
}

/// An IPv4 address found inside an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Embedded {
    /// How it got in.
    pub embedding: Embedding,
    /// The address.
    pub address: Ipv4Addr,
}

/// The IPv4 address inside, if this is an IPv6 address of a kind that holds one.
///
/// ```
/// let inside = ip::embedded("64:ff9b::c000:201".parse().unwrap()).unwrap();
/// assert_eq!(inside.address.to_string(), "192.0.2.1");
/// ```
#[must_use]
pub fn embedded(address: IpAddr) -> Option<Embedded> {
    let IpAddr::V6(address) = address else { return None };
    let (embedding, address) = match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] => (Embedding::Mapped, low_32_bits(address)),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => (Embedding::Nat64, low_32_bits(address)),
        [0x2002, high, low, ..] => (Embedding::SixToFour, joined(high, low)),
        // Teredo inverts the bits so that no over-helpful NAT rewrites an address that it recognises.
        [0x2001, 0, _, _, _, _, high, low] => (Embedding::Teredo, joined(!high, !low)),
        _ => return None,
    };
    Some(Embedded { embedding, address })
}

/// The block from which a network may take its translator's prefix (RFC 8215, section 3).
const LOCAL_NAT64: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48);

/// The IPv4 addresses that an address of 64:ff9b:1::/48 may hold, each with the prefix for which it would be right.
///
/// RFC 8215 leaves the length of the prefix to each network, and the address does not tell it. What the address does
/// tell: the bits after the IPv4 address should be zero (RFC 6052, section 2.2), and 0.0.0.0/8 is nobody.
///
/// ```
/// let [(prefix, inside)] = ip::possibly_embedded("64:ff9b:1::c000:221".parse().unwrap())[..] else { panic!() };
/// assert_eq!((prefix.to_string(), inside.to_string()), ("64:ff9b:1::/96".to_owned(), "192.0.2.33".to_owned()));
/// ```
#[must_use]
pub fn possibly_embedded(address: IpAddr) -> Vec<(Nat64Prefix, Ipv4Addr)> {
    let IpAddr::V6(address) = address else {
        return Vec::new();
    };
    if !LOCAL_NAT64.contains(&address) {
        return Vec::new();
    }
    let lengths = Nat64Prefix::LENGTHS
        .into_iter()
        .filter(|&length| length >= LOCAL_NAT64.prefix_len());
    let read = |length| {
        let prefix = Nat64Prefix::new(Ipv6Net::new(address, length).ok()?).ok()?;
        let inside = prefix.extract(address)?;
        (inside.octets()[0] != 0 && prefix.embed(inside) == address).then_some((prefix, inside))
    };
    lengths.filter_map(read).collect()
}

fn low_32_bits(address: Ipv6Addr) -> Ipv4Addr {
    let [.., high, low] = address.segments();
    joined(high, low)
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}
