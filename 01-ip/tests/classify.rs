//! What an address is.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::IpAddr;

use ip::{Class, Flag, Scope, classify};
use proptest::prelude::*;

fn class(text: &str) -> Class {
    classify(text.parse().unwrap()).class()
}

#[test]
fn the_three_private_blocks_are_as_wide_as_rfc_1918_says() {
    for private in [
        "10.0.0.0",
        "10.255.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.168.0.0",
        "192.168.255.255",
    ] {
        assert_eq!(class(private), Class::Private, "{private}");
    }
    for ordinary in [
        "9.255.255.255",
        "11.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
    ] {
        assert_eq!(class(ordinary), Class::GlobalUnicast, "{ordinary}");
    }
}

#[test]
fn all_of_127_is_loopback_and_in_ipv6_one_address_is() {
    assert_eq!(class("127.0.0.0"), Class::Loopback);
    assert_eq!(class("127.255.255.255"), Class::Loopback);
    assert_eq!(class("::1"), Class::Loopback);
    assert_eq!(class("::2"), Class::Deprecated);
}

#[test]
fn a_nested_block_wins_over_the_wider_one() {
    let nested = classify("192.0.0.9".parse().unwrap());
    assert_eq!(nested.name(), "Port Control Protocol Anycast");
    assert!(nested.is_globally_reachable());
    let wider: Vec<String> = nested.overridden().map(|block| block.net.to_string()).collect();
    assert_eq!(wider, ["192.0.0.0/24"]);
    assert_eq!(classify("2001:1::1".parse().unwrap()).rfc(), "RFC 7723");
}

#[test]
fn rows_that_other_libraries_miss_are_right() {
    for (address, reachable) in [
        ("192.88.99.2", Flag::False),
        ("192.88.99.1", Flag::Unstated),
        ("100:0:0:1::1", Flag::False),
        ("2001:1::3", Flag::True),
        ("3fff:fff::1", Flag::False),
        ("5f00::1", Flag::False),
        ("64:ff9b:1::1", Flag::False),
        ("64:ff9b::1", Flag::True),
        ("2002::1", Flag::NotApplicable),
    ] {
        assert_eq!(
            classify(address.parse().unwrap()).flags.globally_reachable,
            reachable,
            "{address}"
        );
    }
}

#[test]
fn multicast_tells_its_scope() {
    for (address, scope) in [
        ("224.0.0.1", Scope::LinkLocal),
        ("224.0.1.1", Scope::Global),
        ("239.192.0.1", Scope::OrganizationLocal),
        ("239.255.0.1", Scope::SiteLocal),
        ("ff01::1", Scope::InterfaceLocal),
        ("ff02::fb", Scope::LinkLocal),
        ("ff15::1", Scope::SiteLocal),
        ("ff3e::1", Scope::Global),
        ("ff0f::1", Scope::Unassigned),
    ] {
        let found = classify(address.parse().unwrap());
        assert_eq!(
            (found.class(), found.scope()),
            (Class::Multicast, Some(scope)),
            "{address}"
        );
        assert_eq!(found.flags.source, Flag::False, "{address}");
        assert_eq!(found.is_globally_reachable(), scope == Scope::Global, "{address}");
    }
}

#[test]
fn the_ipv4_address_inside_an_ipv6_address_is_found() {
    for (address, inside) in [
        ("::ffff:10.1.2.3", Some("10.1.2.3")),
        ("64:ff9b::192.0.2.33", Some("192.0.2.33")),
        ("2002:c000:0201::1", Some("192.0.2.1")),
        // The example of RFC 4380's Teredo client 192.0.2.45, with its bits inverted.
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", Some("192.0.2.45")),
        ("2001:db8::1", None),
        ("64:ff9b:1::1", None),
    ] {
        let found = classify(address.parse().unwrap()).embedded();
        assert_eq!(
            found.map(|inside| inside.address.to_string()).as_deref(),
            inside,
            "{address}"
        );
    }
}

proptest! {
    #[test]
    fn the_block_holds_the_address_and_each_wider_one_holds_the_narrower(bits: u128, v4: bool) {
        let address = if v4 { IpAddr::V4(u32::try_from(bits >> 96).unwrap().into()) } else { IpAddr::V6(bits.into()) };
        let found = classify(address);
        let mut narrower = ipnet::IpNet::from(address);
        for block in found.block.into_iter().chain(found.overridden()) {
            prop_assert!(block.net.contains(&narrower));
            narrower = block.net;
        }
    }
}
