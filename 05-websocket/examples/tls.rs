//! The same server asked three times: by a client that trusts its certificate, by one that does not, and in plain text.

use std::error::Error;
use std::time::Duration;

use chunked_io::event_loop::Settings;
use ports::Endpoint;
use websocket::event_server::{Caller, EventServer, Handler, Peer};
use websocket::tls::{ClientTls, ServerTls, TestCertificate};
use websocket::{AcceptOptions, CloseCode, ConnectOptions, Message, WebSocket};

/// Says every message back.
struct Echo;

impl Handler for Echo {
    type Client = ();

    fn open(&self, _: &Caller<'_>, _: &mut Peer<'_, '_>) {}

    fn message(&self, (): &mut (), message: Message<'_>, peer: &mut Peer<'_, '_>) {
        let _ = peer.send(message);
    }
}

fn say_hello(url: &str, tls: ClientTls) -> Result<(), websocket::Error> {
    let options = ConnectOptions {
        tls: Some(tls),
        ..ConnectOptions::default()
    };
    let mut client = WebSocket::connect(url, &options)?;
    client.send("hello")?;
    println!("  {:?}", client.recv(Duration::from_secs(5))?);
    client.close(CloseCode::NORMAL, "")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let certificate = TestCertificate::new(&["127.0.0.1"])?;
    let options = AcceptOptions {
        tls: Some(ServerTls::from_test(&certificate)?),
        ..AcceptOptions::default()
    };
    let server = EventServer::serve(&Endpoint::new("127.0.0.1", 0), options, Settings::default(), Echo)?;
    let stranger = TestCertificate::new(&["127.0.0.1"])?;

    println!("A client that trusts whoever signed this certificate:");
    say_hello(&server.url(), ClientTls::trusting_test(&certificate)?)?;

    println!("A client that trusts somebody else:");
    if let Err(error) = say_hello(&server.url(), ClientTls::trusting_test(&stranger)?) {
        println!("  {error}");
    }

    println!("A client that forgot the second s:");
    let plain = server.url().replace("wss://", "ws://");
    if let Err(error) = say_hello(&plain, ClientTls::trusting_test(&certificate)?) {
        println!("  {error}");
    }
    Ok(())
}
