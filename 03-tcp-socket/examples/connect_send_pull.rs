//! The smallest client: connect, send, pull, one system call each.

use std::thread;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::{Error, Listener, TcpSocket};

const TIMEOUT: Duration = Duration::from_secs(5);

fn main() -> Result<(), Error> {
    // Port 0 is no port: it asks the system to choose a free one.
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let server = Endpoint::from(listener.local_address());
    thread::spawn(move || shout_back(&listener));

    let socket = TcpSocket::connect(&server, TIMEOUT)?;
    let sent = socket.send(b"hello, socket", TIMEOUT)?;
    println!("sent {sent} bytes");

    let mut buffer = [0; 8];
    let pulled = socket.pull(&mut buffer, TIMEOUT)?;
    println!("pulled {pulled} bytes: {}", buffer[..pulled].escape_ascii());
    Ok(())
}

/// The other end: one caller, one pull, one send.
fn shout_back(listener: &Listener) -> Result<(), Error> {
    let socket = listener.accept()?;
    let mut buffer = [0; 64];
    let pulled = socket.pull(&mut buffer, TIMEOUT)?;
    buffer.make_ascii_uppercase();
    socket.send(&buffer[..pulled], TIMEOUT)?;
    Ok(())
}
