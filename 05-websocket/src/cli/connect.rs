//! `connect`: a line in is a message out, a message in is a line out.

use std::io::{self, BufRead, Write};
use std::thread;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::Deadline;
use websocket::connection::SendError;
use websocket::{CloseCode, ConnectOptions, Error, Message, Receiver, Sender, WebSocket};

use super::failure::Failure;
use super::serve::describe;

pub(super) fn run(url: &Endpoint, options: &ConnectOptions, wait: Duration) -> Result<(), Failure> {
    let web_socket = WebSocket::connect_endpoint(url, options)?;
    let subprotocol = web_socket.subprotocol().map(|name| format!(", speaking {name}"));
    say(&format!(
        "connected to {url}{}; end with Ctrl-D",
        subprotocol.unwrap_or_default()
    ));
    let (sender, mut receiver) = web_socket.split();
    // Reading a line cannot be interrupted, so nobody waits for this thread: the end of the program is its end.
    thread::spawn(move || {
        if let Err(error) = send_lines(&sender, wait) {
            say(&format!("error: {error}"));
        }
    });
    print_messages(&mut receiver)
}

/// Says each line, and closes a little after the end of the input, so that the last line can be answered: few servers
/// say anything once they have seen a Close.
fn send_lines(sender: &Sender, wait: Duration) -> Result<(), Failure> {
    for line in io::stdin().lock().lines() {
        sender.send(line?)?;
    }
    thread::sleep(wait);
    match sender.close(CloseCode::NORMAL, "") {
        // The server has closed first.
        Err(Error::NotSent(SendError::Closing)) => Ok(()),
        result => Ok(result?),
    }
}

fn print_messages(receiver: &mut Receiver) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    while let Some(message) = receiver.recv(Deadline::never())? {
        match &message {
            Message::Text(text) => writeln!(out, "{text}")?,
            Message::Binary(_) => writeln!(out, "({})", describe(&message))?,
        }
        out.flush()?;
    }
    if let Some(close) = receiver.closed() {
        say(&format!("closed with {close}"));
    }
    Ok(())
}

/// What concerns the person and not the conversation goes to standard error.
fn say(line: &str) {
    // Nobody is left to tell if even this fails.
    let _ = writeln!(io::stderr(), "{line}");
}
