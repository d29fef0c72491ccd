//! One pull brings what has come, and not what was asked for.

use std::time::Duration;

use chunked_io::pull_exact;
use ports::Endpoint;
use tcp_socket::{Listener, TcpSocket};

const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let client = TcpSocket::connect_address(listener.local_address(), PATIENCE)?;
    let mut server = listener.accept()?;
    let mut message = [b'.'; 11];

    // The client has eleven bytes to say, and has said five of them.
    client.send(b"HELLO", PATIENCE)?;
    let count = server.pull(&mut message, PATIENCE)?;
    println!("asked for 11, got {count}: {}", message.escape_ascii());

    // Now the rest is sent, and the rest is asked for, in as many calls as it takes.
    client.send(b" WORLD", PATIENCE)?;
    pull_exact(&mut server, &mut message[count..], PATIENCE)?;
    println!("asked for the rest: {}", message.escape_ascii());
    Ok(())
}
