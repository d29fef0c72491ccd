//! The path's MTU and the connection's MSS, as the system tells them.
//!
//! The system finds out what the narrowest link on the way carries: it sends packets that may not be cut, and a router
//! that cannot pass one on says so (path MTU discovery, RFC 1191 and RFC 8201). A connection starts with what the link
//! at hand carries, and learns the rest as it goes.

use tcp_socket::TcpSocket;

/// What the system knows of a connection's packets. `None` is what this system does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathFacts {
    /// The most bytes of the stream that it puts into one segment now. Linux has taken the options off already.
    pub segment: Option<u32>,
    /// The largest packet that it believes the whole path to carry, in bytes.
    pub mtu: Option<u32>,
}

impl PathFacts {
    /// Asks about a connection.
    #[must_use]
    pub fn of(socket: &TcpSocket) -> Self {
        Self {
            segment: segment(socket),
            mtu: path_mtu(socket),
        }
    }
}

#[cfg(unix)]
fn segment(socket: &TcpSocket) -> Option<u32> {
    socket2::SockRef::from(socket).tcp_mss().ok()
}

#[cfg(not(unix))]
fn segment(_: &TcpSocket) -> Option<u32> {
    None
}

#[cfg(target_os = "linux")]
fn path_mtu(socket: &TcpSocket) -> Option<u32> {
    use rustix::net::sockopt::{ip_mtu, ipv6_mtu};
    if socket.peer_address().is_ipv4() {
        ip_mtu(socket).ok()
    } else {
        ipv6_mtu(socket).ok()
    }
}

#[cfg(not(target_os = "linux"))]
fn path_mtu(_: &TcpSocket) -> Option<u32> {
    None
}
