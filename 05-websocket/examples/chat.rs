//! A chat room on one thread: what one says, all hear. It is encoded once, however many they are.

use std::error::Error;
use std::time::Duration;

use chunked_io::event_loop::{Settings, WhenFull};
use ports::Endpoint;
use websocket::event_server::{Caller, EventServer, Handler, Peer};
use websocket::{AcceptOptions, ConnectOptions, Message, WebSocket};

struct Room;

impl Handler for Room {
    /// Who it is: the path of the URL says it.
    type Client = String;

    fn open(&self, caller: &Caller<'_>, peer: &mut Peer<'_, '_>) -> String {
        let name = caller.request.target.trim_start_matches('/').to_owned();
        peer.clients().send_to_all(format!("{name} is here"));
        name
    }

    fn message(&self, name: &mut String, message: Message<'_>, peer: &mut Peer<'_, '_>) {
        let said = message.as_text().unwrap_or("(no text)");
        peer.clients().send_to_all(format!("{name}: {said}"));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings {
        threads: 1,
        // Nobody may miss a word, so who does not listen is sent away.
        when_full: WhenFull::Disconnect,
        ..Settings::default()
    };
    let here = Endpoint::new("127.0.0.1", 0);
    let server = EventServer::serve(&here, AcceptOptions::default(), settings, Room)?;

    let soon = Duration::from_secs(5);
    let mut ann = WebSocket::connect(&format!("{}ann", server.url()), &ConnectOptions::default())?;
    println!("ann hears {:?}", ann.recv(soon)?);
    let bob = WebSocket::connect(&format!("{}bob", server.url()), &ConnectOptions::default())?;
    println!("ann hears {:?}", ann.recv(soon)?);
    bob.send("hello, all")?;
    println!("ann hears {:?}", ann.recv(soon)?);

    // It says goodbye to both (Close 1001), and waits a little for their answers.
    std::thread::spawn(move || server.shutdown(Duration::from_millis(100)));
    while ann.recv(soon)?.is_some() {}
    println!("ann hears {:?}", ann.closed().map(|close| close.to_string()));
    Ok(())
}
