//! `serve`: says back what it hears, and prints who says what.

use std::io::{self, Write};

use ports::Endpoint;
use tcp_socket::{Deadline, Listener};
use websocket::http::HeadError;
use websocket::{AcceptOptions, Error, Message, Refusal, WebSocket, serve};

use super::failure::Failure;

/// The page for a browser, with a place for the path of the WebSocket.
const PAGE: &str = include_str!("page.html");

/// The page that talks to the WebSocket at `path`.
pub(super) fn page(path: Option<&str>) -> String {
    PAGE.replace("{path}", path.unwrap_or("/"))
}

pub(super) fn run(address: &Endpoint, options: &AcceptOptions) -> Result<(), Failure> {
    let listener = Listener::bind(address)?;
    let local = listener.local_address();
    let path = options.path.as_deref().unwrap_or("/");
    say(&format!("listening on ws://{local}{path}"))?;
    say(&format!("a page to try it: http://{local}/"))?;
    serve(&listener, options, |caller| {
        // A server whose output nobody reads serves all the same.
        let _ = match caller {
            Ok(web_socket) => echo(web_socket),
            Err(Error::Refused {
                peer,
                refusal: Refusal::Page { .. },
            }) => say(&format!("{peer} got the page")),
            Err(error) if hung_up_unheard(&error) => Ok(()),
            Err(error) => say(&error.to_string()),
        };
    })
}

/// Browsers open spare connections and close them again without a word.
fn hung_up_unheard(error: &Error) -> bool {
    use chunked_io::Error::EndedEarly;
    matches!(
        error,
        Error::NoRequest {
            source: HeadError::Pull(EndedEarly { moved: 0, .. }),
            ..
        }
    )
}

fn echo(mut web_socket: WebSocket) -> io::Result<()> {
    let peer = web_socket.peer_address();
    say(&format!("{peer} connected{}", introduction(&web_socket)))?;
    let farewell = loop {
        match web_socket.recv(Deadline::never()) {
            Ok(Some(message)) => {
                say(&format!("{peer} says {}", describe(&message)))?;
                if let Err(error) = web_socket.send(message) {
                    break error.to_string();
                }
            }
            Ok(None) => {
                let close = web_socket.closed().map(|close| close.to_string());
                break format!("{peer} closed with {}", close.unwrap_or_default());
            }
            Err(error) => break error.to_string(),
        }
    };
    say(&farewell)
}

/// What the handshake said about the caller.
fn introduction(web_socket: &WebSocket) -> String {
    let request = web_socket.request();
    let origin = request
        .origin
        .as_ref()
        .map(|origin| format!(", from the page {origin}"));
    let subprotocol = web_socket.subprotocol().map(|name| format!(", speaks {name}"));
    format!(
        " to {}{}{}",
        request.target,
        origin.unwrap_or_default(),
        subprotocol.unwrap_or_default()
    )
}

/// A message on one line.
pub(super) fn describe(message: &Message) -> String {
    const SHOWN: usize = 60;
    match message {
        Message::Text(text) if text.chars().count() <= SHOWN => format!("{text:?}"),
        Message::Text(text) => {
            let start: String = text.chars().take(SHOWN).collect();
            format!("{start:?}... ({} bytes)", text.len())
        }
        Message::Binary(bytes) => format!("{} bytes, binary", bytes.len()),
    }
}

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
