//! The options of a socket, and what can be seen of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "some of these tests are for Linux only")
)]

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use tcp_socket::{KeepAlive, Listener, TcpSocket};

const AMPLE: Duration = Duration::from_secs(20);

fn connection() -> (TcpSocket, TcpSocket) {
    let listener = Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let client = TcpSocket::connect_address(listener.local_address(), AMPLE).unwrap();
    (client, listener.accept().unwrap())
}

#[test]
fn a_listener_on_both_families_takes_both_and_names_an_ipv4_caller_plainly() {
    let listener = Listener::bind_address((Ipv6Addr::UNSPECIFIED, 0).into()).unwrap();
    let port = listener.local_address().port();
    for address in [
        (Ipv6Addr::LOCALHOST, port).into(),
        (Ipv4Addr::LOCALHOST, port).into(),
    ] {
        let client = TcpSocket::connect_address(address, AMPLE).unwrap();
        let server = listener.accept().unwrap();
        assert_eq!(server.peer_address(), client.local_address().unwrap());
        assert_eq!(server.local_address().unwrap(), address);
    }
}

#[test]
fn a_small_send_buffer_takes_less_of_one_send() {
    let taken = |size: Option<usize>| {
        let (client, _server) = connection();
        if let Some(size) = size {
            let granted = client.set_send_buffer(size).unwrap();
            assert!(granted >= size, "{granted}");
        }
        client
            .send(&vec![0; 64 * 1024 * 1024], Duration::from_millis(50))
            .unwrap()
    };
    assert!(taken(Some(16 * 1024)) < taken(None));
}

#[test]
fn a_receive_buffer_is_granted() {
    let (client, _server) = connection();
    assert!(client.set_receive_buffer(16 * 1024).unwrap() >= 16 * 1024);
}

/// `/proc/net/tcp` tells which timer of a connection runs: 02 is keep-alive (proc(5)).
#[cfg(target_os = "linux")]
#[test]
fn keep_alive_starts_a_timer_and_stops_it() {
    let timer = |client: &TcpSocket| {
        let end = |port| format!("0100007F:{port:04X}");
        // Both ends: another connection of the same port may be in TIME_WAIT.
        let ends = [client.local_address().unwrap(), client.peer_address()].map(|it| end(it.port()));
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let row = table
            .lines()
            .map(|row| row.split_whitespace().collect::<Vec<_>>())
            .find(|row| row[1..3] == ends);
        row.unwrap()[5][..2].to_owned()
    };
    let (client, _server) = connection();
    assert_eq!(timer(&client), "00");
    let times = KeepAlive {
        idle: Duration::from_secs(60),
        interval: Duration::from_secs(10),
    };
    client.set_keep_alive(Some(times)).unwrap();
    assert_eq!(timer(&client), "02");
    client.set_keep_alive(None).unwrap();
    assert_eq!(timer(&client), "00");
}
