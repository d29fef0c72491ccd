//! IPv6 blocks that RFC 4291 gave up and that the special-purpose registries leave out.

use crate::block::{Block, Flag, Flags, v6};
use crate::class::Class;

const UNSTATED: Flags = Flags::new([Flag::Unstated; 5]);

/// Site-local addresses and IPv4-compatible ones: old systems and old books still show them.
pub static IPV6: [Block; 2] = [
    Block {
        net: v6(&[0xfec0], 10),
        name: "Site-Local Unicast (deprecated)",
        rfc: "RFC 3879",
        allocated: None,
        terminated: Some("2004-09"),
        flags: UNSTATED,
        class: Class::Deprecated,
        note: Some("Unique-local addresses, fc00::/7, took its place"),
    },
    Block {
        net: v6(&[], 96),
        name: "IPv4-Compatible IPv6 Address (deprecated)",
        rfc: "RFC 4291, Section 2.5.5.1",
        allocated: None,
        terminated: Some("2006-02"),
        flags: UNSTATED,
        class: Class::Deprecated,
        note: Some("IPv4-mapped addresses, ::ffff:0:0/96, are another thing"),
    },
];
