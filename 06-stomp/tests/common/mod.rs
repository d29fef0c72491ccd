//! A broker on loopback, and a client that speaks raw octets to it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test file uses its own part, and may panic"
)]

use std::net::Shutdown;
use std::time::Duration;

use ports::Endpoint;
use stomp::{Server, ServerOptions};
use tcp_socket::{Deadline, TcpSocket};

/// How long an answer may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Starts a broker on a free port, and says which.
pub(crate) fn start(options: ServerOptions) -> Endpoint {
    Server::start_on_loopback(options).unwrap().tcp.parse().unwrap()
}

/// A client that says exactly what a test wants, right or wrong.
pub(crate) struct Raw {
    socket: TcpSocket,
    received: Vec<u8>,
}

impl Raw {
    pub(crate) fn connect(broker: &Endpoint) -> Self {
        Self {
            socket: TcpSocket::connect(broker, PATIENCE).unwrap(),
            received: Vec::new(),
        }
    }

    /// A session of STOMP 1.2, 1.1 or 1.0 that is open already.
    pub(crate) fn session(broker: &Endpoint, version: &str) -> Self {
        let mut raw = Self::connect(broker);
        raw.says(&format!(
            "CONNECT\naccept-version:{version}\nhost:localhost\n\n^@"
        ));
        raw.hears(&format!("CONNECTED\nversion:{version}\n"));
        raw
    }

    /// Sends `text`, with the octet 0 where it has `^@`.
    pub(crate) fn says(&mut self, text: &str) {
        self.sends(text.replace("^@", "\0").as_bytes());
    }

    pub(crate) fn sends(&mut self, octets: &[u8]) {
        chunked_io::send_all(&mut self.socket, octets, PATIENCE).unwrap();
    }

    /// The next frame, as text without the octet 0.
    pub(crate) fn frame(&mut self) -> String {
        let limit = 64 * 1024 * 1024;
        let end = chunked_io::pull_until(&mut self.socket, &mut self.received, b"\0", limit, PATIENCE);
        let frame: Vec<u8> = self.received.drain(..end.expect("a frame")).collect();
        let text = String::from_utf8(frame).unwrap();
        text.trim_start_matches('\n').trim_end_matches('\0').to_owned()
    }

    /// The next frame, which must begin like this.
    #[track_caller]
    pub(crate) fn hears(&mut self, beginning: &str) -> String {
        let frame = self.frame();
        assert!(
            frame.starts_with(beginning),
            "expected {beginning:?}, heard {frame:?}"
        );
        frame
    }

    /// The next frame must be an ERROR that holds `reason`, and nothing must follow it.
    #[track_caller]
    pub(crate) fn is_refused(&mut self, reason: &str) -> String {
        let frame = self.hears("ERROR\n");
        assert!(
            frame.contains(reason),
            "expected an ERROR about {reason:?}, heard {frame:?}"
        );
        self.is_closed();
        frame
    }

    /// Closes our direction: nothing more will be said.
    pub(crate) fn ends(&mut self) {
        self.socket.shutdown(Shutdown::Write).unwrap();
    }

    /// The broker must close the connection now.
    #[track_caller]
    pub(crate) fn is_closed(&mut self) {
        let rest = chunked_io::pull_to_end(&mut self.socket, 1024, Deadline::after(PATIENCE)).unwrap();
        let rest = [self.received.as_slice(), &rest].concat();
        assert!(
            rest.is_empty(),
            "expected nothing more, heard {:?}",
            String::from_utf8_lossy(&rest)
        );
    }

    /// Asks for a receipt with a frame that does nothing else, and waits for it: everything before has been done.
    pub(crate) fn sync(&mut self) {
        self.says("BEGIN\ntransaction:sync\n\n^@ABORT\ntransaction:sync\nreceipt:sync\n\n^@");
        self.hears("RECEIPT\nreceipt-id:sync\n");
    }
}
