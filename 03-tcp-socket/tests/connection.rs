//! What each call promises, on real sockets on loopback.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "some of these tests are for Linux only")
)]

use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use ports::Endpoint;
#[cfg(target_os = "linux")]
use tcp_socket::LivePeer;
use tcp_socket::{Call, Deadline, Error, Listener, ScriptedPeer, TcpSocket};

/// Long enough for a slow machine; nothing that works waits for it.
const AMPLE: Duration = Duration::from_secs(20);
/// Short enough for a test that waits for what never comes.
const SHORT: Duration = Duration::from_millis(60);

fn loopback() -> Listener {
    Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

/// Both ends of a new connection.
fn connection() -> (TcpSocket, TcpSocket) {
    let listener = loopback();
    let client = TcpSocket::connect_address(listener.local_address(), AMPLE).unwrap();
    (client, listener.accept().unwrap())
}

/// An address that was free a moment ago.
fn dead_address() -> SocketAddr {
    loopback().local_address()
}

#[test]
fn both_ends_agree_on_the_two_pairs() {
    let (client, server) = connection();
    assert_eq!(client.local_address().unwrap(), server.peer_address());
    assert_eq!(server.local_address().unwrap(), client.peer_address());
    assert_ne!(client.local_address().unwrap(), client.peer_address());
}

#[test]
fn a_name_is_resolved_and_each_of_its_addresses_tried() {
    // localhost may be ::1 first; the listener has only 127.0.0.1.
    let listener = loopback();
    let endpoint = Endpoint::new("localhost", listener.local_address().port());
    let client = TcpSocket::connect(&endpoint, AMPLE).unwrap();
    assert_eq!(client.peer_address(), listener.local_address());
}

#[test]
fn a_pull_brings_no_more_than_the_buffer_and_no_more_than_has_come() {
    let (client, server) = connection();
    assert_eq!(client.send(b"hello", AMPLE).unwrap(), 5);
    let mut buffer = [0; 3];
    assert_eq!(server.pull(&mut buffer, AMPLE).unwrap(), 3);
    assert_eq!(&buffer, b"hel");
    assert_eq!(server.pull(&mut buffer, AMPLE).unwrap(), 2);
    assert_eq!(&buffer[..2], b"lo");
}

#[test]
fn refused_names_the_peer_and_what_to_do() {
    let peer = dead_address();
    let error = TcpSocket::connect_address(peer, AMPLE).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Refused {
                call: Call::Connect,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        format!(
            "cannot connect to {peer}: connection refused, as nothing listens there; \
             start the server, or check the port"
        )
    );
}

#[test]
fn a_silent_peer_costs_the_timeout_and_not_more() {
    let (client, _server) = connection();
    let started = Instant::now();
    let error = client.pull(&mut [0; 8], SHORT).unwrap_err();
    let Error::TimedOut {
        call: Call::Pull,
        peer,
        after,
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(*peer, client.peer_address().to_string());
    assert!(SHORT <= *after && *after <= started.elapsed(), "{after:?}");
    assert!(started.elapsed() < AMPLE);
}

#[test]
fn a_deadline_that_has_passed_makes_no_call() {
    let (client, server) = connection();
    server.send(b"already here", AMPLE).unwrap();
    let deadline = Deadline::after(Duration::ZERO);
    let error = client.pull(&mut [0; 8], deadline).unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
}

#[test]
fn a_pull_without_a_deadline_waits_for_the_bytes() {
    let (client, server) = connection();
    thread::scope(|scope| {
        let pulled = scope.spawn(|| client.pull(&mut [0; 8], Deadline::never()));
        server.send(b"at last", AMPLE).unwrap();
        assert_eq!(pulled.join().unwrap().unwrap(), 7);
    });
}

#[test]
fn an_orderly_close_is_not_an_error_and_lasts() {
    let (client, server) = connection();
    server.send(b"bye", AMPLE).unwrap();
    drop(server);
    let mut buffer = [0; 8];
    assert_eq!(client.pull(&mut buffer, AMPLE).unwrap(), 3);
    assert_eq!(client.pull(&mut buffer, AMPLE).unwrap(), 0);
    assert_eq!(client.pull(&mut buffer, AMPLE).unwrap(), 0);
}

#[test]
fn closing_one_direction_leaves_the_other_open() {
    let (client, server) = connection();
    client.send(b"question", AMPLE).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut buffer = [0; 16];
    assert_eq!(server.pull(&mut buffer, AMPLE).unwrap(), 8);
    assert_eq!(server.pull(&mut buffer, AMPLE).unwrap(), 0);
    assert_eq!(server.send(b"answer", AMPLE).unwrap(), 6);
    assert_eq!(client.pull(&mut buffer, AMPLE).unwrap(), 6);
    let error = client.send(b"more", AMPLE).unwrap_err();
    assert!(
        matches!(error, Error::BrokenPipe { call: Call::Send, .. }),
        "{error:?}"
    );
}

#[test]
fn a_connection_thrown_away_is_a_reset_and_then_a_broken_pipe() {
    let (client, server) = connection();
    server.set_linger(Some(Duration::ZERO)).unwrap();
    drop(server);
    let error = client.pull(&mut [0; 8], AMPLE).unwrap_err();
    assert!(
        matches!(error, Error::Reset { call: Call::Pull, .. }),
        "{error:?}"
    );
    let error = client.send(b"anybody?", AMPLE).unwrap_err();
    assert!(
        matches!(error, Error::BrokenPipe { .. } | Error::Reset { .. }),
        "{error:?}"
    );
}

#[test]
fn a_send_to_a_peer_that_does_not_read_is_short_and_then_times_out() {
    let (client, server) = connection();
    let offered = vec![7; 64 * 1024 * 1024];
    let taken = client.send(&offered, SHORT).unwrap();
    assert!(0 < taken && taken < offered.len(), "{taken}");
    // The receiver's window may still have grown a little; in the end no room is left.
    let error = loop {
        match client.send(&offered, SHORT) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(
        matches!(error, Error::TimedOut { call: Call::Send, .. }),
        "{error:?}"
    );
    // The connection is unharmed: as soon as the peer reads, there is room again.
    thread::scope(|scope| {
        scope.spawn(|| while server.pull(&mut vec![0; 1024 * 1024], AMPLE).unwrap() > 0 {});
        assert!(client.send(b"now?", AMPLE).unwrap() > 0);
        client.shutdown(Shutdown::Write).unwrap();
    });
}

#[test]
fn one_handle_may_send_while_the_other_pulls() {
    let (client, server) = connection();
    let second = client.try_clone().unwrap();
    thread::scope(|scope| {
        let pulled = scope.spawn(move || second.pull(&mut [0; 8], AMPLE));
        client.send(b"up", AMPLE).unwrap();
        server.pull(&mut [0; 8], AMPLE).unwrap();
        server.send(b"down", AMPLE).unwrap();
        assert_eq!(pulled.join().unwrap().unwrap(), 4);
    });
}

#[test]
fn a_port_that_is_taken_says_so() {
    let listener = loopback();
    let error = Listener::bind_address(listener.local_address()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::AddressInUse {
                call: Call::Bind | Call::Listen,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_port_can_be_taken_again_as_soon_as_its_listener_has_gone() {
    let listener = loopback();
    let address = listener.local_address();
    let client = TcpSocket::connect_address(address, AMPLE).unwrap();
    // The server closes first, so TIME_WAIT is on its side.
    drop(listener.accept().unwrap());
    drop(listener);
    assert_eq!(client.pull(&mut [0; 8], AMPLE).unwrap(), 0);
    drop(client);
    Listener::bind_address(address).unwrap();
}

#[test]
fn a_name_without_an_address_is_named() {
    let endpoint = Endpoint::new("a..b", 80);
    let error = TcpSocket::connect(&endpoint, AMPLE).unwrap_err();
    assert!(matches!(error, Error::Resolve(_)), "{error:?}");
    assert!(error.to_string().contains("\"a..b\""), "{error}");
}

#[test]
fn the_next_address_is_tried_as_soon_as_one_has_failed() {
    let listener = loopback();
    let addresses = [dead_address(), listener.local_address()];
    let client = TcpSocket::connect_any(&addresses, AMPLE).unwrap();
    assert_eq!(client.peer_address(), listener.local_address());
}

#[test]
fn when_no_address_answers_one_of_them_is_named() {
    let addresses = [dead_address(), dead_address()];
    let error = TcpSocket::connect_any(&addresses, AMPLE).unwrap_err();
    let Error::Refused { peer, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(
        addresses.iter().any(|address| address.to_string() == *peer),
        "{peer}"
    );
    assert!(TcpSocket::connect_any(&[], AMPLE).is_err());
}

/// A listener that nobody can reach. (This works on Linux.)
#[cfg(target_os = "linux")]
fn black_hole() -> LivePeer {
    ScriptedPeer::new().never_accepts().on_loopback().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_connect_that_nobody_answers_times_out() {
    let hole = black_hole();
    let error = TcpSocket::connect_address(hole.address(), SHORT).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TimedOut {
                call: Call::Connect,
                ..
            }
        ),
        "{error:?}"
    );
    hole.finish().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_silent_address_does_not_hold_up_one_that_answers() {
    let hole = black_hole();
    let listener = loopback();
    let deadline = Deadline::after(AMPLE);
    let client = TcpSocket::connect_any(&[hole.address(), listener.local_address()], deadline).unwrap();
    assert_eq!(client.peer_address(), listener.local_address());
    assert!(deadline.elapsed() >= tcp_socket::happy_eyeballs::ATTEMPT_DELAY);
    assert!(deadline.remaining().is_some());
    // The winner's connection is whole although the loser has hung up.
    listener.accept().unwrap().send(b"welcome", AMPLE).unwrap();
    assert_eq!(client.pull(&mut [0; 16], AMPLE).unwrap(), 7);
}

#[cfg(target_os = "linux")]
#[test]
fn silent_addresses_share_one_deadline() {
    let (one, other) = (black_hole(), black_hole());
    let error = TcpSocket::connect_any(&[one.address(), other.address()], 6 * SHORT).unwrap_err();
    let Error::TimedOut { after, .. } = error else {
        panic!("{error:?}")
    };
    assert!(after >= 6 * SHORT && after < AMPLE, "{after:?}");
}
