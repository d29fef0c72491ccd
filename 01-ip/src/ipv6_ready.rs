//! Would it work on a phone that has no IPv4? The rule of Apple's App Store since June 2016.
//!
//! Such a network has two helpers. DNS64 answers a question for a name that has only IPv4 addresses with IPv6 ones
//! that it makes up (RFC 6147); NAT64 translates what is sent there (RFC 6146). Both begin with a *name*. An address
//! that is written into an app asks no DNS, and nobody can help it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::class::Class;
use crate::classify::classify;
use crate::embedded::{Embedding, embedded};
use crate::nat64::Nat64Prefix;

/// What would happen on an IPv6-only network with DNS64 and NAT64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Readiness {
    /// The host has IPv6 itself.
    Native {
        /// The address that would be used.
        address: Ipv6Addr,
    },
    /// DNS64 makes an address up, and NAT64 translates.
    Synthesised {
        /// The host's IPv4 address.
        from: Ipv4Addr,
        /// What the phone sees.
        address: Ipv6Addr,
    },
    /// The connection stays on this machine, or on this network, and needs no help from the provider.
    Local {
        /// The address that would be used.
        address: IpAddr,
    },
    /// It would not work.
    Broken {
        /// Why.
        fault: Unready,
    },
}

/// Why it would not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unready {
    /// An IPv4 address is written where a name should be.
    Ipv4Literal(Ipv4Addr),
    /// So is an IPv6 address that stands for an IPv4 one within a machine.
    MappedLiteral(Ipv6Addr),
    /// An IPv6 address that a DNS64 made up: it leads through one network's translator, and through no other's.
    TranslatedLiteral {
        /// The address.
        address: Ipv6Addr,
        /// The host behind it.
        inside: Ipv4Addr,
    },
    /// An IPv6 address that is for books, or given up, or no host's.
    UnusableLiteral(Ipv6Addr),
    /// An IPv6 address of this name that is of no use, and no IPv4 address that DNS64 could translate.
    UnusableAaaa(Ipv6Addr),
    /// The name has one IPv4 address, and that is not for the Internet; NAT64 must not translate it.
    PrivateA(Ipv4Addr),
    /// The name leads nowhere.
    NoAddress,
}

impl Readiness {
    /// In one stable word: `native`, `synthesised`, `local`, `broken`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Native { .. } => "native",
            Self::Synthesised { .. } => "synthesised",
            Self::Local { .. } => "local",
            Self::Broken { .. } => "broken",
        }
    }

    /// What happens, and what to change, in a sentence or two.
    #[must_use]
    pub fn in_plain_words(&self) -> String {
        match self {
            Self::Native { address } => format!("it has IPv6 of its own, {address}; change nothing"),
            Self::Synthesised { from, address } => format!(
                "it has IPv4 only, {from}; DNS64 makes up {address}, and NAT64 translates; give the server an AAAA \
                 record when you can, and never store the address that was made up"
            ),
            Self::Local { address } => {
                format!("{address} is not on the Internet, so no translator is in the way")
            }
            Self::Broken { fault } => fault.in_plain_words(),
        }
    }
}

impl Unready {
    fn in_plain_words(self) -> String {
        match self {
            Self::Ipv4Literal(address) => format!(
                "{address} is written as an address, so no DNS is asked and DNS64 cannot help; use the host's name, \
                 and connect to whatever address the system gives for it"
            ),
            Self::MappedLiteral(address) => format!(
                "{address} is an IPv4 address in IPv6 clothing, for use inside a program only; use the host's name"
            ),
            Self::TranslatedLiteral { address, inside } => format!(
                "{address} was made up for {inside}, and only a network whose NAT64 has that prefix leads there; use \
                 the host's name, and ask for it anew in each network"
            ),
            Self::UnusableLiteral(address) | Self::UnusableAaaa(address) => format!(
                "{address} is no address of a host on the Internet ({}); give the name an AAAA record that is",
                classify(address.into()).name()
            ),
            Self::PrivateA(address) => format!(
                "its only address, {address} ({}), is not for the Internet, and the well-known prefix must not carry \
                 it (RFC 6052, section 3.1); give the server a public address, of IPv6 if you can",
                classify(address.into()).name()
            ),
            Self::NoAddress => "it has neither an A nor an AAAA record; give it one".to_owned(),
        }
    }
}

/// What would happen to an address that is written into an app.
#[must_use]
pub fn literal_readiness(address: IpAddr) -> Readiness {
    if let Some(local) = local(address) {
        return local;
    }
    match address {
        IpAddr::V4(address) => Readiness::Broken {
            fault: Unready::Ipv4Literal(address),
        },
        IpAddr::V6(address) => match v6_literal_fault(address) {
            Some(fault) => Readiness::Broken { fault },
            None => Readiness::Native { address },
        },
    }
}

fn v6_literal_fault(address: Ipv6Addr) -> Option<Unready> {
    match embedded(address.into()).map(|inside| (inside.embedding, inside.address)) {
        Some((Embedding::Mapped, _)) => Some(Unready::MappedLiteral(address)),
        Some((Embedding::Nat64, inside)) => Some(Unready::TranslatedLiteral { address, inside }),
        _ if is_usable(address) => None,
        _ => Some(Unready::UnusableLiteral(address)),
    }
}

/// What would happen to a name that has these addresses, on a network whose translator owns `prefix`. If they were
/// asked for in such a network, DNS64 may have made some of them up already.
#[must_use]
pub fn name_readiness(addresses: &[IpAddr], prefix: Nat64Prefix) -> Readiness {
    let v6 = || {
        addresses.iter().filter_map(|address| match address {
            // DNS64 takes an IPv4-mapped AAAA for no answer at all (RFC 6147, section 5.1.4).
            IpAddr::V6(address) if !is_mapped(*address) => Some(*address),
            _ => None,
        })
    };
    let v4 = || {
        addresses.iter().filter_map(|address| match address {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        })
    };
    let is_native = |address: &Ipv6Addr| is_usable(*address) && prefix.extract(*address).is_none();
    if let Some(address) = v6().find(is_native) {
        return Readiness::Native { address };
    }
    if let Some((from, address)) = v6().find_map(|address| Some((prefix.extract(address)?, address))) {
        return Readiness::Synthesised { from, address };
    }
    if let Some(local) = addresses.iter().find_map(|&address| local(address)) {
        return local;
    }
    // Any AAAA record at all keeps DNS64 from making one up (RFC 6147, section 5.1.1).
    if let Some(address) = v6().next() {
        return Readiness::Broken {
            fault: Unready::UnusableAaaa(address),
        };
    }
    let translatable = |address: &Ipv4Addr| {
        prefix != Nat64Prefix::WELL_KNOWN || classify((*address).into()).is_globally_reachable()
    };
    match (v4().find(translatable), v4().next()) {
        (Some(from), _) => Readiness::Synthesised {
            from,
            address: prefix.embed(from),
        },
        (None, Some(private)) => Readiness::Broken {
            fault: Unready::PrivateA(private),
        },
        (None, None) => Readiness::Broken {
            fault: Unready::NoAddress,
        },
    }
}

fn local(address: IpAddr) -> Option<Readiness> {
    let local = match classify(address).class() {
        Class::Loopback => true,
        Class::LinkLocal | Class::UniqueLocal => address.is_ipv6(),
        _ => false,
    };
    local.then_some(Readiness::Local { address })
}

fn is_mapped(address: Ipv6Addr) -> bool {
    embedded(address.into()).is_some_and(|inside| inside.embedding == Embedding::Mapped)
}

fn is_usable(address: Ipv6Addr) -> bool {
    let found = classify(address.into());
    found.is_globally_reachable() && found.class() != Class::Multicast
}
