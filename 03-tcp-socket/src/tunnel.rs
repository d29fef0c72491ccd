//! HTTP tunnelling: a proxy that is asked once, in HTTP, and then only carries bytes (RFC 9110, section 9.3.6).
//!
//! ```text
//! client                    proxy                     server
//!   | CONNECT host:443 ------> |                         |
//!   |                          | connect --------------> |
//!   | <------ 200 OK           |                         |
//!   | bytes <----------------> | <-------------> bytes   |
//! ```
//!
//! What goes through the tunnel need not be HTTP, and is none of the proxy's business: TLS, WebSocket, STOMP. That is
//! why a proxy must be careful to whom it connects.

use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ports::Endpoint;

use crate::http::{self, BadHead, END_OF_HEAD, Headers, RequestHead, ResponseHead};
use crate::{Call, Deadline, Error, Listener, TcpSocket};

/// How many tunnels may be open at once; each costs two threads and two descriptors.
const MOST_TUNNELS: usize = 256;
/// How much is asked for in one call, in bytes.
const BUFFER: usize = 16 * 1024;

/// Why there is no tunnel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TunnelError {
    /// A call failed on the way to the proxy or at it.
    #[error(transparent)]
    Socket(#[from] Error),
    /// The peer said something else than HTTP.
    #[error("{peer} does not speak HTTP: {source}; check that a proxy listens there")]
    BadHead {
        /// The other end.
        peer: String,
        /// What is wrong with what it said.
        source: BadHead,
    },
    /// The peer closed in the middle of its head, or did not come to its end.
    #[error("{peer} sent {pulled} bytes and no complete HTTP head; check that a proxy listens there")]
    NoHead {
        /// The other end.
        peer: String,
        /// How many bytes came.
        pulled: usize,
    },
    /// The proxy will not, or cannot, connect.
    #[error(
        "the proxy {proxy} gives no tunnel to {target}: {status} {reason}; ask whoever runs it which ports it allows"
    )]
    Refused {
        /// The proxy.
        proxy: String,
        /// To whom the tunnel was to lead.
        target: String,
        /// The proxy's answer: `403`.
        status: u16,
        /// The same in words: `Forbidden`.
        reason: String,
    },
}

/// Connects to `target` through the HTTP proxy at `proxy`. The proxy resolves the target's name, so a client without DNS
/// can do this, too.
///
/// # Errors
///
/// [`TunnelError::Refused`] with the proxy's own words, and what else [`TunnelError`] lists.
pub fn connect_through(
    proxy: &Endpoint,
    target: &Endpoint,
    deadline: impl Into<Deadline>,
) -> Result<TcpSocket, TunnelError> {
    connect_through_with(proxy, target, &[], deadline)
}

/// As [`connect_through`], with more header lines for the proxy: its `Proxy-Authorization`, say.
///
/// # Errors
///
/// As [`connect_through`].
pub fn connect_through_with(
    proxy: &Endpoint,
    target: &Endpoint,
    more: &[(&str, &str)],
    deadline: impl Into<Deadline>,
) -> Result<TcpSocket, TunnelError> {
    let deadline = deadline.into();
    let socket = TcpSocket::connect(proxy, deadline)?;
    let mut headers = Headers::default();
    headers.push("Host", &target.authority());
    for (name, value) in more {
        headers.push(name, value);
    }
    let request = RequestHead {
        method: "CONNECT".to_owned(),
        target: target.authority(),
        minor_version: 1,
        headers,
    };
    send_whole(&socket, request.to_string().as_bytes(), deadline)?;
    let head = pull_head(&socket, deadline)?;
    let answer = ResponseHead::parse(&head).map_err(|source| TunnelError::BadHead {
        peer: proxy.authority(),
        source,
    })?;
    if (200..300).contains(&answer.status) {
        return Ok(socket);
    }
    Err(TunnelError::Refused {
        proxy: proxy.authority(),
        target: target.authority(),
        status: answer.status,
        reason: answer.reason,
    })
}

/// A proxy that opens tunnels, and nothing else.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// To which ports it connects. A proxy that connects to any is an invitation: to port 25, for one, to send mail
    /// in its name.
    pub allowed_ports: Vec<u16>,
    /// How long a request, and a connection to a server, may take.
    pub patience: Duration,
    /// How long a tunnel may be silent in one direction before it is closed.
    pub silence: Duration,
}

impl Proxy {
    /// A proxy that connects to `allowed_ports`, with ten seconds of patience, and five minutes of silence in a tunnel.
    #[must_use]
    pub fn new(allowed_ports: impl Into<Vec<u16>>) -> Self {
        Self {
            allowed_ports: allowed_ports.into(),
            patience: Duration::from_secs(10),
            silence: Duration::from_secs(300),
        }
    }

    /// Serves callers for ever, each on a thread of its own, and reports what it did for each in one line.
    ///
    /// # Errors
    ///
    /// What [`Listener::accept`] returns.
    pub fn serve(
        self,
        listener: &Listener,
        report: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let shared = Arc::new((self, report, AtomicUsize::new(0)));
        loop {
            let client = listener.accept()?;
            let shared = Arc::clone(&shared);
            let serve_one = move || {
                let (proxy, report, open) = &*shared;
                let line = if open.fetch_add(1, Ordering::Relaxed) < MOST_TUNNELS {
                    proxy.serve_caller(&client)
                } else {
                    refuse(&client, 503, "too many tunnels are open")
                };
                open.fetch_sub(1, Ordering::Relaxed);
                report(&format!("{}  {line}", client.peer_address()));
            };
            // Without a thread for it the caller is hung up on: the closure takes its socket along.
            let _ = thread::Builder::new().spawn(serve_one);
        }
    }

    /// Serves one caller to the end of its tunnel, and says in a line what became of it.
    pub fn serve_caller(&self, client: &TcpSocket) -> String {
        let (target, server) = match self.open(client) {
            Ok(opened) => opened,
            Err((status, why)) => return refuse(client, status, &why),
        };
        // No Content-Length and no body: after this empty line the tunnel begins.
        let opened = ResponseHead::new(200).to_string();
        if let Err(error) = send_whole(client, opened.as_bytes(), Deadline::after(self.patience)) {
            return format!("CONNECT {target} -> gone: {error}");
        }
        let (up, down) = self.relay_both_ways(client, &server);
        format!("CONNECT {target} -> 200, {up} bytes up, {down} bytes down")
    }

    /// Reads the request and connects to its target; otherwise the status that says why not.
    fn open(&self, client: &TcpSocket) -> Result<(String, TcpSocket), (u16, String)> {
        let head = pull_head(client, self.patience.into()).map_err(|error| match error {
            TunnelError::Socket(Error::TimedOut { .. }) => (408, error.to_string()),
            _ => (400, error.to_string()),
        })?;
        let request = RequestHead::parse(&head).map_err(|error| (400, error.to_string()))?;
        if request.method != "CONNECT" {
            return Err((405, format!("{} is not for this proxy", request.method)));
        }
        let target: Endpoint = match request.target.parse() {
            Ok(target) => target,
            Err(error) => return Err((400, format!("{error}"))),
        };
        if !self.allowed_ports.contains(&target.port()) {
            return Err((
                403,
                format!("port {} of {} is not allowed", target.port(), target.host()),
            ));
        }
        match TcpSocket::connect(&target, self.patience) {
            Ok(server) => Ok((target.authority(), server)),
            Err(
                error @ Error::TimedOut {
                    call: Call::Connect, ..
                },
            ) => Err((504, error.to_string())),
            Err(error) => Err((502, error.to_string())),
        }
    }

    /// Carries bytes until both directions have ended, and says how many went up and down.
    fn relay_both_ways(&self, client: &TcpSocket, server: &TcpSocket) -> (u64, u64) {
        thread::scope(|scope| {
            let up = scope.spawn(|| self.relay(client, server));
            let down = self.relay(server, client);
            (up.join().unwrap_or_default(), down)
        })
    }

    /// Carries bytes one way until the source closes, and passes its close on.
    fn relay(&self, source: &TcpSocket, sink: &TcpSocket) -> u64 {
        let mut carried = 0;
        let mut buffer = [0; BUFFER];
        loop {
            match source.pull(&mut buffer, self.silence) {
                Ok(0) => break,
                Ok(count) if send_whole(sink, &buffer[..count], self.silence.into()).is_ok() => {
                    carried += count as u64;
                }
                // Half a tunnel is of no use: what broke here ends the other direction, too.
                Ok(_) | Err(_) => {
                    hang_up(source);
                    hang_up(sink);
                    return carried;
                }
            }
        }
        // The sink may have closed already; then it knows.
        let _ = sink.shutdown(Shutdown::Write);
        carried
    }
}

/// Answers with an error, in HTTP, and says the same in a line.
fn refuse(client: &TcpSocket, status: u16, why: &str) -> String {
    let body = format!("{why}\n");
    let mut head = ResponseHead::new(status);
    if status == 405 {
        head = head.with("Allow", "CONNECT");
    }
    let answer = head.with_body("text/plain; charset=utf-8", body.as_bytes());
    // A caller that has gone needs no answer.
    let _ = send_whole(client, &answer, Duration::from_secs(1).into());
    format!("refused with {status}: {why}")
}

fn hang_up(socket: &TcpSocket) {
    // It may be gone already, which is as good.
    let _ = socket.shutdown(Shutdown::Both);
}

/// A whole head, and nothing of the tunnel behind it.
fn pull_head(socket: &TcpSocket, deadline: Deadline) -> Result<Vec<u8>, TunnelError> {
    let head = http::pull_head(socket, deadline)?;
    if head.ends_with(END_OF_HEAD) {
        return Ok(head);
    }
    Err(TunnelError::NoHead {
        peer: socket.peer_address().to_string(),
        pulled: head.len(),
    })
}

/// Sends in as many calls as it takes. (Step 4 makes a function of this loop for every stream.)
fn send_whole(socket: &TcpSocket, mut bytes: &[u8], deadline: Deadline) -> Result<(), Error> {
    while !bytes.is_empty() {
        let sent = socket.send(bytes, deadline)?;
        bytes = &bytes[sent..];
    }
    Ok(())
}
