//! What `serve` does with its clients, and what it prints of them. Both engines print alike.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use tcp_socket::Deadline;
use websocket::event_server::{Caller, Ending, Handler, Peer};
use websocket::handshake::Request;
use websocket::http::HeadError;
use websocket::{Error, Message, Refusal, WebSocket};

/// Where what happens is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reporter {
    Text,
    Json,
    Nobody,
}

impl Reporter {
    pub(super) fn new(as_json: bool, quiet: bool) -> Self {
        match (as_json, quiet) {
            (true, _) => Self::Json,
            (false, true) => Self::Nobody,
            (false, false) => Self::Text,
        }
    }

    pub(super) fn listening(self, local: SocketAddr, path: &str, is_secure: bool) {
        let (scheme, page) = if is_secure {
            ("wss", "https")
        } else {
            ("ws", "http")
        };
        let url = format!("{scheme}://{local}{path}");
        match self {
            Self::Json => say(&json!({ "event": "listening", "url": url }).to_string()),
            Self::Text | Self::Nobody => {
                say(&format!("listening on {url}"));
                say(&format!("a page to try it: {page}://{local}/"));
            }
        }
    }

    /// How a client can trust the certificate that was made on the spot.
    pub(super) fn certificate(self, file: &Path, port: u16) {
        let file = file.display();
        match self {
            Self::Json => say(&json!({ "event": "certificate", "authority": file.to_string() }).to_string()),
            Self::Text | Self::Nobody => {
                say(
                    "the certificate was made just now, so nobody trusts it yet: a browser asks you, and a client is told:",
                );
                say(&format!(
                    "  cargo 05-websocket connect wss://localhost:{port} --ca {file}"
                ));
            }
        }
    }

    fn connected(self, peer: SocketAddr, request: &Request, subprotocol: Option<&str>) {
        let line = || {
            let origin = request
                .origin
                .as_ref()
                .map(|origin| format!(", from the page {origin}"));
            let subprotocol = subprotocol.map(|name| format!(", speaks {name}"));
            format!(
                "{peer} connected to {}{}{}",
                request.target,
                origin.unwrap_or_default(),
                subprotocol.unwrap_or_default()
            )
        };
        let facts = || {
            json!({
                "event": "connected",
                "peer": peer,
                "target": request.target,
                "origin": request.origin,
                "subprotocol": subprotocol,
            })
        };
        self.tell(line, facts);
    }

    fn says(self, peer: SocketAddr, message: &Message<'_>) {
        let facts = || {
            json!({
                "event": "message",
                "peer": peer,
                "bytes": message.as_bytes().len(),
                "text": message.as_text(),
            })
        };
        self.tell(|| format!("{peer} says {}", describe(message)), facts);
    }

    fn gone(self, peer: SocketAddr, how: &str) {
        let facts = || json!({ "event": "gone", "peer": peer, "how": how });
        self.tell(|| format!("{peer} {how}"), facts);
    }

    fn refused(self, error: &Error) {
        if hung_up_unheard(error) {
            return;
        }
        let line = || match error {
            Error::Refused {
                peer,
                refusal: Refusal::Page { .. },
            } => format!("{peer} got the page"),
            _ => error.to_string(),
        };
        self.tell(line, || json!({ "event": "refused", "why": error.to_string() }));
    }

    fn tell(self, line: impl FnOnce() -> String, facts: impl FnOnce() -> Value) {
        match self {
            Self::Text => say(&line()),
            Self::Json => say(&facts().to_string()),
            Self::Nobody => {}
        }
    }

    /// One client of the server with threads, to its end.
    pub(super) fn serve_one(self, caller: Result<WebSocket, Error>) {
        let mut web_socket = match caller {
            Ok(web_socket) => web_socket,
            Err(error) => return self.refused(&error),
        };
        let peer = web_socket.peer_address();
        self.connected(peer, web_socket.request(), web_socket.subprotocol());
        let how = loop {
            match web_socket.recv(Deadline::never()) {
                Ok(Some(message)) => {
                    self.says(peer, &message);
                    if let Err(error) = web_socket.send(message) {
                        break format!("was lost: {error}");
                    }
                }
                Ok(None) => {
                    let close = web_socket.closed().map(|close| close.to_string());
                    break format!("closed with {}", close.unwrap_or_default());
                }
                Err(Error::Violation { violation, .. }) => break Ending::Failed(&violation).to_string(),
                Err(error) => break format!("was lost: {error}"),
            }
        };
        self.gone(peer, &how);
    }
}

/// The server on the event loop.
pub(super) struct Echo {
    reporter: Reporter,
    to_all: bool,
}

impl Echo {
    pub(super) fn new(reporter: Reporter, to_all: bool) -> Self {
        Self { reporter, to_all }
    }
}

impl Handler for Echo {
    type Client = ();

    fn open(&self, caller: &Caller<'_>, _: &mut Peer<'_, '_>) {
        self.reporter
            .connected(caller.address, caller.request, caller.subprotocol);
    }

    fn message(&self, (): &mut (), message: Message<'_>, peer: &mut Peer<'_, '_>) {
        self.reporter.says(peer.address(), &message);
        if self.to_all {
            peer.clients().send_to_all(message);
        } else {
            // A client that is closing gets no answer.
            let _ = peer.send(message);
        }
    }

    fn close(&self, (): (), ending: &Ending<'_>, peer: &mut Peer<'_, '_>) {
        self.reporter.gone(peer.address(), &ending.to_string());
    }

    fn refused(&self, error: &Error) {
        self.reporter.refused(error);
    }
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

/// A message on one line.
pub(super) fn describe(message: &Message<'_>) -> String {
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

/// A server whose output nobody reads serves all the same.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
