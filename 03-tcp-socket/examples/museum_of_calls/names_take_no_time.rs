//! Room 4. Before the connection comes the name, and a resolver takes the time it likes. The wrong version begins to count when
//! the addresses are there.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tcp_socket::{Deadline, Listener, TcpSocket};

use crate::exhibit;

const TIMEOUT: Duration = Duration::from_millis(100);

/// `getaddrinfo`, on a day when the name server is slow: it has no timeout that a program could set.
fn resolve(server: SocketAddr) -> Vec<SocketAddr> {
    thread::sleep(6 * TIMEOUT);
    vec![server]
}

fn wrong(server: SocketAddr) -> Result<TcpSocket, String> {
    let addresses = resolve(server);
    TcpSocket::connect_any(&addresses, TIMEOUT).map_err(|error| error.short().to_owned())
}

/// One deadline for both. The resolver has a thread of its own, which may be left behind; `TcpSocket::connect` does it so.
fn right(server: SocketAddr) -> Result<TcpSocket, String> {
    let deadline = Deadline::after(TIMEOUT);
    let (answer, answers) = mpsc::channel();
    thread::spawn(move || answer.send(resolve(server)));
    let left = deadline.remaining().unwrap_or_default();
    let addresses = answers.recv_timeout(left).map_err(|_| "timed out at the name")?;
    TcpSocket::connect_any(&addresses, deadline).map_err(|error| error.short().to_owned())
}

pub(crate) fn show() -> Result<(), Box<dyn Error>> {
    let listener = Listener::bind_address(([127, 0, 0, 1], 0).into())?;
    let server = listener.local_address();
    let timed = |connect: fn(SocketAddr) -> Result<TcpSocket, String>| {
        let started = Instant::now();
        let said = connect(server).map_or_else(|error| error, |_| "connected".to_owned());
        format!("{said}, after {:.1?}", started.elapsed())
    };
    exhibit("a name server that takes 600 ms", timed(wrong), timed(right));
    Ok(())
}
