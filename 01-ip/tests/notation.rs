//! Other ways to write an address.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::Ipv6Addr;

use ip::{IpNet, Mac, Subnet, notation, reverse_name, reverse_zone};
use proptest::prelude::*;

#[test]
fn the_short_form_is_that_of_rfc_5952() {
    // Section 4: lower case, no leading zeros, the longest run of zeros, the first of two equal runs, no run of one.
    for (written, short) in [
        ("2001:DB8::1", "2001:db8::1"),
        ("2001:0db8::0001", "2001:db8::1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::ffff:c000:221", "::ffff:192.0.2.33"),
    ] {
        assert_eq!(written.parse::<Ipv6Addr>().unwrap().to_string(), short);
    }
}

#[test]
fn the_reverse_name_turns_the_parts_round() {
    assert_eq!(
        reverse_name("192.0.2.5".parse().unwrap()),
        "5.2.0.192.in-addr.arpa"
    );
    assert_eq!(
        reverse_name("2001:db8::567:89ab".parse().unwrap()),
        "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
    );
}

#[test]
fn a_reverse_zone_needs_a_prefix_that_ends_with_a_label() {
    let zone = |text: &str| reverse_zone(&Subnet::from(text.parse::<IpNet>().unwrap()));
    assert_eq!(zone("192.168.0.0/24").as_deref(), Some("0.168.192.in-addr.arpa"));
    assert_eq!(zone("2001:db8::/32").as_deref(), Some("8.b.d.0.1.0.0.2.ip6.arpa"));
    assert_eq!(zone("0.0.0.0/0").as_deref(), Some("in-addr.arpa"));
    assert_eq!(zone("192.168.0.0/25"), None);
    assert_eq!(zone("2001:db8::/33"), None);
}

#[test]
fn a_card_makes_its_address_by_eui_64() {
    // RFC 4291, appendix A: 34-56-78-9A-BC-DE becomes 36-56-78-FF-FE-9A-BC-DE.
    let mac: Mac = "34-56-78-9A-BC-DE".parse().unwrap();
    assert_eq!(format!("{:016x}", mac.interface_identifier()), "365678fffe9abcde");
    for bad in [
        "",
        "34-56-78-9A-BC",
        "34-56-78-9A-BC-DE-F0",
        "34-56-78-9A-BC-DG",
        "3456789abcde",
        "3-4-56-78-9a-bc-de",
    ] {
        assert!(bad.parse::<Mac>().is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn the_whole_form_means_the_same_address(address: Ipv6Addr) {
        let whole = notation::whole(address);
        prop_assert_eq!(whole.len(), 39);
        prop_assert_eq!(whole.parse::<Ipv6Addr>().unwrap(), address);
    }

    #[test]
    fn the_card_behind_an_address_is_found_again(octets: [u8; 6], prefix: Ipv6Addr) {
        let mac = Mac(octets);
        prop_assert_eq!(Mac::behind(mac.within(prefix)), Some(mac));
        prop_assert_eq!(mac.to_string().parse::<Mac>().unwrap(), mac);
    }

    #[test]
    fn no_text_of_a_card_makes_the_reader_panic(text in any::<String>(), like_one in "([0-9a-fA-Fé]{0,3}[:-]?){0,8}") {
        let _ = (text.parse::<Mac>(), like_one.parse::<Mac>());
    }
}
