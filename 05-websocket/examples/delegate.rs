//! The lecture's library for iOS, in Rust: a delegate hears in the background what happens.

use std::thread;

use ports::Endpoint;
use tcp_socket::Listener;
use websocket::delegate::{self, Delegate};
use websocket::{AcceptOptions, Close, CloseCode, ConnectOptions, Error, Message, Sender, WebSocket};

/// What happened, as it would stand on a screen.
struct Screen;

impl Delegate for Screen {
    fn did_open(&mut self, socket: &Sender) {
        println!("did open");
        if let Err(error) = socket.send("How are the prices?") {
            self.did_fail(&error);
        }
    }

    fn did_receive_message(&mut self, _: &Sender, message: Message<'_>) {
        println!(
            "did receive message: {}",
            message.as_text().unwrap_or("(no text)")
        );
    }

    fn did_fail(&mut self, error: &Error) {
        println!("did fail: {error}");
    }

    fn did_close(&mut self, close: &Close) {
        println!("did close: {close}");
    }
}

/// The other end: answers one question, and goes home.
fn market(listener: &Listener) -> Result<(), Error> {
    let mut caller = WebSocket::accept(listener.accept()?, &AcceptOptions::default())?;
    if caller.recv(std::time::Duration::from_secs(5))?.is_some() {
        caller.send("They rise.")?;
    }
    caller.close(CloseCode::GOING_AWAY, "the market is closed")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let url = format!("ws://{}/", listener.local_address());
    let market = thread::spawn(move || market(&listener));

    let background = delegate::open(&url, ConnectOptions::default(), Screen)?;
    // Here the program does what it is there for.
    background.wait();
    Ok(market.join().unwrap_or(Ok(()))?)
}
