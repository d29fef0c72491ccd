//! No call leaves a descriptor or a thread behind. (Alone in its file, so that no other test opens any meanwhile.)

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(target_os = "linux")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tcp_socket::{Deadline, Error, Listener, TcpSocket};

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn threads_now() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[test]
fn neither_success_nor_failure_leaves_a_descriptor_or_a_thread() {
    let before = open_descriptors();
    let timeout = Duration::from_millis(1);
    for _ in 0..20 {
        let listener = Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_address();
        let client = TcpSocket::connect_address(address, Duration::from_secs(20)).unwrap();
        let second = client.try_clone().unwrap();
        let _server = listener.accept().unwrap();
        assert!(matches!(
            second.pull(&mut [0; 1], timeout),
            Err(Error::TimedOut { .. })
        ));
        assert!(Listener::bind_address(address).is_err());
        drop(listener);
        assert!(TcpSocket::connect_address(address, Duration::from_secs(20)).is_err());
    }
    assert_eq!(open_descriptors(), before);

    let threads = threads_now();
    let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    silent
        .bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())
        .unwrap();
    silent.listen(0).unwrap();
    let hole = silent.local_addr().unwrap().as_socket().unwrap();
    let first = TcpSocket::connect_address(hole, Duration::from_secs(20)).unwrap();
    let listener = Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let winner = TcpSocket::connect_any(&[hole, listener.local_address()], Duration::from_secs(600)).unwrap();
    assert_eq!(winner.peer_address(), listener.local_address());
    drop((silent, first, listener, winner));
    // The loser of the race ends on its own, long before its deadline.
    let patience = Deadline::after(Duration::from_secs(20));
    while (open_descriptors(), threads_now()) != (before, threads) && patience.remaining().is_some() {
        std::thread::yield_now();
    }
    assert_eq!((open_descriptors(), threads_now()), (before, threads));
}
