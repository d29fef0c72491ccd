//! A CONNECT tunnel: what goes through, and what does not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::thread;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::tunnel::{Proxy, TunnelError, connect_through};
use tcp_socket::{Error, Listener, ScriptedPeer, TcpSocket};

const AMPLE: Duration = Duration::from_secs(20);

fn loopback() -> Listener {
    Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

/// A proxy that connects to `port`, and where it listens.
fn proxy_for(port: u16) -> Endpoint {
    let listener = loopback();
    let address = Endpoint::from(listener.local_address());
    thread::spawn(move || Proxy::new([port]).serve(&listener, |_| {}));
    address
}

fn pull_all(socket: &TcpSocket) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        match socket.pull(&mut buffer, AMPLE).unwrap() {
            0 => return String::from_utf8(text).unwrap(),
            count => text.extend_from_slice(&buffer[..count]),
        }
    }
}

/// What a proxy for one port answers to these bytes.
fn answer_to(request: &str, allowed: u16) -> String {
    let listener = loopback();
    let address = listener.local_address();
    let proxy = Proxy {
        patience: Duration::from_millis(100),
        ..Proxy::new([allowed])
    };
    let served = thread::spawn(move || proxy.serve_caller(&listener.accept().unwrap()));
    let client = TcpSocket::connect_address(address, AMPLE).unwrap();
    client.send(request.as_bytes(), AMPLE).unwrap();
    served.join().unwrap();
    pull_all(&client)
}

fn status_of(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

#[test]
fn bytes_go_both_ways_and_a_half_close_goes_through() {
    let peer = ScriptedPeer::new()
        .gives(b"welcome\n")
        .hears(6)
        .gives(b"bye\n")
        .closes()
        .on_loopback()
        .unwrap();
    let proxy = proxy_for(peer.address().port());
    let socket = connect_through(&proxy, &Endpoint::from(peer.address()), AMPLE).unwrap();
    socket.send(b"hello\n", AMPLE).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    assert_eq!(pull_all(&socket), "welcome\nbye\n");
    assert_eq!(peer.finish().unwrap(), b"hello\n");
}

#[test]
fn what_is_sent_right_behind_the_request_reaches_the_server() {
    let peer = ScriptedPeer::new().hears(5).closes().on_loopback().unwrap();
    let proxy = proxy_for(peer.address().port());
    let socket = TcpSocket::connect(&proxy, AMPLE).unwrap();
    let request = format!("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\nearly", peer.address());
    socket.send(request.as_bytes(), AMPLE).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    assert_eq!(status_of(&pull_all(&socket)), "200");
    assert_eq!(peer.finish().unwrap(), b"early");
}

#[test]
fn a_server_that_resets_ends_both_directions() {
    let peer = ScriptedPeer::new().hears(2).resets().on_loopback().unwrap();
    let proxy = proxy_for(peer.address().port());
    let socket = connect_through(&proxy, &Endpoint::from(peer.address()), AMPLE).unwrap();
    socket.send(b"hi", AMPLE).unwrap();
    // Whether as an end or as a reset: it does not hang.
    assert!(matches!(
        socket.pull(&mut [0; 8], AMPLE),
        Ok(0) | Err(Error::Reset { .. })
    ));
}

#[test]
fn a_port_that_is_not_allowed_is_refused_and_the_client_says_why() {
    let peer = loopback();
    let proxy = proxy_for(443);
    let error = connect_through(&proxy, &Endpoint::from(peer.local_address()), AMPLE).unwrap_err();
    assert!(
        matches!(error, TunnelError::Refused { status: 403, .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("403 Forbidden"), "{error}");
}

#[test]
fn each_bad_request_is_answered_with_its_own_status() {
    let dead: SocketAddr = loopback().local_address();
    let connect = |target: &str| format!("CONNECT {target} HTTP/1.1\r\nHost: h\r\n\r\n");
    let port = dead.port();
    assert_eq!(status_of(&answer_to(&connect(&dead.to_string()), port)), "502");
    assert_eq!(status_of(&answer_to(&connect("127.0.0.1:1"), port)), "403");
    assert_eq!(status_of(&answer_to(&connect("127.0.0.1"), port)), "400");
    assert_eq!(
        status_of(&answer_to("\x16\x03\x01 Client Hello\r\n\r\n", port)),
        "400"
    );
    assert_eq!(status_of(&answer_to("CONNECT half", port)), "408");
    let get = answer_to("GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", port);
    assert_eq!(status_of(&get), "405");
    assert!(get.contains("\r\nAllow: CONNECT\r\n"), "{get}");
}

#[test]
fn a_peer_that_is_no_proxy_is_named() {
    for (answer, complaint) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n\r\n"[..], "does not speak HTTP"),
        (b"HTTP/1.1 2", "no complete HTTP head"),
    ] {
        let peer = ScriptedPeer::new().gives(answer).closes().on_loopback().unwrap();
        let error =
            connect_through(&Endpoint::from(peer.address()), &Endpoint::new("h", 443), AMPLE).unwrap_err();
        assert!(error.to_string().contains(complaint), "{error}");
        assert!(error.to_string().contains(&peer.address().to_string()), "{error}");
    }
}
