//! The head of an HTTP message: the lines up to the first empty one (RFC 9112, section 2.1).
//!
//! The grammar is `httparse`'s work. Here a head is a value that can be read from text and written as text. (Step 4 reads
//! the text in fewer calls than [`pull_head`] does.)

use std::fmt;

use crate::{Deadline, Error, TcpSocket};

/// How long a head may be, in bytes.
const HEAD_LIMIT: usize = 8 * 1024;

/// How many header lines a head may have.
const HEADER_LIMIT: usize = 100;

/// The empty line that ends a head, with the end of the line before it.
pub const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Pulls a head a byte at a time: what follows the empty line is no part of it, and has to stay in the socket. A text that
/// does not end with [`END_OF_HEAD`] is all that came before the peer closed, or the first 8 KiB of too long a head.
///
/// # Errors
///
/// What [`TcpSocket::pull`] returns.
pub fn pull_head(socket: &TcpSocket, deadline: impl Into<Deadline>) -> Result<Vec<u8>, Error> {
    let deadline = deadline.into();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(END_OF_HEAD) && head.len() < HEAD_LIMIT && socket.pull(&mut byte, deadline)? > 0 {
        head.push(byte[0]);
    }
    Ok(head)
}

/// Why a text is no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadHead {
    /// The head has too many lines.
    #[error("the HTTP head has more than {HEADER_LIMIT} header lines")]
    TooManyHeaders,
    /// The bytes are no HTTP.
    #[error("what came is no HTTP ({reason}): {start:?}")]
    NotHttp {
        /// What the grammar objects to.
        reason: String,
        /// The first bytes of what came instead.
        start: String,
    },
}

/// Header lines in the order in which they came. Names are compared without regard to case
/// (RFC 9110, section 5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Adds a line at the end.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// The value of the first line with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// The values of all lines with this name.
    pub fn get_all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(line, _)| line.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The members of a comma-separated list that may be spread over several lines (RFC 9110, section 5.6.1).
    pub fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.get_all(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|member| !member.is_empty())
    }

    /// Whether the list `name` has this member, without regard to case: `Connection: keep-alive, Upgrade` has
    /// `upgrade`.
    #[must_use]
    pub fn list_has(&self, name: &str, member: &str) -> bool {
        self.list(name).any(|found| found.eq_ignore_ascii_case(member))
    }

    /// All lines, as pairs of name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The lines as they stand on the wire, each with its CR LF.
impl fmt::Display for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter()
            .try_for_each(|(name, value)| write!(f, "{name}: {value}\r\n"))
    }
}

impl From<&[httparse::Header<'_>]> for Headers {
    fn from(lines: &[httparse::Header<'_>]) -> Self {
        let line = |line: &httparse::Header<'_>| {
            (
                line.name.to_owned(),
                String::from_utf8_lossy(line.value).trim().to_owned(),
            )
        };
        Self(lines.iter().map(line).collect())
    }
}

/// The head of a request: `GET /chat HTTP/1.1` and its header lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// `GET`, in the case in which it came.
    pub method: String,
    /// What is asked for: `/chat?room=1`.
    pub target: String,
    /// The digit after `HTTP/1.`.
    pub minor_version: u8,
    /// The header lines.
    pub headers: Headers,
}

impl RequestHead {
    /// Reads a head, from its first line to the empty one.
    ///
    /// # Errors
    ///
    /// [`BadHead::NotHttp`] or [`BadHead::TooManyHeaders`].
    pub fn parse(head: &[u8]) -> Result<Self, BadHead> {
        let mut lines = [httparse::EMPTY_HEADER; HEADER_LIMIT];
        let mut request = httparse::Request::new(&mut lines);
        complete(request.parse(head), head)?;
        Ok(Self {
            method: request.method.unwrap_or_default().to_owned(),
            target: request.path.unwrap_or_default().to_owned(),
            minor_version: request.version.unwrap_or_default(),
            headers: Headers::from(&*request.headers),
        })
    }

    /// Whether the request asks to go on as WebSocket: what a server with pages asks before it chooses.
    #[must_use]
    pub fn wants_web_socket(&self) -> bool {
        self.headers.list_has("Upgrade", "websocket")
    }
}

/// The head as it stands on the wire.
impl fmt::Display for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            method,
            target,
            minor_version,
            headers,
        } = self;
        write!(f, "{method} {target} HTTP/1.{minor_version}\r\n{headers}\r\n")
    }
}

/// The head of a response: `HTTP/1.1 404 Not Found` and its header lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// `404`
    pub status: u16,
    /// `Not Found`, or nothing.
    pub reason: String,
    /// The header lines.
    pub headers: Headers,
}

impl ResponseHead {
    /// A head with the usual reason for `status`, and no lines yet.
    #[must_use]
    pub fn new(status: u16) -> Self {
        let headers = Headers::default();
        Self {
            status,
            reason: reason(status).to_owned(),
            headers,
        }
    }

    /// The same head with one more line.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// Reads a head, from its first line to the empty one.
    ///
    /// # Errors
    ///
    /// [`BadHead::NotHttp`] or [`BadHead::TooManyHeaders`].
    pub fn parse(head: &[u8]) -> Result<Self, BadHead> {
        let mut lines = [httparse::EMPTY_HEADER; HEADER_LIMIT];
        let mut response = httparse::Response::new(&mut lines);
        complete(response.parse(head), head)?;
        Ok(Self {
            status: response.code.unwrap_or_default(),
            reason: response.reason.unwrap_or_default().to_owned(),
            headers: Headers::from(&*response.headers),
        })
    }

    /// The whole response: this head, the length of `body`, an end of the connection, and `body`.
    #[must_use]
    pub fn with_body(self, content_type: &str, body: &[u8]) -> Vec<u8> {
        let head = self
            .with("Content-Type", content_type)
            .with("Content-Length", &body.len().to_string())
            .with("Connection", "close");
        [head.to_string().as_bytes(), body].concat()
    }
}

/// The head as it stands on the wire.
impl fmt::Display for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            status,
            reason,
            headers,
        } = self;
        write!(f, "HTTP/1.1 {status} {reason}\r\n{headers}\r\n")
    }
}

/// The usual reason for the statuses of this course (RFC 9110, section 15).
fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        426 => "Upgrade Required",
        431 => "Request Header Fields Too Large",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// The parser saw an empty line, so anything but "complete" is a fault of the text.
fn complete(result: httparse::Result<usize>, head: &[u8]) -> Result<(), BadHead> {
    let not_http = |reason: String| {
        let start: Vec<u8> = head.iter().take(40).copied().collect();
        BadHead::NotHttp {
            reason,
            start: String::from_utf8_lossy(&start).into_owned(),
        }
    };
    match result {
        Ok(httparse::Status::Complete(_)) => Ok(()),
        Ok(httparse::Status::Partial) => Err(not_http("it ends too early".to_owned())),
        Err(httparse::Error::TooManyHeaders) => Err(BadHead::TooManyHeaders),
        Err(error) => Err(not_http(error.to_string())),
    }
}
