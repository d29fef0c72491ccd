//! The client's side of the Autobahn test suite: an echo client that works through the cases of its fuzzing server.

use std::time::Duration;

use websocket::deflate::Compression;
use websocket::{ConnectOptions, Error, WebSocket};

/// The longest that a case may be silent.
const PATIENCE: Duration = Duration::from_secs(300);

fn main() -> Result<(), Error> {
    let server = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "ws://127.0.0.1:9001".to_owned());
    let count = ask(&format!("{server}/getCaseCount"))?.parse().unwrap_or(0);
    for case in 1..=count {
        // A case that ends in a violation is no failure of ours: the server's report is the judge.
        if let Err(error) = echo(&format!("{server}/runCase?case={case}&agent=websocket")) {
            println!("case {case}: {error}");
        }
    }
    ask(&format!("{server}/updateReports?agent=websocket"))?;
    Ok(())
}

/// The one message that the server has to say.
fn ask(url: &str) -> Result<String, Error> {
    let mut options = ConnectOptions::default();
    // The server writes its report before it answers.
    options.socket.handshake_timeout = PATIENCE;
    let mut socket = WebSocket::connect(url, &options)?;
    let answer = socket.recv(PATIENCE)?;
    while socket.recv(PATIENCE)?.is_some() {}
    Ok(answer
        .and_then(|message| message.as_text().map(str::to_owned))
        .unwrap_or_default())
}

fn echo(url: &str) -> Result<(), Error> {
    let mut options = ConnectOptions::default();
    options.socket.handshake_timeout = PATIENCE;
    options.socket.connection.compression = Some(Compression::default());
    let mut socket = WebSocket::connect(url, &options)?;
    while let Some(message) = socket.recv(PATIENCE)? {
        socket.send(message)?;
    }
    Ok(())
}
