//! Two machines without a socket: what one puts out, the other takes in.

use websocket::connection::SendError;
use websocket::{CloseCode, Connection, Options};

fn main() -> Result<(), SendError> {
    let mut client = Connection::client(Options::default());
    let mut server = Connection::server(Options::default());

    client.ping(b"are you there?")?;
    client.send_text("hello")?;
    client.close(CloseCode::NORMAL, "bye")?;

    // This is the network.
    server.receive(&mut client.take_output());
    while let Some(event) = server.next_event() {
        println!("server: {event:?}");
    }
    client.receive(&mut server.take_output());
    while let Some(event) = client.next_event() {
        println!("client: {event:?}");
    }
    Ok(())
}
