//! The options that decide how a connection behaves: when small pieces leave, what closing does, who notices a
//! peer that has vanished, and how much may be under way.

use std::io;
use std::time::Duration;

use socket2::TcpKeepalive;

use crate::{Call, Error, TcpSocket};

/// When the system asks a silent peer whether it is still there (RFC 9293, section 3.8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepAlive {
    /// How long the connection must have been silent before the first question; at least a second.
    pub idle: Duration,
    /// How long after one question the next is asked; at least a second.
    pub interval: Duration,
}

impl TcpSocket {
    /// Sends small pieces at once instead of waiting for company (Nagle's algorithm, RFC 896, off).
    ///
    /// # Errors
    ///
    /// [`Error::Other`] if the system refuses.
    pub fn set_no_delay(&self, no_delay: bool) -> Result<(), Error> {
        self.set_option(|socket| socket.set_tcp_nodelay(no_delay))
    }

    /// What closing does with bytes that have not left yet. `None`: closing returns at once and the system goes
    /// on sending, which is right nearly always. Zero: they are thrown away and the peer gets a reset.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] if the system refuses.
    pub fn set_linger(&self, linger: Option<Duration>) -> Result<(), Error> {
        self.set_option(|socket| socket.set_linger(linger))
    }

    /// Lets the system ask a silent peer whether it is still there; `None` ends that. A peer that does not answer ends the
    /// connection with [`Error::TimedOut`]. Without this, a connection whose peer has lost its power stays open for ever.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] if the system refuses.
    pub fn set_keep_alive(&self, keep_alive: Option<KeepAlive>) -> Result<(), Error> {
        self.set_option(|socket| match keep_alive {
            None => socket.set_keepalive(false),
            Some(KeepAlive { idle, interval }) => {
                let times = TcpKeepalive::new().with_time(idle).with_interval(interval);
                socket.set_tcp_keepalive(&times)
            }
        })
    }

    /// Asks for a buffer of `size` bytes for what has been sent and not acknowledged, and returns what was granted:
    /// Linux doubles the size, for its own book-keeping, and cuts it at a limit. Left alone, the buffer grows by itself.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] if the system refuses.
    pub fn set_send_buffer(&self, size: usize) -> Result<usize, Error> {
        self.set_option(|socket| {
            socket.set_send_buffer_size(size)?;
            socket.send_buffer_size()
        })
    }

    /// Asks for a buffer of `size` bytes for what has arrived and was not pulled yet, and returns what was granted.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] if the system refuses.
    pub fn set_receive_buffer(&self, size: usize) -> Result<usize, Error> {
        self.set_option(|socket| {
            socket.set_recv_buffer_size(size)?;
            socket.recv_buffer_size()
        })
    }

    fn set_option<T>(&self, set: impl FnOnce(&socket2::Socket) -> io::Result<T>) -> Result<T, Error> {
        set(self.socket()).map_err(|source| self.failed(Call::Option, Duration::ZERO, source))
    }
}
