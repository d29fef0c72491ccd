//! The kinds of address, in one word each.

/// What kind of address this is. The registries give a block a name; this is the kind behind the name, so that
/// a program can ask "is it private?" of three blocks at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// An ordinary address, one of a kind in the whole Internet.
    GlobalUnicast,
    /// RFC 1918: anyone may use it inside, nobody can reach it from outside.
    Private,
    /// RFC 6598: between a provider's customers and the provider's NAT.
    Shared,
    /// This machine itself; the packet never leaves it.
    Loopback,
    /// Valid on one link only; routers do not pass it on.
    LinkLocal,
    /// RFC 4193: IPv6's private addresses.
    UniqueLocal,
    /// No address yet: "any" to a server, "unknown" to a machine that starts.
    Unspecified,
    /// 0.0.0.0/8: a host of this network, as a source only.
    ThisNetwork,
    /// Every host of this link at once.
    Broadcast,
    /// A group of hosts at once.
    Multicast,
    /// For books and examples; no packet should carry it.
    Documentation,
    /// For tests of network devices.
    Benchmarking,
    /// A well-known service, answered by the nearest of many machines.
    Anycast,
    /// An IPv4 address in IPv6 clothing inside a program; no packet should carry it.
    Mapped,
    /// An IPv4 host as an IPv6-only machine sees it, through NAT64.
    Translation,
    /// IPv6 carried through IPv4: 6to4 and Teredo.
    Tunnel,
    /// Set aside by the IETF for its protocols.
    ProtocolAssignment,
    /// A source address for a machine that has none.
    Dummy,
    /// Packets to it are thrown away, on purpose.
    DiscardOnly,
    /// Looks like an address, but names a host rather than a place.
    Identifier,
    /// RFC 9602: an instruction to routers, written as an address.
    SegmentRouting,
    /// Kept for the future.
    Reserved,
    /// Given up: it once had a meaning.
    Deprecated,
}

impl Class {
    /// The kind as one stable word, for programs: `link-local`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::GlobalUnicast => "global-unicast",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::UniqueLocal => "unique-local",
            Self::Unspecified => "unspecified",
            Self::ThisNetwork => "this-network",
            Self::Broadcast => "broadcast",
            Self::Multicast => "multicast",
            Self::Documentation => "documentation",
            Self::Benchmarking => "benchmarking",
            Self::Anycast => "anycast",
            Self::Mapped => "ipv4-mapped",
            Self::Translation => "ipv4-ipv6-translation",
            Self::Tunnel => "tunnel",
            Self::ProtocolAssignment => "protocol-assignment",
            Self::Dummy => "dummy",
            Self::DiscardOnly => "discard-only",
            Self::Identifier => "identifier",
            Self::SegmentRouting => "segment-routing",
            Self::Reserved => "reserved",
            Self::Deprecated => "deprecated",
        }
    }

    /// The kind in plain words, as the end of a sentence: `this machine itself: the packet never leaves it`.
    #[must_use]
    pub const fn in_plain_words(self) -> &'static str {
        match self {
            Self::GlobalUnicast => "an ordinary address, one of a kind in the whole Internet",
            Self::Private => "private: anyone may use it inside, nobody can reach it from outside",
            Self::Shared => "shared between a provider and its customers, behind the provider's NAT",
            Self::Loopback => "this machine itself: the packet never leaves it",
            Self::LinkLocal => "valid on one link only: routers do not pass it on",
            Self::UniqueLocal => "private, the IPv6 way: for inside, and very likely unique",
            Self::Unspecified => "no address: to a server it means every address of this machine",
            Self::ThisNetwork => "a host of this network, as a source only",
            Self::Broadcast => "every host of this link at once",
            Self::Multicast => "a group of hosts at once",
            Self::Documentation => "for books and examples: no packet should carry it",
            Self::Benchmarking => "for tests of network devices",
            Self::Anycast => "a well-known service, answered by the nearest of many machines",
            Self::Mapped => "an IPv4 address in IPv6 clothing, inside a program: no packet should carry it",
            Self::Translation => "an IPv4 host as an IPv6-only machine sees it, through NAT64",
            Self::Tunnel => "IPv6 carried through IPv4",
            Self::ProtocolAssignment => "set aside by the IETF for its protocols",
            Self::Dummy => "a source address for a machine that has none",
            Self::DiscardOnly => "packets to it are thrown away, on purpose",
            Self::Identifier => "names a host rather than a place",
            Self::SegmentRouting => "an instruction to routers, written as an address",
            Self::Reserved => "kept for the future: today's systems refuse it",
            Self::Deprecated => "given up: it once had a meaning",
        }
    }
}
