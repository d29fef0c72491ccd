//! The IANA special-purpose registries (RFC 6890): every block that is not for ordinary hosts.
//!
//! Two tables, a row for each row of the registries, in their order and their words. A test holds them
//! against the registries' own text, cell by cell. What the registries leave out stands in
//! [`multicast`](crate::multicast) and [`retired`](crate::retired).
//!
//! The flags are the registries' five columns: source, destination, forwardable, globally reachable, reserved by
//! protocol. `T` is True, `F` False, `N` "N/A", `U` an empty cell.

use ipnet::IpNet;

use crate::block::{Block, Flag, Flags, v4, v6};
use crate::class::Class::{self, *};

/// The day on which IANA last changed either registry, as both say themselves.
pub const REGISTRY_DATE: &str = "2025-10-09";

const T: Flag = Flag::True;
const F: Flag = Flag::False;
const N: Flag = Flag::NotApplicable;
const U: Flag = Flag::Unstated;

/// The IANA IPv4 Special-Purpose Address Registry.
#[rustfmt::skip]
pub static IPV4: [Block; 26] = [
    row(v4([0, 0, 0, 0], 8),          [T, F, F, F, T], "1981-09", ThisNetwork,        "\"This network\"", "RFC 791, Section 3.2"),
    row(v4([0, 0, 0, 0], 32),         [T, F, F, F, T], "1981-09", Unspecified,        "\"This host on this network\"", "RFC 1122, Section 3.2.1.3"),
    row(v4([10, 0, 0, 0], 8),         [T, T, T, F, F], "1996-02", Private,            "Private-Use", "RFC 1918"),
    row(v4([100, 64, 0, 0], 10),      [T, T, T, F, F], "2012-04", Shared,             "Shared Address Space", "RFC 6598"),
    row(v4([127, 0, 0, 0], 8),        [F, F, F, F, T], "1981-09", Loopback,           "Loopback", "RFC 1122, Section 3.2.1.3")
        .noted("Several protocols have exceptions (RFC 8029, RFC 5884)"),
    row(v4([169, 254, 0, 0], 16),     [T, T, F, F, T], "2005-05", LinkLocal,          "Link Local", "RFC 3927"),
    row(v4([172, 16, 0, 0], 12),      [T, T, T, F, F], "1996-02", Private,            "Private-Use", "RFC 1918"),
    row(v4([192, 0, 0, 0], 24),       [F, F, F, F, F], "2010-01", ProtocolAssignment, "IETF Protocol Assignments", "RFC 6890, Section 2.1")
        .noted("Not usable unless by virtue of a more specific reservation"),
    row(v4([192, 0, 0, 0], 29),       [T, T, T, F, F], "2011-06", ProtocolAssignment, "IPv4 Service Continuity Prefix", "RFC 7335"),
    row(v4([192, 0, 0, 8], 32),       [T, F, F, F, F], "2015-03", Dummy,              "IPv4 dummy address", "RFC 7600"),
    row(v4([192, 0, 0, 9], 32),       [T, T, T, T, F], "2015-10", Anycast,            "Port Control Protocol Anycast", "RFC 7723"),
    row(v4([192, 0, 0, 10], 32),      [T, T, T, T, F], "2017-02", Anycast,            "Traversal Using Relays around NAT Anycast", "RFC 8155"),
    row(v4([192, 0, 0, 170], 32),     [F, F, F, F, T], "2013-02", ProtocolAssignment, "NAT64/DNS64 Discovery", "RFC 8880, RFC 7050, Section 2.2"),
    row(v4([192, 0, 0, 171], 32),     [F, F, F, F, T], "2013-02", ProtocolAssignment, "NAT64/DNS64 Discovery", "RFC 8880, RFC 7050, Section 2.2"),
    row(v4([192, 0, 2, 0], 24),       [F, F, F, F, F], "2010-01", Documentation,      "Documentation (TEST-NET-1)", "RFC 5737"),
    row(v4([192, 31, 196, 0], 24),    [T, T, T, T, F], "2014-12", Anycast,            "AS112-v4", "RFC 7535"),
    row(v4([192, 52, 193, 0], 24),    [T, T, T, T, F], "2014-12", Anycast,            "AMT", "RFC 7450"),
    row(v4([192, 88, 99, 0], 24),     [U, U, U, U, U], "2001-06", Deprecated,         "Deprecated (6to4 Relay Anycast)", "RFC 7526").ended("2015-03"),
    row(v4([192, 88, 99, 2], 32),     [T, T, T, F, F], "2012-10", Anycast,            "6a44-relay anycast address", "RFC 6751"),
    row(v4([192, 168, 0, 0], 16),     [T, T, T, F, F], "1996-02", Private,            "Private-Use", "RFC 1918"),
    row(v4([192, 175, 48, 0], 24),    [T, T, T, T, F], "1996-01", Anycast,            "Direct Delegation AS112 Service", "RFC 7534"),
    row(v4([198, 18, 0, 0], 15),      [T, T, T, F, F], "1999-03", Benchmarking,       "Benchmarking", "RFC 2544"),
    row(v4([198, 51, 100, 0], 24),    [F, F, F, F, F], "2010-01", Documentation,      "Documentation (TEST-NET-2)", "RFC 5737"),
    row(v4([203, 0, 113, 0], 24),     [F, F, F, F, F], "2010-01", Documentation,      "Documentation (TEST-NET-3)", "RFC 5737"),
    row(v4([240, 0, 0, 0], 4),        [F, F, F, F, T], "1989-08", Reserved,           "Reserved", "RFC 1112, Section 4"),
    row(v4([255, 255, 255, 255], 32), [F, T, F, F, T], "1984-10", Broadcast,          "Limited Broadcast", "RFC 8190, RFC 919, Section 7"),
];

/// The IANA IPv6 Special-Purpose Address Registry.
#[rustfmt::skip]
pub static IPV6: [Block; 25] = [
    row(v6(&[0, 0, 0, 0, 0, 0, 0, 1], 128),      [F, F, F, F, T], "2006-02", Loopback,           "Loopback Address", "RFC 4291"),
    row(v6(&[], 128),                            [T, F, F, F, T], "2006-02", Unspecified,        "Unspecified Address", "RFC 4291"),
    row(v6(&[0, 0, 0, 0, 0, 0xffff], 96),        [F, F, F, F, T], "2006-02", Mapped,             "IPv4-mapped Address", "RFC 4291"),
    row(v6(&[0x64, 0xff9b], 96),                 [T, T, T, T, F], "2010-10", Translation,        "IPv4-IPv6 Translat.", "RFC 6052"),
    row(v6(&[0x64, 0xff9b, 1], 48),              [T, T, T, F, F], "2017-06", Translation,        "IPv4-IPv6 Translat.", "RFC 8215"),
    row(v6(&[0x100], 64),                        [T, T, T, F, F], "2012-06", DiscardOnly,        "Discard-Only Address Block", "RFC 6666"),
    row(v6(&[0x100, 0, 0, 1], 64),               [T, F, F, F, F], "2025-04", Dummy,              "Dummy IPv6 Prefix", "RFC 9780"),
    row(v6(&[0x2001], 23),                       [F, F, F, F, F], "2000-09", ProtocolAssignment, "IETF Protocol Assignments", "RFC 2928")
        .noted("Unless allowed by a more specific allocation"),
    row(v6(&[0x2001], 32),                       [T, T, T, N, F], "2006-01", Tunnel,             "TEREDO", "RFC 4380, RFC 8190")
        .noted("See RFC 4380, section 5, for details"),
    row(v6(&[0x2001, 1, 0, 0, 0, 0, 0, 1], 128), [T, T, T, T, F], "2015-10", Anycast,            "Port Control Protocol Anycast", "RFC 7723"),
    row(v6(&[0x2001, 1, 0, 0, 0, 0, 0, 2], 128), [T, T, T, T, F], "2017-02", Anycast,            "Traversal Using Relays around NAT Anycast", "RFC 8155"),
    row(v6(&[0x2001, 1, 0, 0, 0, 0, 0, 3], 128), [T, T, T, T, F], "2024-04", Anycast,            "DNS-SD Service Registration Protocol Anycast", "RFC 9665"),
    row(v6(&[0x2001, 2], 48),                    [T, T, T, F, F], "2008-04", Benchmarking,       "Benchmarking", "RFC 5180, RFC Errata 1752"),
    row(v6(&[0x2001, 3], 32),                    [T, T, T, T, F], "2014-12", Anycast,            "AMT", "RFC 7450"),
    row(v6(&[0x2001, 4, 0x112], 48),             [T, T, T, T, F], "2014-12", Anycast,            "AS112-v6", "RFC 7535"),
    row(v6(&[0x2001, 0x10], 28),                 [U, U, U, U, U], "2007-03", Deprecated,         "Deprecated (previously ORCHID)", "RFC 4843").ended("2014-03"),
    row(v6(&[0x2001, 0x20], 28),                 [T, T, T, T, F], "2014-07", Identifier,         "ORCHIDv2", "RFC 7343"),
    row(v6(&[0x2001, 0x30], 28),                 [T, T, T, T, F], "2022-12", Identifier,         "Drone Remote ID Protocol Entity Tags (DETs) Prefix", "RFC 9374"),
    row(v6(&[0x2001, 0xdb8], 32),                [F, F, F, F, F], "2004-07", Documentation,      "Documentation", "RFC 3849"),
    row(v6(&[0x2002], 16),                       [T, T, T, N, F], "2001-02", Tunnel,             "6to4", "RFC 3056")
        .noted("See RFC 3056 for details"),
    row(v6(&[0x2620, 0x4f, 0x8000], 48),         [T, T, T, T, F], "2011-05", Anycast,            "Direct Delegation AS112 Service", "RFC 7534"),
    row(v6(&[0x3fff], 20),                       [F, F, F, F, F], "2024-07", Documentation,      "Documentation", "RFC 9637"),
    row(v6(&[0x5f00], 16),                       [T, T, T, F, F], "2024-04", SegmentRouting,     "Segment Routing (SRv6) SIDs", "RFC 9602"),
    row(v6(&[0xfc00], 7),                        [T, T, T, F, F], "2005-10", UniqueLocal,        "Unique-Local", "RFC 4193, RFC 8190")
        .noted("See RFC 4193 for more details on the routability of Unique-Local addresses"),
    row(v6(&[0xfe80], 10),                       [T, T, F, F, T], "2006-02", LinkLocal,          "Link-Local Unicast", "RFC 4291"),
];

const fn row(
    net: IpNet,
    flags: [Flag; 5],
    allocated: &'static str,
    class: Class,
    name: &'static str,
    rfc: &'static str,
) -> Block {
    Block {
        net,
        name,
        rfc,
        allocated: Some(allocated),
        terminated: None,
        flags: Flags::new(flags),
        class,
        note: None,
    }
}
