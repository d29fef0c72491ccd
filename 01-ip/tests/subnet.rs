//! Mask, network, broadcast, hosts.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write;
use std::net::IpAddr;

use ip::{Position, Subnet};
use ipnet::IpNet;
use proptest::prelude::*;

fn subnet(text: &str) -> Subnet {
    Subnet::from(text.parse::<IpNet>().unwrap())
}

#[test]
fn large_and_very_small_subnets_have_the_right_ends_and_counts() {
    let mut table = String::new();
    for text in [
        "192.168.0.10/24",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "10.0.0.0/30",
        "10.0.0.0/31",
        "10.0.0.1/32",
        "2001:db8::1/64",
        "::/0",
        "2001:db8::/126",
        "2001:db8::/127",
        "2001:db8::1/128",
    ] {
        let subnet = subnet(text);
        let broadcast = subnet
            .broadcast()
            .map_or_else(|| "none".to_owned(), |address| address.to_string());
        let (first, last, hosts) = (subnet.first_host(), subnet.last_host(), subnet.hosts());
        writeln!(
            table,
            "{text}: {}, broadcast {broadcast}, {first} to {last}, {hosts}",
            subnet.mask()
        )
        .unwrap();
    }
    snapbox::assert_data_eq!(
        table,
        snapbox::str![[r#"
192.168.0.10/24: 255.255.255.0, broadcast 192.168.0.255, 192.168.0.1 to 192.168.0.254, 254
10.0.0.0/8: 255.0.0.0, broadcast 10.255.255.255, 10.0.0.1 to 10.255.255.254, 16777214
0.0.0.0/0: 0.0.0.0, broadcast 255.255.255.255, 0.0.0.1 to 255.255.255.254, 4294967294
10.0.0.0/30: 255.255.255.252, broadcast 10.0.0.3, 10.0.0.1 to 10.0.0.2, 2
10.0.0.0/31: 255.255.255.254, broadcast none, 10.0.0.0 to 10.0.0.1, 2
10.0.0.1/32: 255.255.255.255, broadcast none, 10.0.0.1 to 10.0.0.1, 1
2001:db8::1/64: ffff:ffff:ffff:ffff::, broadcast none, 2001:db8::1 to 2001:db8::ffff:ffff:ffff:ffff, 18446744073709551615
::/0: ::, broadcast none, ::1 to ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 340282366920938463463374607431768211455
2001:db8::/126: ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc, broadcast none, 2001:db8::1 to 2001:db8::3, 3
2001:db8::/127: ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe, broadcast none, 2001:db8:: to 2001:db8::1, 2
2001:db8::1/128: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, broadcast none, 2001:db8::1 to 2001:db8::1, 1

"#]]
    );
}

#[test]
fn an_address_knows_what_it_is_in_its_subnet() {
    let lan = subnet("10.0.0.0/24");
    let position = |text: &str| lan.position(text.parse().unwrap());
    assert_eq!(position("10.0.0.0"), Position::Network);
    assert_eq!(position("10.0.0.1"), Position::Host(1));
    assert_eq!(position("10.0.0.254"), Position::Host(254));
    assert_eq!(position("10.0.0.255"), Position::Broadcast);
    assert_eq!(position("10.0.1.0"), Position::Outside);
    assert_eq!(position("::1"), Position::Outside);
    assert_eq!(
        subnet("2001:db8::/64").position("2001:db8::".parse().unwrap()),
        Position::RouterAnycast
    );
    assert_eq!(
        subnet("10.0.0.0/31").position("10.0.0.0".parse().unwrap()),
        Position::Host(1)
    );
}

proptest! {
    #[test]
    fn network_and_last_are_the_mask_at_work(address: u32, length in 0_u8..=32) {
        let subnet = Subnet::from(IpNet::new(IpAddr::V4(address.into()), length).unwrap());
        let (IpAddr::V4(mask), IpAddr::V4(wildcard)) = (subnet.mask(), subnet.wildcard()) else { unreachable!() };
        prop_assert_eq!(mask.to_bits(), !wildcard.to_bits());
        prop_assert_eq!(subnet.network(), IpAddr::V4((address & mask.to_bits()).into()));
        prop_assert_eq!(subnet.last(), IpAddr::V4((address | wildcard.to_bits()).into()));
    }

    #[test]
    fn every_host_is_inside_and_hosts_and_ends_make_all(address: IpAddr, length in 0_u8..=128) {
        let Ok(net) = IpNet::new(address, length) else { return Ok(()) };
        let subnet = Subnet::from(net);
        prop_assert!(subnet.contains(address));
        prop_assert!(subnet.contains(subnet.first_host()) && subnet.contains(subnet.last_host()));
        let kept_back = match (subnet.host_bits(), address) {
            (0 | 1, _) => 0,
            (_, IpAddr::V4(_)) => 2,
            (_, IpAddr::V6(_)) => 1,
        };
        let all_but_one = u128::MAX.checked_shr(128 - u32::from(subnet.host_bits())).unwrap_or(0);
        prop_assert_eq!(subnet.hosts() - 1 + kept_back, all_but_one);
    }
}
