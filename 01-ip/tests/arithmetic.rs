//! Cutting, joining and comparing subnets.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::IpAddr;

use ip::{AddressRange, IpNet, NextHop, Subnet, bits, next_hop, next_hop::first_difference, summarise};
use proptest::prelude::*;

fn subnet(text: &str) -> Subnet {
    Subnet::from(text.parse::<IpNet>().unwrap())
}

fn texts(subnets: impl IntoIterator<Item = Subnet>) -> Vec<String> {
    subnets.into_iter().map(|subnet| subnet.to_string()).collect()
}

#[test]
fn a_subnet_is_cut_into_equal_pieces() {
    let quarters = subnet("192.168.0.0/24").split(26).unwrap();
    assert_eq!(
        texts(quarters),
        [
            "192.168.0.0/26",
            "192.168.0.64/26",
            "192.168.0.128/26",
            "192.168.0.192/26"
        ]
    );
    assert_eq!(texts(subnet("10.0.0.0/8").split(8).unwrap()), ["10.0.0.0/8"]);
    assert_eq!(
        subnet("::/0").pieces(128).to_string(),
        "340282366920938463463374607431768211456"
    );
    assert_eq!(
        texts(subnet("::/0").split(128).unwrap().take(2)),
        ["::/128", "::1/128"]
    );
}

#[test]
fn what_cannot_be_cut_or_widened_is_told_why() {
    let error = |result: Result<Vec<String>, ip::SplitError>| result.unwrap_err().to_string();
    let split = |text: &str, prefix| error(subnet(text).split(prefix).map(texts));
    assert_eq!(
        split("10.0.0.0/8", 7),
        "10.0.0.0/8 cannot be split into /7: the pieces of a /8 have longer prefixes"
    );
    assert_eq!(
        split("10.0.0.0/8", 33),
        "10.0.0.0/8 cannot be split into /33: its addresses have 32 bits"
    );
    assert_eq!(
        error(
            subnet("10.0.0.0/8")
                .supernet(9)
                .map(|whole| vec![whole.to_string()])
        ),
        "/9 is no supernet of 10.0.0.0/8: a supernet's prefix is not longer than /8"
    );
    assert_eq!(subnet("10.1.0.0/16").supernet(8).unwrap(), subnet("10.0.0.0/8"));
}

#[test]
fn neighbours_are_joined_and_strangers_are_not() {
    let joined = summarise(
        &[
            "10.0.1.0/24",
            "10.0.0.0/24",
            "10.0.3.0/24",
            "::1/128",
            "10.0.0.7/32",
        ]
        .map(subnet),
    );
    assert_eq!(texts(joined), ["10.0.0.0/23", "10.0.3.0/24", "::1/128"]);
    // Halves of two different wholes stay apart.
    assert_eq!(
        texts(summarise(&["10.0.1.0/24", "10.0.2.0/24"].map(subnet))),
        ["10.0.1.0/24", "10.0.2.0/24"]
    );
    assert_eq!(
        texts(summarise(
            &["0.0.0.0/1", "128.0.0.0/1", "8000::/1", "::/1"].map(subnet)
        )),
        ["0.0.0.0/0", "::/0"]
    );
}

#[test]
fn a_range_becomes_the_fewest_subnets() {
    let blocks = |text: &str| texts(text.parse::<AddressRange>().unwrap().subnets());
    assert_eq!(
        blocks("10.0.0.1-10.0.0.4"),
        ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/32"]
    );
    assert_eq!(blocks("0.0.0.0-255.255.255.255"), ["0.0.0.0/0"]);
    assert_eq!(blocks("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ["::/0"]);
    assert_eq!(
        blocks("255.255.255.255 - 255.255.255.255"),
        ["255.255.255.255/32"]
    );
}

#[test]
fn a_bad_range_is_told_why() {
    let error = |text: &str| text.parse::<AddressRange>().unwrap_err().to_string();
    assert_eq!(
        error("10.0.0.2-10.0.0.1"),
        "the range is empty: 10.0.0.2 comes after 10.0.0.1"
    );
    assert_eq!(
        error("10.0.0.2-::1"),
        "a range lies in one family, and 10.0.0.2 and ::1 are of two"
    );
    assert_eq!(
        error("10.0.0.2-10.0.0"),
        "\"10.0.0\" is not an IPv4 address: it has 3 octets and needs four; some systems read it as 10.0.0.0, so write that if you mean it"
    );
}

#[test]
fn what_is_left_when_one_is_taken_out() {
    let rest = |whole: &str, taken: &str| texts(subnet(whole).without(&subnet(taken)));
    assert_eq!(rest("10.0.0.0/30", "10.0.0.1/32"), ["10.0.0.0/32", "10.0.0.2/31"]);
    assert_eq!(rest("10.0.0.0/24", "10.0.0.0/8"), [""; 0]);
    assert_eq!(rest("10.0.0.0/24", "10.0.1.0/24"), ["10.0.0.0/24"]);
    assert_eq!(rest("::/0", "8000::/1"), ["::/1"]);
    assert_eq!(rest("::/0", "10.0.0.0/8"), ["::/0"]);
}

#[test]
fn the_next_hop_is_told_by_the_mask() {
    let here = "192.168.0.10/24".parse().unwrap();
    for (there, hop) in [
        ("192.168.0.77", NextHop::SameSubnet),
        ("192.168.1.77", NextHop::Gateway),
        ("192.168.0.10", NextHop::Itself),
        ("127.0.0.1", NextHop::Itself),
        ("192.168.0.255", NextHop::Everybody),
        ("224.0.0.251", NextHop::Everybody),
        ("255.255.255.255", NextHop::Everybody),
        ("169.254.7.7", NextHop::SameSubnet),
        ("2001:db8::1", NextHop::OtherFamily),
    ] {
        assert_eq!(next_hop(here, there.parse().unwrap()), hop, "{there}");
    }
}

#[test]
fn the_first_bit_that_differs_is_counted_from_the_left_in_both_families() {
    let first = |one: &str, other: &str| first_difference(one.parse().unwrap(), other.parse().unwrap());
    assert_eq!(first("192.168.0.10", "192.168.1.77"), Some(23));
    assert_eq!(first("128.0.0.0", "0.0.0.0"), Some(0));
    assert_eq!(first("2001:db8::", "2001:db9::"), Some(31));
    assert_eq!(first("::1", "::1"), None);
    assert_eq!(first("10.0.0.1", "2001:db8::1"), None);
}

/// A subnet near the start of its family's numbers, so that two of them often touch.
fn small() -> impl Strategy<Value = Subnet> {
    (0_u8..64, 26_u8..=32, any::<bool>()).prop_map(|(last, prefix, v4)| {
        let net = if v4 {
            IpNet::new(IpAddr::from([10, 0, 0, last]), prefix)
        } else {
            IpNet::new(
                IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, u16::from(last)]),
                prefix + 96,
            )
        };
        Subnet::from(net.unwrap())
    })
}

/// Every address of small subnets, sorted.
fn members(subnets: &[Subnet]) -> Vec<(bool, u128)> {
    let all = |subnet: &Subnet| {
        let family = subnet.network().is_ipv4();
        (bits::number(subnet.network())..=bits::number(subnet.last()))
            .map(move |number| (family, number))
            .collect::<Vec<_>>()
    };
    let mut members: Vec<_> = subnets.iter().flat_map(all).collect();
    members.sort_unstable();
    members.dedup();
    members
}

proptest! {
    #[test]
    fn split_then_summarise_is_identity(address: IpAddr, length in 0_u8..=128, more in 0_u8..=8) {
        let Ok(net) = IpNet::new(address, length) else { return Ok(()) };
        let whole = Subnet::from(net);
        let Ok(pieces) = whole.split(length + more) else { return Ok(()) };
        let pieces: Vec<Subnet> = pieces.collect();
        prop_assert_eq!(whole.pieces(length + more).get(), Some(pieces.len() as u128));
        prop_assert!(pieces.iter().all(|piece| piece.supernet(length) == Ok(whole)));
        prop_assert_eq!(summarise(&pieces), vec![whole]);
    }

    #[test]
    fn summarise_keeps_exactly_the_same_addresses(subnets in prop::collection::vec(small(), 0..8)) {
        prop_assert_eq!(members(&summarise(&subnets)), members(&subnets));
    }

    #[test]
    fn without_takes_out_exactly_the_other(whole in small(), taken in small()) {
        let mut expected = members(&[whole]);
        let gone = members(&[taken]);
        expected.retain(|member| !gone.contains(member));
        prop_assert_eq!(members(&whole.without(&taken)), expected);
    }

    #[test]
    fn a_range_and_its_subnets_hold_the_same_addresses(one: u32, other: u32) {
        let (first, last) = (one.min(other), one.max(other));
        let range = AddressRange::new(IpAddr::V4(first.into()), IpAddr::V4(last.into())).unwrap();
        let mut next = u128::from(first);
        for block in range.subnets() {
            prop_assert_eq!(bits::number(block.network()), next);
            next = bits::number(block.last()) + 1;
        }
        prop_assert_eq!(next, u128::from(last) + 1);
    }

    #[test]
    fn contains_agrees_with_the_ends(address: u32, length in 0_u8..=32, probe: u32) {
        let subnet = Subnet::from(IpNet::new(IpAddr::V4(address.into()), length).unwrap());
        let probe = IpAddr::V4(probe.into());
        prop_assert_eq!(subnet.contains(probe), subnet.network() <= probe && probe <= subnet.last());
    }

    #[test]
    fn any_text_of_a_range_never_panics(text in "[0-9a-f:. -]{0,40}") {
        let _ = text.parse::<AddressRange>().map_err(|error| error.to_string());
    }
}
