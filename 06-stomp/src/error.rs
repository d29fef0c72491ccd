//! What can go wrong between a program and a broker.

use std::sync::Arc;
use std::time::Duration;

use crate::StoreError;
use crate::client::ServerFault;
use crate::codec::EncodeError;

/// Why a client or a server cannot go on: what was tried, with which peer, and what to do.
///
/// It can be cloned, because everyone who waits on a connection that is lost is told the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL is none, or names no host.
    #[error(transparent)]
    Url(#[from] ports::EndpointError),
    /// The URL leads to something else than a broker.
    #[error(
        "{url:?} is no address of a broker: write stomp://HOST:61613, or ws://HOST:61614/stomp for WebSocket"
    )]
    Scheme {
        /// What was given.
        url: String,
    },
    /// A socket call failed.
    #[error(transparent)]
    Socket(Arc<tcp_socket::Error>),
    /// Sending stopped half-way.
    #[error(transparent)]
    Sending(Arc<chunked_io::Error>),
    /// There is no WebSocket, or none any more.
    #[error(transparent)]
    WebSocket(Arc<websocket::Error>),
    /// The broker's loop cannot go on.
    #[error("the event loop of the broker failed: {0}; start the broker again")]
    Loop(Arc<std::io::Error>),
    /// TLS without a certificate.
    #[error(
        "to listen for TLS the broker needs a certificate and its key: name both files, or ask for a test certificate"
    )]
    NoCertificate,
    /// Everyone could do everything.
    #[error(
        "without users, everyone who reaches {address} could read and write everything: name them with --users FILE, or say --allow-anonymous if that is meant"
    )]
    OpenToAll {
        /// Where it would have listened.
        address: String,
    },
    /// The store cannot be had, or fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The peer speaks, but not STOMP.
    #[error("{peer} does not speak STOMP: {fault}; check the port, and that a broker listens there")]
    NotStomp {
        /// The other end.
        peer: String,
        /// The rule that its first octets break.
        fault: ServerFault,
    },
    /// The broker breaks the rules of the protocol.
    #[error("{peer} broke the protocol: {fault}")]
    Protocol {
        /// The other end.
        peer: String,
        /// The rule.
        fault: ServerFault,
    },
    /// The broker answered with ERROR.
    #[error("{peer} refused: {message}{}", after_colon(detail))]
    Refused {
        /// The other end.
        peer: String,
        /// The `message` header of the ERROR frame.
        message: String,
        /// Its body.
        detail: String,
    },
    /// The broker closed the connection.
    #[error("{peer} closed the connection; start the broker again, or look at its log")]
    Closed {
        /// The other end.
        peer: String,
    },
    /// The connection was lost before the broker confirmed a frame.
    #[error(
        "the connection to {peer} was lost before it confirmed the frame ({cause}): it may have taken it or not; ask it, or send again what may come twice"
    )]
    Unanswered {
        /// The other end.
        peer: String,
        /// Why it was lost.
        cause: Box<Error>,
    },
    /// Frames went down with a connection that has been replaced since, or will be. They are not sent again.
    #[error(
        "{frames} frames without a receipt were on their way when the connection to {peer} was lost, and nobody knows what became of them; this one was not sent: send again what may come twice"
    )]
    Unconfirmed {
        /// The other end.
        peer: String,
        /// How many: all since the last receipt, and the one that was to be sent if it had been begun.
        frames: u64,
    },
    /// The connection is lost, and the client is calling again.
    #[error("not sent, as the connection to {peer} is lost ({cause}): wait until it returns")]
    Away {
        /// The other end.
        peer: String,
        /// Why it was lost.
        cause: Box<Error>,
    },
    /// A message, a transaction or a subscription of a connection that has been replaced since.
    #[error(
        "not sent, as it belongs to a connection to {peer} that is lost: the broker has aborted its transactions, and gives its messages again"
    )]
    Stale {
        /// The other end.
        peer: String,
    },
    /// No answer came in time.
    #[error(
        "no {awaited} came from {peer} within {after:?}; the broker is busy or stuck: check it, or allow more time"
    )]
    TimedOut {
        /// The other end.
        peer: String,
        /// What was waited for: `CONNECTED`, `RECEIPT`.
        awaited: &'static str,
        /// For how long.
        after: Duration,
    },
    /// The frame cannot be said in the session's version.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The frame lacks a header that came from the broker.
    #[error(
        "the message has no {header} header to acknowledge it by: subscribe with ack client or client-individual"
    )]
    NothingToAcknowledge {
        /// What is missing.
        header: &'static str,
    },
}

impl Error {
    /// Whether a client that reconnects may be asked again later: this call has failed, the next one may not.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Away { .. } | Self::Stale { .. } | Self::Unanswered { .. } | Self::Unconfirmed { .. }
        )
    }

    /// Whether nothing listens where the broker was to be.
    #[must_use]
    pub fn is_nobody_there(&self) -> bool {
        let refused = |error: &tcp_socket::Error| matches!(error, tcp_socket::Error::Refused { .. });
        match self {
            Self::Socket(error) => refused(error),
            Self::WebSocket(error) => matches!(&**error, websocket::Error::Socket(error) if refused(error)),
            _ => false,
        }
    }

    /// Whether the URL was wrong, so that there was nothing to try.
    #[must_use]
    pub fn is_bad_url(&self) -> bool {
        match self {
            Self::Url(_) | Self::Scheme { .. } => true,
            Self::WebSocket(error) => matches!(**error, websocket::Error::Url(_)),
            _ => false,
        }
    }
}

fn after_colon(detail: &str) -> String {
    match detail.trim() {
        "" => String::new(),
        detail => format!(": {detail}"),
    }
}

impl From<tcp_socket::Error> for Error {
    fn from(error: tcp_socket::Error) -> Self {
        Self::Socket(Arc::new(error))
    }
}

impl From<websocket::Error> for Error {
    fn from(error: websocket::Error) -> Self {
        Self::WebSocket(Arc::new(error))
    }
}

impl From<chunked_io::Error> for Error {
    fn from(error: chunked_io::Error) -> Self {
        Self::Sending(Arc::new(error))
    }
}
