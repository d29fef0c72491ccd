//! No call leaves a descriptor behind. (Alone in its file, so that no other test opens any meanwhile.)

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(target_os = "linux")]

use std::net::Ipv4Addr;
use std::time::Duration;

use tcp_socket::{Error, Listener, TcpSocket};

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn neither_success_nor_failure_leaves_a_descriptor_open() {
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
}
