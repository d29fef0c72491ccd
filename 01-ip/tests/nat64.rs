//! IPv4 into IPv6 and out again, and what a network without IPv4 makes of a host.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ip::{Nat64Prefix, Readiness, Unready, literal_readiness, name_readiness, possibly_embedded};
use ipnet::Ipv6Net;
use proptest::prelude::*;

#[test]
fn the_examples_of_rfc_6052_come_out() {
    // Section 2.4, table 2.
    for (prefix, address) in [
        ("2001:db8::/32", "2001:db8:c000:221::"),
        ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
        ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
        ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
        ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
        ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
    ] {
        let prefix: Nat64Prefix = prefix.parse().unwrap();
        let address: Ipv6Addr = address.parse().unwrap();
        let host = Ipv4Addr::new(192, 0, 2, 33);
        assert_eq!(prefix.embed(host), address, "{prefix}");
        assert_eq!(prefix.extract(address), Some(host), "{prefix}");
    }
}

#[test]
fn what_is_no_prefix_of_a_translator_is_told_why() {
    let error = |text: &str| text.parse::<Nat64Prefix>().unwrap_err().to_string();
    assert_eq!(
        error("10.0.0.0/8"),
        "\"10.0.0.0/8\" is no IPv6 prefix: write it as 64:ff9b::/96"
    );
    assert_eq!(
        error("64:ff9b::/95"),
        "a NAT64 prefix has 32, 40, 48, 56, 64 or 96 bits, and 64:ff9b::/95 has 95"
    );
    assert_eq!(
        error("2001:db8:0:0:ff00::/96"),
        "2001:db8:0:0:ff00::/96 is no NAT64 prefix: its bits 64 to 71 must be zero (RFC 6052, section 2.2)"
    );
}

#[test]
fn an_address_outside_of_the_prefix_holds_nothing() {
    assert_eq!(
        Nat64Prefix::WELL_KNOWN.extract("2001:db8::1".parse().unwrap()),
        None
    );
}

#[test]
fn no_prefix_is_discovered_where_there_is_none() {
    assert_eq!(Nat64Prefix::discovered_in("2001:db8::1".parse().unwrap()), None);
    // 192.0.0.170 stands here twice, after 32 bits and after 96 (RFC 7050, section 3).
    assert_eq!(
        Nat64Prefix::discovered_in("2001:db8:c000:aa::c000:aa".parse().unwrap()),
        None
    );
}

fn prefix() -> impl Strategy<Value = Nat64Prefix> {
    let lengths = prop::sample::select(Nat64Prefix::LENGTHS.to_vec());
    (any::<Ipv6Addr>(), lengths).prop_map(|(address, length)| {
        let mut octets = address.octets();
        octets[8] = 0;
        Nat64Prefix::new(Ipv6Net::new(octets.into(), length).unwrap()).unwrap()
    })
}

proptest! {
    #[test]
    fn what_is_put_in_comes_out_at_every_length(prefix in prefix(), host: Ipv4Addr) {
        let address = prefix.embed(host);
        prop_assert_eq!(prefix.extract(address), Some(host));
        prop_assert_eq!(address.octets()[8], 0);
        prop_assert_eq!(prefix.to_string().parse::<Nat64Prefix>().unwrap(), prefix);
    }

    #[test]
    fn a_networks_prefix_is_discovered(prefix in prefix(), second: bool) {
        let host = Ipv4Addr::new(192, 0, 0, if second { 171 } else { 170 });
        prop_assert_eq!(Nat64Prefix::discovered_in(prefix.embed(host)), Some(prefix));
    }

    #[test]
    fn what_was_put_in_under_the_local_use_prefix_is_among_the_readings(bits: u128, length in prop::sample::select(vec![48_u8, 56, 64, 96]), host: Ipv4Addr) {
        prop_assume!(host.octets()[0] != 0);
        let bits = bits >> 48 & !(0xff << 56) | 0x64_ff9b_0001 << 80;
        let prefix = Nat64Prefix::new(Ipv6Net::new(bits.into(), length).unwrap()).unwrap();
        let readings = possibly_embedded(prefix.embed(host).into());
        prop_assert!(readings.contains(&(prefix, host)), "{readings:?}");
    }

    #[test]
    fn any_text_of_a_prefix_never_panics(text in "[0-9a-f:./]{0,40}") {
        let _ = text.parse::<Nat64Prefix>().map_err(|error| error.to_string());
    }
}

fn name(addresses: &[&str]) -> Readiness {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    name_readiness(&addresses, Nat64Prefix::WELL_KNOWN)
}

#[test]
fn a_name_with_ipv6_is_native() {
    let address = "2600::1".parse().unwrap();
    assert_eq!(name(&["8.8.8.8", "2600::1"]), Readiness::Native { address });
    // A useless AAAA beside a good one does no harm.
    assert_eq!(name(&["2001:db8::1", "2600::1"]), Readiness::Native { address });
}

#[test]
fn a_name_with_ipv4_alone_gets_an_address_made_up() {
    let made_up = Readiness::Synthesised {
        from: Ipv4Addr::new(8, 8, 8, 8),
        address: "64:ff9b::808:808".parse().unwrap(),
    };
    assert_eq!(name(&["8.8.8.8"]), made_up);
    assert_eq!(name(&["10.0.0.1", "8.8.8.8"]), made_up);
    assert_eq!(
        name(&["::ffff:1.2.3.4", "8.8.8.8"]),
        made_up,
        "DNS64 passes over a mapped AAAA"
    );
}

#[test]
fn a_name_that_nobody_can_help_is_broken() {
    let broken = |fault| Readiness::Broken { fault };
    assert_eq!(
        name(&["10.0.0.1"]),
        broken(Unready::PrivateA(Ipv4Addr::new(10, 0, 0, 1)))
    );
    assert_eq!(name(&[]), broken(Unready::NoAddress));
    let aaaa = broken(Unready::UnusableAaaa("2001:db8::1".parse().unwrap()));
    assert_eq!(
        name(&["2001:db8::1", "8.8.8.8"]),
        aaaa,
        "an AAAA record keeps DNS64 from making one up"
    );
}

#[test]
fn a_network_of_ones_own_may_translate_private_addresses() {
    let prefix: Nat64Prefix = "2001:db8::/96".parse().unwrap();
    let private = [IpAddr::from([10, 0, 0, 1])];
    assert!(matches!(
        name_readiness(&private, prefix),
        Readiness::Synthesised { .. }
    ));
}

#[test]
fn an_address_that_is_written_into_an_app_works_only_if_it_is_ipv6_or_local() {
    let word = |text: &str| literal_readiness(text.parse().unwrap()).word();
    assert_eq!(word("8.8.8.8"), "broken");
    assert_eq!(word("10.0.0.1"), "broken");
    assert_eq!(word("2600::1"), "native");
    assert_eq!(word("::ffff:8.8.8.8"), "broken");
    assert_eq!(word("2001:db8::1"), "broken");
    assert_eq!(word("127.0.0.1"), "local");
    assert_eq!(word("::1"), "local");
    assert_eq!(word("fe80::1"), "local");
    assert_eq!(word("fd00::1"), "local");
    // Somebody stored what DNS64 made up in one network, and takes it to another.
    assert_eq!(word("64:ff9b::808:808"), "broken");
}

#[test]
fn what_dns64_made_up_already_is_not_taken_for_ipv6_of_its_own() {
    let made_up = Readiness::Synthesised {
        from: Ipv4Addr::new(8, 8, 8, 8),
        address: "64:ff9b::808:808".parse().unwrap(),
    };
    assert_eq!(name(&["64:ff9b::808:808", "8.8.8.8"]), made_up);
    let address = "2600::1".parse().unwrap();
    assert_eq!(
        name(&["64:ff9b::808:808", "2600::1"]),
        Readiness::Native { address }
    );
}

fn perhaps(text: &str) -> Vec<String> {
    let found = possibly_embedded(text.parse().unwrap());
    found
        .iter()
        .map(|(prefix, inside)| format!("{prefix} {inside}"))
        .collect()
}

#[test]
fn the_local_use_prefix_leaves_open_which_ipv4_address_is_inside() {
    assert_eq!(perhaps("64:ff9b:1::c000:221"), ["64:ff9b:1::/96 192.0.2.33"]);
    assert_eq!(
        perhaps("64:ff9b:1:a0c:2:2100::"),
        [
            "64:ff9b:1::/48 10.12.2.33",
            "64:ff9b:1:a00::/56 12.2.33.0",
            "64:ff9b:1:a0c::/64 2.33.0.0"
        ]
    );
    assert_eq!(perhaps("64:ff9b:2::c000:221"), Vec::<String>::new());
    assert_eq!(perhaps("64:ff9b::c000:221"), Vec::<String>::new());
}
