//! Room 2. So as to have a timeout, the wrong version connects without blocking. Then `connect` returns at once, "in progress",
//! and what became of it stands in SO_ERROR, later. The wrong version does not wait, and does not ask.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tcp_socket::{Listener, ScriptedPeer, TcpSocket};

use crate::exhibit;

const TIMEOUT: Duration = Duration::from_millis(300);

fn wrong(peer: SocketAddr) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(peer), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    let _in_progress = socket.connect(&peer.into());
    Ok(socket)
}

fn right(peer: SocketAddr) -> Result<TcpSocket, tcp_socket::Error> {
    TcpSocket::connect_address(peer, TIMEOUT)
}

pub(crate) fn show() -> Result<(), Box<dyn Error>> {
    // Its queue is full: on Linux no caller hears anything.
    let silent = ScriptedPeer::new().never_accepts().on_loopback()?;
    let gone = Listener::bind_address(([127, 0, 0, 1], 0).into())?.local_address();
    for (what, peer) in [
        ("a server whose queue is full", silent.address()),
        ("a port without a server", gone),
    ] {
        let wrong = wrong(peer).map_or("failed", |_| "connected");
        let right = right(peer).map_or_else(|error| error.short(), |_| "connected");
        exhibit(what, wrong, right);
    }
    Ok(())
}
