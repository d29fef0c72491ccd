//! Push: the server speaks when there is news, and nobody has to ask.

use std::thread;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::Listener;
use websocket::{AcceptOptions, CloseCode, ConnectOptions, Error, WebSocket};

/// Tells prices as they change, and then goes home.
fn price_feed(listener: &Listener) -> Result<(), Error> {
    let mut caller = WebSocket::accept(listener.accept()?, &AcceptOptions::default())?;
    for price in ["KRW 71,200", "KRW 71,300", "KRW 71,100"] {
        caller.send(price)?;
    }
    caller.close(CloseCode::GOING_AWAY, "the market is closed")?;
    Ok(())
}

fn main() -> Result<(), Error> {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let url = format!("ws://{}/prices", listener.local_address());
    let server = thread::spawn(move || price_feed(&listener));

    let mut socket = WebSocket::connect(&url, &ConnectOptions::default())?;
    while let Some(message) = socket.recv(Duration::from_secs(5))? {
        println!("{}", message.as_text().unwrap_or("(no text)"));
    }
    if let Some(close) = socket.closed() {
        println!("closed with {close}");
    }
    server.join().unwrap_or(Ok(()))
}
