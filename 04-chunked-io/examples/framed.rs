//! Messages in a stream: the length before each says where it ends.

use std::time::Duration;

use chunked_io::framing::{LengthFraming, pull_framed, send_framed};
use ports::Endpoint;
use tcp_socket::{Listener, TcpSocket};

const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let mut client = TcpSocket::connect_address(listener.local_address(), PATIENCE)?;
    let mut server = listener.accept()?;

    // Two bytes of length, the high one first, and no message over 1000 bytes.
    let framing = LengthFraming::<2>::big_endian(1000);
    for message in ["HELLO", "", "a message\nof two lines"] {
        send_framed(&mut client, &framing, message.as_bytes(), PATIENCE)?;
    }
    drop(client);

    // They have arrived as one run of 33 bytes, and come out as three messages.
    while let Some(message) = pull_framed(&mut server, &framing, PATIENCE)? {
        println!("{:2} bytes: \"{}\"", message.len(), message.escape_ascii());
    }
    Ok(())
}
