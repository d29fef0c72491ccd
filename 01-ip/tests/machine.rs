//! This machine, as far as every machine is alike.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::{IpAddr, Ipv4Addr};

use ip::machine::{interface_of, interfaces, source_address};

#[test]
fn every_machine_has_a_loopback_interface() {
    let interfaces = interfaces().unwrap();
    let (interface, net) = interface_of(&interfaces, Ipv4Addr::LOCALHOST.into()).unwrap();
    assert!(interface.is_loopback && interface.is_up);
    assert_eq!(net.to_string(), "127.0.0.1/8");
}

#[test]
fn the_way_to_loopback_begins_at_loopback() {
    let source = source_address(Ipv4Addr::LOCALHOST.into(), 0).unwrap();
    assert_eq!(source, IpAddr::from(Ipv4Addr::LOCALHOST));
}

#[test]
fn the_way_to_an_address_of_ones_own_begins_there() {
    let interfaces = interfaces().unwrap();
    let nets = interfaces
        .iter()
        .filter(|interface| interface.is_up)
        .flat_map(|interface| &interface.nets);
    for net in nets.filter(|net| net.addr().is_ipv4()) {
        assert_eq!(source_address(net.addr(), 0).unwrap(), net.addr());
    }
}
