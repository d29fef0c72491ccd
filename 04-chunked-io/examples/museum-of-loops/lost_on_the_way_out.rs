//! Room 2. The wrong version is the standard library's `write_all`: if it fails, some bytes have left, and nobody can say how
//! many. So nobody can send the rest.

use std::error::Error;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use chunked_io::send_all;
use tcp_socket::{ScriptedPeer, TcpSocket};

use crate::exhibit;

const TIMEOUT: Duration = Duration::from_millis(200);

fn wrong(socket: &mut TcpStream, bytes: &[u8]) -> Option<usize> {
    // The error says why, and not when.
    socket.write_all(bytes).ok().map(|()| bytes.len())
}

fn right(socket: &mut TcpSocket, bytes: &[u8]) -> usize {
    send_all(socket, bytes, TIMEOUT).map_or_else(|error| error.moved(), |()| bytes.len())
}

pub(crate) fn show() -> Result<(), Box<dyn Error>> {
    let film = vec![0; 64 * 1024 * 1024];
    let peer = ScriptedPeer::new().never_reads().on_loopback()?;
    let mut socket = TcpStream::connect(peer.address())?;
    socket.set_write_timeout(Some(TIMEOUT))?;
    let by_wrong = match wrong(&mut socket, &film) {
        Some(_) => "all of it has left",
        None => "failed; how much has left, nobody knows",
    };

    let peer = ScriptedPeer::new().never_reads().on_loopback()?;
    let mut socket = TcpSocket::connect_address(peer.address(), TIMEOUT)?;
    let by_right = match right(&mut socket, &film) {
        sent if 0 < sent && sent < film.len() => {
            "failed, and the count of the bytes that have left is at hand"
        }
        _ => "none or all of it has left",
    };
    exhibit("a peer that never reads is offered 64 MiB", by_wrong, by_right);
    Ok(())
}
