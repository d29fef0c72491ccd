//! What carries the bytes: TCP, or TLS on top of it.

use std::net::{Shutdown, SocketAddr};

use tcp_socket::{Deadline, Error, Stream, TcpSocket};

use crate::tls::Tls;

/// A connection to the peer, in plain text or not. All above it is the same for both.
#[derive(Debug)]
pub enum Wire {
    /// `ws://`, `stomp://`: everybody on the way can read along.
    Plain(TcpSocket),
    /// `wss://`: nobody can.
    Secure(Box<Tls<TcpSocket>>),
}

impl Wire {
    /// The other end's address and port.
    #[must_use]
    pub fn peer_address(&self) -> SocketAddr {
        self.socket().peer_address()
    }

    /// A second handle, so that one thread may send while another pulls.
    ///
    /// # Errors
    ///
    /// As [`TcpSocket::try_clone`].
    pub fn try_clone(&self) -> Result<Self, Error> {
        match self {
            Self::Plain(socket) => Ok(Self::Plain(socket.try_clone()?)),
            Self::Secure(tls) => Ok(Self::Secure(Box::new(tls.try_clone()?))),
        }
    }

    /// Says that nothing more will be sent. The peer can still be heard.
    pub fn finish(&mut self, deadline: impl Into<Deadline>) {
        // Who is gone already needs no goodbye.
        let _ = match self {
            Self::Plain(socket) => socket.shutdown(Shutdown::Write),
            Self::Secure(tls) => tls.shutdown(Shutdown::Write, deadline),
        };
    }

    /// Ends the connection now, in both directions: whoever waits on it is woken.
    pub fn abort(&self) {
        let _ = self.socket().shutdown(Shutdown::Both);
    }

    fn socket(&self) -> &TcpSocket {
        match self {
            Self::Plain(socket) => socket,
            Self::Secure(tls) => tls.socket(),
        }
    }
}

impl From<TcpSocket> for Wire {
    fn from(socket: TcpSocket) -> Self {
        Self::Plain(socket)
    }
}

impl Stream for Wire {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error> {
        match self {
            Self::Plain(socket) => Stream::send(socket, bytes, deadline),
            Self::Secure(tls) => tls.send(bytes, deadline),
        }
    }

    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        match self {
            Self::Plain(socket) => Stream::pull(socket, buffer, deadline),
            Self::Secure(tls) => tls.pull(buffer, deadline),
        }
    }

    fn peer(&self) -> String {
        self.peer_address().to_string()
    }
}
