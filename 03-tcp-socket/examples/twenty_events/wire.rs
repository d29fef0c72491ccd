//! A connection that keeps the bill: what was sent on it, by either end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tcp_socket::{Error, TcpSocket, http};

const TIMEOUT: Duration = Duration::from_secs(30);

/// What both ends have sent.
#[derive(Debug, Default)]
pub(crate) struct Bill {
    pub(crate) bytes: AtomicUsize,
    /// Segments that carry bytes: what is sent in one call, and is smaller than the MSS, leaves as one if nothing holds
    /// it back (TCP_NODELAY). Acknowledgements, and the handshake of a connection, come on top.
    pub(crate) segments: AtomicUsize,
}

/// One end of a connection.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: TcpSocket,
    bill: Arc<Bill>,
}

impl Wire {
    pub(crate) fn new(socket: TcpSocket, bill: Arc<Bill>) -> Result<Self, Error> {
        socket.set_no_delay(true)?;
        Ok(Self { socket, bill })
    }

    pub(crate) fn say(&self, text: &str) -> Result<(), Error> {
        // Before they leave: the other end may be quicker than this one.
        self.bill.bytes.fetch_add(text.len(), Ordering::Relaxed);
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            self.bill.segments.fetch_add(1, Ordering::Relaxed);
            let sent = self.socket.send(rest, TIMEOUT)?;
            rest = &rest[sent..];
        }
        Ok(())
    }

    pub(crate) fn hear_head(&self) -> Result<Vec<u8>, Error> {
        http::pull_head(&self.socket, TIMEOUT)
    }

    /// Hears `count` bytes, or fewer if the other end closes. (Step 4 makes a function of this loop for every stream.)
    pub(crate) fn hear(&self, count: usize) -> Result<String, Error> {
        let (mut heard, mut buffer) = (0, vec![0; count]);
        while heard < count {
            match self.socket.pull(&mut buffer[heard..], TIMEOUT)? {
                0 => break,
                more => heard += more,
            }
        }
        Ok(String::from_utf8_lossy(&buffer[..heard]).into_owned())
    }
}
