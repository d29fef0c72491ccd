//! Packets: what the headers leave, and what they cost.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use chunked_io::PathFacts;
use chunked_io::mtu::{IpVersion, Link, MtuError, Stack, Tunnel};
use proptest::prelude::*;
use tcp_socket::{Listener, TcpSocket};

fn stack(mtu: u32, tunnel: Tunnel, ip: IpVersion) -> Stack {
    Stack::new(Link::Ethernet, mtu, tunnel, ip, true).unwrap()
}

#[test]
fn the_mss_is_the_mtu_less_the_headers() {
    let mss = |mtu, ip| stack(mtu, Tunnel::None, ip).mss();
    // RFC 9293, section 3.7.1: the defaults, where nothing is known of the path.
    assert_eq!(mss(576, IpVersion::V4), 536);
    assert_eq!(mss(1280, IpVersion::V6), 1220);
    assert_eq!(mss(1500, IpVersion::V4), 1460);
    assert_eq!(mss(1500, IpVersion::V6), 1440);
    assert_eq!(stack(1500, Tunnel::Pppoe, IpVersion::V4).mss(), 1452);
    assert_eq!(stack(1500, Tunnel::Gre, IpVersion::V4).mss(), 1436);
    // WireGuard's own tools give its interface an MTU of 1420.
    assert_eq!(stack(1500, Tunnel::WireGuard, IpVersion::V4).mss(), 1420 - 40);
}

#[test]
fn a_gigabit_link_carries_941_megabits_of_a_stream() {
    // The figure that every speed test shows: 1448 of 1538 bytes.
    let full = stack(1500, Tunnel::None, IpVersion::V4).cut(1448 * 1_000_000);
    assert_eq!(full.efficiency(), 941);
}

#[test]
fn a_short_packet_is_filled_up_on_ethernet() {
    let bare = Stack::new(Link::Ethernet, 1500, Tunnel::None, IpVersion::V4, false).unwrap();
    // 40 bytes of headers and 1 of the stream are 5 short of the least.
    assert_eq!(bare.cut(1).on_the_wire, 38 + 46);
    assert_eq!(bare.cut(6).on_the_wire, 38 + 46);
    assert_eq!(bare.cut(7).on_the_wire, 38 + 47);
}

#[test]
fn nothing_needs_no_packet() {
    let cut = Stack::default().cut(0);
    assert_eq!(
        (cut.packets, cut.on_the_wire, cut.overhead(), cut.efficiency()),
        (0, 0, 0, 0)
    );
}

#[test]
fn an_mtu_that_no_link_may_have_is_refused() {
    let new = |mtu, tunnel, ip| Stack::new(Link::Ethernet, mtu, tunnel, ip, true);
    assert!(matches!(
        new(67, Tunnel::None, IpVersion::V4),
        Err(MtuError::TooSmall { .. })
    ));
    assert!(new(68, Tunnel::None, IpVersion::V4).is_ok());
    assert!(matches!(
        new(1359, Tunnel::WireGuard, IpVersion::V6),
        Err(MtuError::TooSmall { inner: 1279, .. })
    ));
    assert!(new(1360, Tunnel::WireGuard, IpVersion::V6).is_ok());
    assert_eq!(
        new(65_537, Tunnel::None, IpVersion::V4),
        Err(MtuError::TooLarge { mtu: 65_537 })
    );
    // Linux says 65536 of its loopback; a packet's length field cannot.
    assert_eq!(new(65_536, Tunnel::None, IpVersion::V4).unwrap().mtu(), 65_535);
    assert!(new(0, Tunnel::Gre, IpVersion::V4).is_err());
}

#[test]
fn the_system_tells_what_it_knows_of_a_connection() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let listener = Listener::bind(&address.parse().unwrap()).unwrap();
        let socket = TcpSocket::connect_address(listener.local_address(), Duration::from_secs(1)).unwrap();
        let facts = PathFacts::of(&socket);
        if cfg!(target_os = "linux") {
            assert!(
                facts.mtu.is_some() && facts.segment.is_some(),
                "{address}: {facts:?}"
            );
        }
        if let (Some(segment), Some(mtu)) = (facts.segment, facts.mtu) {
            assert!(segment < mtu, "{facts:?}");
        }
    }
}

proptest! {
    #[test]
    fn the_packets_carry_all_of_it_and_none_is_over_the_mtu(
        size in 0u64..1 << 50,
        mtu in 1360u32..=65_536,
        timestamps in any::<bool>(),
        six in any::<bool>(),
        tunnel in prop::sample::select(vec![Tunnel::None, Tunnel::Pppoe, Tunnel::Gre, Tunnel::WireGuard]),
    ) {
        let ip = if six { IpVersion::V6 } else { IpVersion::V4 };
        let stack = Stack::new(Link::Ethernet, mtu, tunnel, ip, timestamps).unwrap();
        let cut = stack.cut(size);
        let payload = u64::from(stack.payload());
        prop_assert_eq!(cut.packets.saturating_sub(1) * payload + cut.last, size);
        prop_assert!(cut.last <= payload && (cut.last > 0 || size == 0));
        prop_assert!(cut.efficiency() < 1000);
        let layers: u32 = stack.layers().iter().map(|(_, length)| length).sum();
        prop_assert_eq!(layers, stack.mtu() + 38);
    }
}
