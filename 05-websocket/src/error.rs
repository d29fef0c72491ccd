//! What can go wrong with a connection, from its URL to its last byte, told apart.

use std::time::Duration;

use tcp_socket::tunnel::TunnelError;

use crate::connection::SendError;
use crate::handshake::ResponseError;
use crate::http::HeadError;
use crate::tls::TlsError;
use crate::url::UrlError;
use crate::{Refusal, Violation};

/// Why there is no WebSocket, or none any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a `ws://` URL.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// An option cannot be put into a handshake.
    #[error("{value:?} cannot stand in the {header} header: {problem}")]
    BadOption {
        /// Where it would have stood.
        header: String,
        /// What was given.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The system gave no random numbers for the key.
    #[error("the system gives no random numbers for a key: {0}")]
    NoRandomness(#[from] getrandom::Error),
    /// A socket call failed: refused, timed out, reset.
    #[error(transparent)]
    Socket(#[from] tcp_socket::Error),
    /// There is no TLS with the peer: its certificate, its version, or no TLS at all.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The proxy opens no tunnel.
    #[error(transparent)]
    Proxy(#[from] TunnelError),
    /// The server sends its callers elsewhere, again and again.
    #[error("{url} is where {redirects} redirects led, and it redirects again: is it a circle?")]
    TooManyRedirects {
        /// The last stop.
        url: String,
        /// How many were followed.
        redirects: usize,
    },
    /// What was to be sent did not all leave.
    #[error(transparent)]
    Send(#[from] chunked_io::Error),
    /// No HTTP answer came to the opening handshake.
    #[error("{url} gave no answer to the opening handshake: {source}")]
    NoAnswer {
        /// Where the client knocked.
        url: String,
        /// Why there is no answer.
        source: HeadError,
    },
    /// The answer is not that of a WebSocket.
    #[error("no WebSocket at {url}: {source}{words}")]
    NotWebSocket {
        /// Where the client knocked.
        url: String,
        /// What the server added in its own words, in brackets; empty if nothing.
        words: String,
        /// What is wrong with the answer.
        source: ResponseError,
    },
    /// No HTTP request came from a client.
    #[error("{peer} sent no opening handshake: {source}")]
    NoRequest {
        /// The client.
        peer: String,
        /// Why there is no request.
        source: HeadError,
    },
    /// This server answered a request with an HTTP error.
    #[error("{peer} was answered {}: {refusal}", refusal.status())]
    Refused {
        /// The client.
        peer: String,
        /// What was wrong with its request.
        refusal: Refusal,
    },
    /// The peer broke the protocol, or was lost. The connection is over.
    #[error("{peer}: {violation} (RFC {}, section {})", violation.rfc(), violation.section())]
    Violation {
        /// The other end.
        peer: String,
        /// What it did.
        violation: Violation,
    },
    /// There is no sending any more, or not of this.
    #[error(transparent)]
    NotSent(#[from] SendError),
    /// The system gave no thread for another connection.
    #[error(
        "there is no thread for another connection: {0}; fewer clients fit, or raise the limit (`ulimit -u`)"
    )]
    NoThread(std::io::Error),
    /// A server could not be measured.
    #[error("the load on {url} failed: {problem}")]
    LoadFailed {
        /// The server.
        url: String,
        /// What went wrong.
        problem: String,
    },
    /// The event loop has failed: the system no longer tells what happens on the connections.
    #[error("the event loop has failed: {0}")]
    EventLoop(std::io::Error),
    /// No message came in time. The connection is whole: ask again.
    #[error("no message from {peer} within {after:?}")]
    TimedOut {
        /// The other end.
        peer: String,
        /// How long this end waited.
        after: Duration,
    },
}

impl Error {
    /// Whether time was all that lacked, and asking again may help.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut { .. })
    }
}
