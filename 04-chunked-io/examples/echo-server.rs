//! An echo server for ten thousand connections, and one client that asks it something.

use std::time::Duration;

use chunked_io::event_loop::{EventLoop, Io, Protocol, Settings};
use chunked_io::{pull_exact, send_all};
use ports::Endpoint;
use tcp_socket::TcpSocket;

const PATIENCE: Duration = Duration::from_secs(5);

/// What one connection needs to remember: nothing.
struct Echo;

impl Protocol for Echo {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        io.send(bytes);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = Endpoint::new("127.0.0.1", 0);
    let server = EventLoop::serve(&endpoint, Settings::default(), |_peer| Echo)?;

    let mut client = TcpSocket::connect_address(server.local_address(), PATIENCE)?;
    send_all(&mut client, b"HELLO", PATIENCE)?;
    let mut answer = [0; 5];
    pull_exact(&mut client, &mut answer, PATIENCE)?;
    println!("{}", answer.escape_ascii());
    println!("connections: {}", server.handle().counts().connections);

    // The connection is closed for the client; nothing that was said gets lost.
    drop(client);
    server.shutdown(PATIENCE)?;
    Ok(())
}
