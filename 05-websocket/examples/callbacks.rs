//! The lecture's library for Android, in Rust: onOpen, onMessage, onClose, onError.

use ports::Endpoint;
use websocket::callbacks::WebSocketClient;
use websocket::event_server::{Caller, EventServer, Handler, Peer};
use websocket::{AcceptOptions, CloseCode, Message};

/// The other end says everything back.
struct Echo;

impl Handler for Echo {
    type Client = ();

    fn open(&self, _: &Caller<'_>, _: &mut Peer<'_, '_>) {}

    fn message(&self, (): &mut (), message: Message<'_>, peer: &mut Peer<'_, '_>) {
        let _ = peer.send(message);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = Endpoint::new("127.0.0.1", 0);
    let server = EventServer::serve(&here, AcceptOptions::default(), Default::default(), Echo)?;

    let client = WebSocketClient::new(&server.url())
        .on_open(|client| {
            println!("onOpen");
            let _ = client.send("hello");
        })
        .on_message(|client, message| {
            println!("onMessage: {}", message.as_text().unwrap_or("(no text)"));
            let _ = client.close(CloseCode::NORMAL, "that was all");
        })
        .on_close(|code, reason| println!("onClose: {code} {reason:?}"))
        .on_error(|error| println!("onError: {error}"))
        .connect()?;
    client.wait();
    Ok(())
}
