//! Why a server says no to an opening handshake. It says so in HTTP, so that the client can tell its user.

use crate::handshake::VERSION;
use crate::http::{BadHead, HeadError, ResponseHead};

/// The answer to a request that does not become a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// 200: the caller is a browser that asked for the page, not for the WebSocket.
    #[error("the request asked for the page")]
    Page {
        /// The page.
        html: String,
    },
    /// 200: the caller asked for something that is no WebSocket, and is here too.
    #[error("the request asked for something else than the WebSocket")]
    Resource {
        /// What it is: `text/plain`.
        content_type: String,
        /// What it says.
        content: String,
    },
    /// 400: the request is not what RFC 6455, section 4.1 asks for.
    #[error("{problem} (RFC 6455, section 4.1)")]
    BadRequest {
        /// What is wrong with it.
        problem: String,
    },
    /// 400: the request came in plain text, and this is a port for TLS.
    #[error("this port speaks TLS: write wss:// instead of ws://, or https:// for the page")]
    TlsOnly,
    /// 400: the request came in TLS, and this is a port for plain text.
    #[error("this port does not speak TLS: write ws:// instead of wss://")]
    NoTls,
    /// 403: this page may not (RFC 6455, section 10.2).
    #[error("the Origin {origin:?} is not allowed here (RFC 6455, section 10.2)")]
    Origin {
        /// What the browser said.
        origin: String,
    },
    /// 404: there is something here, but not under this path.
    #[error("there is nothing at {target}")]
    NotFound {
        /// What was asked for.
        target: String,
    },
    /// 405: a handshake is a GET.
    #[error("the method is {method}, and a WebSocket begins with GET (RFC 6455, section 4.1)")]
    Method {
        /// What came instead.
        method: String,
    },
    /// 408: the request never came to its end.
    #[error("the request did not come in time")]
    TimedOut,
    /// 426: an ordinary request, for something that is only a WebSocket.
    #[error("the request does not ask for an upgrade to WebSocket (RFC 9110, section 15.5.22)")]
    NotAnUpgrade,
    /// 426: a version that this server does not speak (RFC 6455, section 4.4).
    #[error("version {version:?} of the protocol is not spoken here, only {VERSION} (RFC 6455, section 4.4)")]
    Version {
        /// What the client asked for.
        version: String,
    },
    /// 503: as many clients are here as the server takes.
    #[error("as many clients are connected as this server takes: try again later")]
    Full,
    /// 431: the head is longer than the server wants to hold (RFC 6585, section 5).
    #[error("the request's head is too long (RFC 6585, section 5)")]
    HeadTooLong,
}

impl Refusal {
    pub(crate) fn bad(problem: &str) -> Self {
        Self::BadRequest {
            problem: problem.to_owned(),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Page { .. } | Self::Resource { .. } => 200,
            Self::BadRequest { .. } | Self::TlsOnly | Self::NoTls => 400,
            Self::Origin { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::Method { .. } => 405,
            Self::TimedOut => 408,
            Self::NotAnUpgrade | Self::Version { .. } => 426,
            Self::HeadTooLong => 431,
            Self::Full => 503,
        }
    }

    /// The whole answer, ready to be sent.
    #[must_use]
    pub fn to_response(&self) -> Vec<u8> {
        let head = ResponseHead::new(self.status());
        let head = match self {
            Self::Method { .. } => head.with("Allow", "GET"),
            Self::NotAnUpgrade | Self::Version { .. } => {
                let head = head.with("Upgrade", "websocket").with("Connection", "Upgrade");
                head.with("Sec-WebSocket-Version", VERSION)
            }
            Self::Page { html } => return head.with_body("text/html; charset=utf-8", html.as_bytes()),
            Self::Resource {
                content_type,
                content,
            } => return head.with_body(content_type, content.as_bytes()),
            _ => head,
        };
        head.with_body("text/plain; charset=utf-8", format!("{self}\n").as_bytes())
    }

    /// The answer to a head that could not be read, if there is anybody to answer.
    #[must_use]
    pub fn for_head(error: &HeadError) -> Option<Self> {
        match error {
            HeadError::Bad(BadHead::TooManyHeaders) | HeadError::Pull(chunked_io::Error::TooLong { .. }) => {
                Some(Self::HeadTooLong)
            }
            HeadError::Bad(_) => Some(Self::bad("the request is not HTTP")),
            HeadError::Tls => Some(Self::NoTls),
            HeadError::Pull(chunked_io::Error::Stopped {
                source: tcp_socket::Error::TimedOut { .. },
                ..
            }) => Some(Self::TimedOut),
            HeadError::Pull(_) => None,
        }
    }
}
