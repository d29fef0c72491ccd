//! What the tests of the event loop share.

// Each test compiles this for itself, and not each uses all of it.
#![allow(dead_code, reason = "see above")]

use std::thread;
use std::time::{Duration, Instant};

use chunked_io::event_loop::{EventLoop, Protocol, Settings};
use ports::Endpoint;
use tcp_socket::TcpSocket;

/// Long enough for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn threads(threads: usize) -> Settings {
    Settings {
        threads,
        ..Settings::default()
    }
}

pub(crate) fn serve<P: Protocol>(
    settings: Settings,
    protocol: impl Fn() -> P + Send + Sync + 'static,
) -> EventLoop<P::Message> {
    EventLoop::serve(&Endpoint::new("127.0.0.1", 0), settings, move |_| protocol()).unwrap()
}

pub(crate) fn call<M: Send + 'static>(server: &EventLoop<M>) -> TcpSocket {
    TcpSocket::connect_address(server.local_address(), PATIENCE).unwrap()
}

pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "still waiting for: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
