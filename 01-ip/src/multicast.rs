//! Multicast: one packet for a group of hosts, and how far the packet may travel.
//!
//! The special-purpose registries leave multicast out; these rows come from RFC 5771 and RFC 4291. How far a
//! packet may go is its *scope*. IPv6 writes the scope into the address itself, the fourth hex digit of `ff02::1`
//! (RFC 4291, section 2.7); IPv4 has it from the block (RFC 2365, section 8).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::block::{Block, Flag, Flags, v4, v6};
use crate::class::Class;

/// How far a multicast packet may travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// Within this machine.
    InterfaceLocal,
    /// Within this link: routers do not pass it on.
    LinkLocal,
    /// Within a realm that the network's technology defines (RFC 7346).
    RealmLocal,
    /// Within the smallest area that somebody configured.
    AdminLocal,
    /// Within one site.
    SiteLocal,
    /// Within one organisation.
    OrganizationLocal,
    /// Anywhere.
    Global,
    /// A scope that no document gives a meaning.
    Unassigned,
}

impl Scope {
    /// The scope in one stable word: `link-local`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InterfaceLocal => "interface-local",
            Self::LinkLocal => "link-local",
            Self::RealmLocal => "realm-local",
            Self::AdminLocal => "admin-local",
            Self::SiteLocal => "site-local",
            Self::OrganizationLocal => "organization-local",
            Self::Global => "global",
            Self::Unassigned => "unassigned",
        }
    }

    /// What may be done with a group of this scope. A group is never a source (RFC 1122, section 3.2.1.3; RFC 4291,
    /// section 2.7), and every IP implementation must know that.
    pub(crate) const fn flags(self) -> Flags {
        let (leaves_the_link, leaves_the_organization) = match self {
            Self::InterfaceLocal | Self::LinkLocal => (Flag::False, Flag::False),
            Self::RealmLocal | Self::AdminLocal | Self::SiteLocal | Self::OrganizationLocal => {
                (Flag::True, Flag::False)
            }
            Self::Global => (Flag::True, Flag::True),
            Self::Unassigned => (Flag::Unstated, Flag::Unstated),
        };
        Flags::new([
            Flag::False,
            Flag::True,
            leaves_the_link,
            leaves_the_organization,
            Flag::True,
        ])
    }
}

/// The scope of a multicast address; `None` for any other address.
#[must_use]
pub fn scope(address: IpAddr) -> Option<Scope> {
    match address {
        IpAddr::V4(address) if address.is_multicast() => Some(scope_v4(address)),
        IpAddr::V6(address) if address.is_multicast() => Some(scope_v6(address)),
        _ => None,
    }
}

/// RFC 2365, section 8, tells which IPv6 scope each block corresponds to.
fn scope_v4(address: Ipv4Addr) -> Scope {
    match address.octets() {
        [224, 0, 0, _] => Scope::LinkLocal,
        [239, 255, ..] => Scope::SiteLocal,
        [239, 192..=195, ..] => Scope::OrganizationLocal,
        [239, ..] => Scope::AdminLocal,
        _ => Scope::Global,
    }
}

/// RFC 4291, section 2.7, as extended by RFC 7346, section 2.
fn scope_v6(address: Ipv6Addr) -> Scope {
    match address.octets()[1] & 0x0f {
        0x1 => Scope::InterfaceLocal,
        0x2 => Scope::LinkLocal,
        0x3 => Scope::RealmLocal,
        0x4 => Scope::AdminLocal,
        0x5 => Scope::SiteLocal,
        0x8 => Scope::OrganizationLocal,
        0xe => Scope::Global,
        _ => Scope::Unassigned,
    }
}

/// The blocks of the IANA IPv4 Multicast Address Space Registry that an engineer meets.
#[rustfmt::skip]
pub static IPV4: [Block; 9] = [
    row(v4([224, 0, 0, 0], 4),     Scope::Global,            "Multicast", "RFC 5771"),
    row(v4([224, 0, 0, 0], 24),    Scope::LinkLocal,         "Local Network Control Block", "RFC 5771, Section 4"),
    row(v4([224, 0, 1, 0], 24),    Scope::Global,            "Internetwork Control Block", "RFC 5771, Section 5"),
    row(v4([232, 0, 0, 0], 8),     Scope::Global,            "Source-Specific Multicast Block", "RFC 4607"),
    row(v4([233, 252, 0, 0], 24),  Scope::Global,            "Documentation (MCAST-TEST-NET)", "RFC 5771, Section 9.2"),
    row(v4([234, 0, 0, 0], 8),     Scope::Global,            "Unicast-Prefix-Based Multicast", "RFC 6034"),
    row(v4([239, 0, 0, 0], 8),     Scope::AdminLocal,        "Administratively Scoped Block", "RFC 2365"),
    row(v4([239, 192, 0, 0], 14),  Scope::OrganizationLocal, "Organization-Local Scope", "RFC 2365, Section 6.2"),
    row(v4([239, 255, 0, 0], 16),  Scope::SiteLocal,         "Local Scope", "RFC 2365, Section 6.1"),
];

/// IPv6's one multicast block; its scopes are inside the address.
#[rustfmt::skip]
pub static IPV6: [Block; 1] = [
    row(v6(&[0xff00], 8),          Scope::Global,            "Multicast", "RFC 4291, Section 2.7"),
];

const fn row(net: IpNet, scope: Scope, name: &'static str, rfc: &'static str) -> Block {
    Block {
        net,
        name,
        rfc,
        allocated: None,
        terminated: None,
        flags: scope.flags(),
        class: Class::Multicast,
        note: None,
    }
}
