//! A subnet: the addresses that share their first bits, and what the first and the last of them are for.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::bits::number;
use crate::count::PowerOfTwo;

/// The addresses that share a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subnet {
    net: IpNet,
}

/// What an address is within its subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Position {
    /// The subnet's own address, all host bits 0: it names the subnet, not a host.
    Network,
    /// All host bits 0 in IPv6: any router of this subnet (RFC 4291, section 2.6.1).
    RouterAnycast,
    /// All host bits 1 in IPv4: every host of this subnet (RFC 922).
    Broadcast,
    /// A host, counted from 1.
    Host(u128),
    /// Not in this subnet at all.
    Outside,
}

impl From<IpNet> for Subnet {
    /// The subnet of an address with a prefix; the host bits are dropped.
    fn from(net: IpNet) -> Self {
        Self { net: net.trunc() }
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.net.fmt(out)
    }
}

impl Subnet {
    /// The subnet as `ipnet` writes it, without host bits: `192.168.0.0/24`.
    #[must_use]
    pub fn net(&self) -> IpNet {
        self.net
    }

    /// How many bits all its addresses share.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        self.net.prefix_len()
    }

    /// How many bits are left for hosts.
    #[must_use]
    pub fn host_bits(&self) -> u8 {
        self.net.max_prefix_len() - self.net.prefix_len()
    }

    /// How many addresses it has, hosts or not.
    #[must_use]
    pub fn addresses(&self) -> PowerOfTwo {
        PowerOfTwo::new(self.host_bits())
    }

    /// The first address: all host bits 0.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        self.net.network()
    }

    /// The last address: all host bits 1.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        self.net.broadcast()
    }

    /// One bits where the prefix is: `255.255.255.0`.
    #[must_use]
    pub fn mask(&self) -> IpAddr {
        self.net.netmask()
    }

    /// The mask upside down, as routers' access lists write it: `0.0.0.255`.
    #[must_use]
    pub fn wildcard(&self) -> IpAddr {
        self.net.hostmask()
    }

    /// The address that every host of the subnet listens to. IPv6 has none, and neither has an IPv4 subnet of two
    /// addresses (RFC 3021) or one.
    #[must_use]
    pub fn broadcast(&self) -> Option<IpAddr> {
        (self.net.addr().is_ipv4() && self.host_bits() > 1).then(|| self.last())
    }

    /// The first address that a host can have. With two addresses (/31 by RFC 3021, /127 by RFC 6164) or one, the
    /// first of all; else the one after: IPv4 keeps the first for the subnet itself, IPv6 for its routers.
    #[must_use]
    pub fn first_host(&self) -> IpAddr {
        match self.network() {
            first if self.host_bits() <= 1 => first,
            IpAddr::V4(first) => IpAddr::V4((first.to_bits() + 1).into()),
            IpAddr::V6(first) => IpAddr::V6((first.to_bits() + 1).into()),
        }
    }

    /// The last address that a host can have: the last of all, or in IPv4 the one before the broadcast.
    #[must_use]
    pub fn last_host(&self) -> IpAddr {
        match self.broadcast() {
            Some(IpAddr::V4(broadcast)) => IpAddr::V4((broadcast.to_bits() - 1).into()),
            _ => self.last(),
        }
    }

    /// How many addresses a host can have. ::/0 has 2^128 − 1, which just fits.
    #[must_use]
    pub fn hosts(&self) -> u128 {
        number(self.last_host()) - number(self.first_host()) + 1
    }

    /// Whether an address lies in this subnet; one of the other family never does.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.net.contains(&address)
    }

    /// What an address is within this subnet.
    #[must_use]
    pub fn position(&self, address: IpAddr) -> Position {
        if !self.contains(address) {
            return Position::Outside;
        }
        let is_first = address == self.network() && self.host_bits() > 1;
        match address {
            IpAddr::V4(_) if is_first => Position::Network,
            IpAddr::V6(_) if is_first => Position::RouterAnycast,
            _ if self.broadcast() == Some(address) => Position::Broadcast,
            _ => Position::Host(number(address) - number(self.first_host()) + 1),
        }
    }
}
