//! No call leaves a descriptor or a thread behind. (Alone in its file, so that no other test opens any meanwhile.)

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(target_os = "linux")]

use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::thread;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::tunnel::{Proxy, connect_through};
use tcp_socket::{Deadline, Error, Listener, ScriptedPeer, TcpSocket};

const AMPLE: Duration = Duration::from_secs(20);

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn threads_now() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

fn loopback() -> Listener {
    Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

/// Waits for threads that end on their own, and then compares.
fn assert_as_before(before: (usize, usize), what: &str) {
    let patience = Deadline::after(AMPLE);
    while (open_descriptors(), threads_now()) != before && patience.remaining().is_some() {
        thread::yield_now();
    }
    assert_eq!((open_descriptors(), threads_now()), before, "{what}");
}

/// One after the other in one test, because each counts what the whole process has.
#[test]
fn nothing_is_left_behind() {
    let before = (open_descriptors(), threads_now());
    neither_success_nor_failure_leaves_anything();
    assert_as_before(before, "calls");
    the_loser_of_a_race_goes_home();
    assert_as_before(before, "a race");
    tunnels_and_refusals_of_a_proxy_end();
    assert_as_before(before, "a proxy");
    peers_on_real_sockets_go_home();
    assert_as_before(before, "live peers");
}

fn tunnels_and_refusals_of_a_proxy_end() {
    let peer = ScriptedPeer::new()
        .hears(5)
        .gives(b"bye")
        .closes()
        .on_loopback()
        .unwrap();
    let proxy = Proxy::new([peer.address().port()]);
    let listener = loopback();
    let address = Endpoint::from(listener.local_address());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..2 {
                proxy.serve_caller(&listener.accept().unwrap());
            }
        });
        let socket = connect_through(&address, &Endpoint::from(peer.address()), AMPLE).unwrap();
        socket.send(b"hello", AMPLE).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        while socket.pull(&mut [0; 8], AMPLE).unwrap() > 0 {}
        assert!(connect_through(&address, &Endpoint::new("127.0.0.1", 1), AMPLE).is_err());
    });
    assert_eq!(peer.finish().unwrap(), b"hello");
}

fn peers_on_real_sockets_go_home() {
    for script in [
        ScriptedPeer::new().gives_in_pieces(b"dribble", 1).closes(),
        ScriptedPeer::new().hears(1).gives(b"half").resets(),
        ScriptedPeer::new().never_reads(),
        ScriptedPeer::new().hears(1).closes(),
    ] {
        for is_finished in [true, false] {
            let peer = script.clone().on_loopback().unwrap();
            let socket = TcpSocket::connect_address(peer.address(), AMPLE).unwrap();
            let _ = socket.send(b"!", AMPLE);
            while matches!(socket.pull(&mut [0; 8], Duration::from_millis(20)), Ok(count) if count > 0) {}
            drop(socket);
            if is_finished {
                // A reset in the middle is the script's own doing.
                let _ = peer.finish();
            }
        }
    }
    let hole = ScriptedPeer::new().never_accepts().on_loopback().unwrap();
    assert!(TcpSocket::connect_address(hole.address(), Duration::from_millis(20)).is_err());
    hole.finish().unwrap();
}

fn neither_success_nor_failure_leaves_anything() {
    let timeout = Duration::from_millis(1);
    for _ in 0..20 {
        let listener = loopback();
        let address = listener.local_address();
        let client = TcpSocket::connect_address(address, AMPLE).unwrap();
        let second = client.try_clone().unwrap();
        let _server = listener.accept().unwrap();
        assert!(matches!(
            second.pull(&mut [0; 1], timeout),
            Err(Error::TimedOut { .. })
        ));
        assert!(Listener::bind_address(address).is_err());
        drop(listener);
        assert!(TcpSocket::connect_address(address, AMPLE).is_err());
    }
}

fn the_loser_of_a_race_goes_home() {
    let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    silent
        .bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())
        .unwrap();
    silent.listen(0).unwrap();
    let hole = silent.local_addr().unwrap().as_socket().unwrap();
    let first = TcpSocket::connect_address(hole, AMPLE).unwrap();
    let listener = loopback();
    let winner = TcpSocket::connect_any(&[hole, listener.local_address()], Duration::from_secs(600)).unwrap();
    assert_eq!(winner.peer_address(), listener.local_address());
    drop((silent, first, listener, winner));
    // It ends on its own, long before its deadline.
}
