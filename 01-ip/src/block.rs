//! A block of addresses that some RFC has set aside: one row of a registry.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::Class;

/// One cell of the five true-or-false columns of a special-purpose registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// The registry says True.
    True,
    /// The registry says False.
    False,
    /// The registry says N/A: it depends on the IPv4 address inside, or on something else.
    NotApplicable,
    /// The registry says nothing, as it does for blocks that are given up (deprecated).
    Unstated,
}

impl Flag {
    /// True or false, if the registry says either.
    #[must_use]
    pub fn known(self) -> Option<bool> {
        match self {
            Self::True => Some(true),
            Self::False => Some(false),
            Self::NotApplicable | Self::Unstated => None,
        }
    }

    /// Whether the registry says True.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::True
    }
}

impl From<bool> for Flag {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// What may be done with an address: the columns of RFC 6890, section 2.2.1, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flags {
    /// May it be the source of a packet?
    pub source: Flag,
    /// May it be the destination of a packet?
    pub destination: Flag,
    /// May a router pass such a packet on?
    pub forwardable: Flag,
    /// May such a packet cross the border of an organisation, into the Internet?
    pub globally_reachable: Flag,
    /// Must every IP implementation treat it in a special way?
    pub reserved_by_protocol: Flag,
}

impl Flags {
    /// The five cells, in the registry's order.
    #[must_use]
    pub const fn new(cells: [Flag; 5]) -> Self {
        let [
            source,
            destination,
            forwardable,
            globally_reachable,
            reserved_by_protocol,
        ] = cells;
        Self {
            source,
            destination,
            forwardable,
            globally_reachable,
            reserved_by_protocol,
        }
    }

    /// The five cells with the names that IANA's column heads give them.
    #[must_use]
    pub const fn named(self) -> [(&'static str, Flag); 5] {
        [
            ("source", self.source),
            ("destination", self.destination),
            ("forwardable", self.forwardable),
            ("globally reachable", self.globally_reachable),
            ("reserved by protocol", self.reserved_by_protocol),
        ]
    }
}

/// One block: a row of a registry, as the registry words it.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// The addresses of this block.
    pub net: IpNet,
    /// Its name in the registry.
    pub name: &'static str,
    /// The documents that made it: `RFC 1122, Section 3.2.1.3`.
    pub rfc: &'static str,
    /// Since when: `1996-02`; `None` where the source gives no date.
    pub allocated: Option<&'static str>,
    /// Until when, if the block has been given up.
    pub terminated: Option<&'static str>,
    /// What may be done with its addresses.
    pub flags: Flags,
    /// What kind of address this is, in one word.
    pub class: Class,
    /// The registry's footnote, if it has one.
    pub note: Option<&'static str>,
}

impl Block {
    /// The same block with the registry's footnote.
    pub(crate) const fn noted(mut self, note: &'static str) -> Self {
        self.note = Some(note);
        self
    }

    /// The same block, given up at this date.
    pub(crate) const fn ended(mut self, date: &'static str) -> Self {
        self.terminated = Some(date);
        self
    }
}

/// Writes an IPv4 block in a table: `v4([10, 0, 0, 0], 8)`.
pub(crate) const fn v4(octets: [u8; 4], prefix: u8) -> IpNet {
    let [a, b, c, d] = octets;
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix)
}

/// Writes an IPv6 block in a table by its first hextets: `v6(&[0x2001, 0xdb8], 32)`.
pub(crate) const fn v6(first: &[u16], prefix: u8) -> IpNet {
    let mut hextets = [0; 8];
    let mut index = 0;
    while index < first.len() {
        hextets[index] = first[index];
        index += 1;
    }
    let [a, b, c, d, e, f, g, h] = hextets;
    IpNet::new_assert(IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)), prefix)
}
