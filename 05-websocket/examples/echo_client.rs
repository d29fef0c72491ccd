//! The smallest client: say something, hear what comes back, close.

use std::time::Duration;

use websocket::{CloseCode, ConnectOptions, Error, WebSocket};

fn main() -> Result<(), Error> {
    let url = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "ws://127.0.0.1:8080/".to_owned());
    let mut socket = WebSocket::connect(&url, &ConnectOptions::default())?;

    socket.send("hello")?;
    if let Some(message) = socket.recv(Duration::from_secs(5))? {
        println!("{message:?}");
    }
    socket.close(CloseCode::NORMAL, "that was all")?;
    Ok(())
}
