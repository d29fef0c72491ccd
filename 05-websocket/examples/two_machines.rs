//! Two machines without a socket: what one puts out, the other takes in.

use websocket::connection::SendError;
use websocket::{CloseCode, Connection, Options};

fn main() -> Result<(), SendError> {
    let mut client = Connection::client(Options::default());
    let mut server = Connection::server(Options::default());

    // These two buffers are the network.
    let (mut to_server, mut to_client) = (Vec::new(), Vec::new());

    client.ping(b"are you there?", &mut to_server)?;
    client.send("hello", &mut to_server)?;
    client.close(CloseCode::NORMAL, "bye", &mut to_server)?;

    let mut input = &mut to_server[..];
    while let Some(event) = server.next_event(&mut input, &mut to_client) {
        println!("server: {event:?}");
    }
    let mut input = &mut to_client[..];
    while let Some(event) = client.next_event(&mut input, &mut Vec::new()) {
        println!("client: {event:?}");
    }
    Ok(())
}
