//! From where a server can be reached: a question about its address, so step 1 answers it.

use std::fmt;
use std::net::IpAddr;

use ip::{Class, classify};

/// From where a server on an address can be reached, firewalls aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Loopback: only programs on this machine.
    ThisMachine,
    /// Link-local: machines on the same link.
    SameLink,
    /// Private, unique local and shared addresses: machines of the same network.
    SameNetwork,
    /// A global address: everybody.
    Internet,
    /// The unspecified address: whoever reaches any address of this machine.
    EveryAddress,
    /// A multicast address: the members of a group.
    Group,
    /// Anything else; no such address should be a server's.
    Nowhere,
}

impl Reach {
    /// The reach of a server that listens on `address`.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        // ::ffff:192.0.2.1 is an IPv4 address in a socket of the other family.
        let found = classify(address.to_canonical());
        match found.class() {
            Class::Loopback => Self::ThisMachine,
            Class::LinkLocal => Self::SameLink,
            Class::Private | Class::UniqueLocal | Class::Shared => Self::SameNetwork,
            Class::Unspecified => Self::EveryAddress,
            Class::Multicast => Self::Group,
            _ if found.is_globally_reachable() => Self::Internet,
            _ => Self::Nowhere,
        }
    }

    /// Whether anybody but this machine can get there.
    #[must_use]
    pub fn is_open_to_others(self) -> bool {
        !matches!(self, Self::ThisMachine | Self::Nowhere)
    }
}

/// Those of this machine's `addresses` on which a server that listens on `wildcard` is reached: all of its family. With
/// `[::]` come the IPv4 addresses too, unless its program has set `IPV6_V6ONLY`, which the system does not tell.
#[must_use]
pub fn behind(wildcard: IpAddr, addresses: &[IpAddr]) -> Vec<IpAddr> {
    let is_meant = |address: &&IpAddr| match wildcard {
        IpAddr::V4(_) => address.is_ipv4(),
        IpAddr::V6(_) => true,
    };
    addresses.iter().filter(is_meant).copied().collect()
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ThisMachine => "this machine only",
            Self::SameLink => "its link",
            Self::SameNetwork => "its private network",
            Self::Internet => "the Internet",
            Self::EveryAddress => "every address of this machine",
            Self::Group => "a multicast group",
            Self::Nowhere => "nowhere",
        })
    }
}
