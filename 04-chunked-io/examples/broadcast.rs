//! One message to everybody: encoded once, kept once, and sent by a thread that serves nobody.

use std::thread;
use std::time::Duration;

use chunked_io::event_loop::{EventLoop, Io, Protocol, Settings, Shared};
use chunked_io::{pull_until, send_all};
use ports::Endpoint;
use tcp_socket::TcpSocket;

const PATIENCE: Duration = Duration::from_secs(5);

/// Welcomes who asks to come in; everything else is said by others.
struct Listening;

impl Protocol for Listening {
    type Message = ();

    fn received(&mut self, _: &mut [u8], io: &mut Io<'_, ()>) {
        io.send(b"welcome\n");
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = Endpoint::new("127.0.0.1", 0);
    let server = EventLoop::serve(&endpoint, Settings::default(), |_peer| Listening)?;

    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = TcpSocket::connect_address(server.local_address(), PATIENCE)?;
        send_all(&mut client, b"may I come in?\n", PATIENCE)?;
        println!("{}", line(&mut client)?);
        clients.push(client);
    }

    let handle = server.handle().clone();
    thread::spawn(move || handle.send_to_all(&Shared::from(*b"the shop opens\n")));
    for client in &mut clients {
        println!("{}", line(client)?);
    }
    drop(clients);
    server.shutdown(PATIENCE)?;
    Ok(())
}

fn line(client: &mut TcpSocket) -> Result<String, Box<dyn std::error::Error>> {
    let mut pending = Vec::new();
    let end = pull_until(client, &mut pending, b"\n", 100, PATIENCE)?;
    Ok(String::from_utf8_lossy(&pending[..end]).trim_end().to_owned())
}
