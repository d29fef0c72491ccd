//! What carries the octets: TCP, or WebSocket on top of it.
//!
//! STOMP asks for "a reliable 2-way streaming network protocol"; both are one. Over TCP the frames follow
//! each other in one stream; over WebSocket each frame is a message of its own.

use std::net::Shutdown;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::{Deadline, TcpSocket};
use websocket::tls::{ClientTls, Tls};
use websocket::{CloseCode, ConnectOptions, Message, SocketOptions, WebSocket};

use crate::{Error, Limits, Output, Version};

/// How much is taken from the system in one call, in bytes.
const CHUNK: usize = 16 * 1024;

/// How much is given to the system under one deadline, in bytes: a slow line may take long for all of it, but not
/// for a piece.
const PIECE: usize = 64 * 1024;

/// How long TLS may take to say that nothing more will come.
const FAREWELL: Duration = Duration::from_secs(1);

/// The half of a connection that sends.
#[derive(Debug)]
pub(crate) enum Sender {
    Tcp(TcpSocket),
    Tls(Box<Tls<TcpSocket>>),
    WebSocket(websocket::Sender),
}

/// The half of a connection that receives.
#[derive(Debug)]
pub(crate) enum Receiver {
    Tcp {
        socket: TcpSocket,
        buffer: Vec<u8>,
    },
    Tls {
        socket: Box<Tls<TcpSocket>>,
        buffer: Vec<u8>,
    },
    WebSocket {
        receiver: websocket::Receiver,
        message: Message<'static>,
    },
}

/// Calls the broker at `endpoint`, whose URL says how.
pub(crate) fn connect(
    url: &str,
    endpoint: &Endpoint,
    options: &ConnectOptions,
    deadline: Deadline,
) -> Result<(Sender, Receiver), Error> {
    match endpoint.scheme() {
        Some("stomp") => split_tcp(TcpSocket::connect(endpoint, deadline)?),
        Some("stomps") => {
            let socket = TcpSocket::connect(endpoint, deadline)?;
            socket.set_no_delay(true)?;
            let tls = options.tls.clone().map_or_else(ClientTls::system, Ok);
            let tls = tls.and_then(|tls| tls.on(socket, endpoint.host()));
            let mut sender = tls.map_err(websocket::Error::from)?;
            sender.handshake(deadline).map_err(websocket::Error::from)?;
            let receiver = Receiver::Tls {
                socket: Box::new(sender.try_clone()?),
                buffer: vec![0; CHUNK],
            };
            Ok((Sender::Tls(Box::new(sender)), receiver))
        }
        Some("ws" | "wss") => Ok(split_web_socket(WebSocket::connect(url, options)?)),
        _ => Err(Error::Scheme { url: url.to_owned() }),
    }
}

/// Both halves of a TCP connection.
pub(crate) fn split_tcp(socket: TcpSocket) -> Result<(Sender, Receiver), Error> {
    socket.set_no_delay(true)?;
    let receiver = Receiver::Tcp {
        socket: socket.try_clone()?,
        buffer: vec![0; CHUNK],
    };
    Ok((Sender::Tcp(socket), receiver))
}

/// Both halves of a WebSocket.
pub(crate) fn split_web_socket(web_socket: WebSocket) -> (Sender, Receiver) {
    let (sender, receiver) = web_socket.split();
    let receiver = Receiver::WebSocket {
        receiver,
        message: Message::from(Vec::new()),
    };
    (Sender::WebSocket(sender), receiver)
}

/// What a client of a broker asks of a WebSocket.
pub(crate) fn connect_options(
    versions: &[Version],
    limits: &Limits,
    timeout: Duration,
    tls: Option<ClientTls>,
) -> ConnectOptions {
    let mut socket = socket_options(limits, timeout);
    socket.handshake_timeout = timeout;
    ConnectOptions {
        subprotocols: subprotocols(versions),
        tls,
        socket,
        ..ConnectOptions::default()
    }
}

/// STOMP's names in IANA's registry of subprotocols (RFC 6455, section 11.5); the latest version is the favourite.
pub(crate) fn subprotocols(versions: &[Version]) -> Vec<String> {
    let names = versions.iter().rev().map(|version| version.subprotocol());
    names.map(str::to_owned).collect()
}

pub(crate) fn socket_options(limits: &Limits, send_timeout: Duration) -> SocketOptions {
    let mut options = SocketOptions {
        send_timeout,
        ..SocketOptions::default()
    };
    // The longest frame, or several that a client has put into one message.
    options.connection.message_limit = 2 * (limits.head_bytes + limits.body_bytes);
    options
}

impl Sender {
    /// Writes all frames; each piece of them has this long.
    pub(crate) fn send(&mut self, output: &Output, timeout: Duration) -> Result<(), Error> {
        match self {
            Self::Tcp(socket) => {
                for piece in output.octets().chunks(PIECE) {
                    chunked_io::send_all(socket, piece, timeout)?;
                }
            }
            Self::Tls(socket) => {
                for piece in output.octets().chunks(PIECE) {
                    chunked_io::send_all(&mut **socket, piece, timeout)?;
                }
            }
            Self::WebSocket(sender) => {
                for frame in output.frames() {
                    sender.send(as_message(frame))?;
                }
            }
        }
        Ok(())
    }

    /// Says that nothing more will come. The peer can still be heard.
    pub(crate) fn finish(&mut self) {
        // A connection that is gone already needs no goodbye.
        match self {
            Self::Tcp(socket) => drop(socket.shutdown(Shutdown::Write)),
            Self::Tls(socket) => drop(socket.shutdown(Shutdown::Write, FAREWELL)),
            Self::WebSocket(sender) => drop(sender.close(CloseCode::NORMAL, "")),
        }
    }

    /// Ends the connection, so that whoever waits to receive is woken: at once over TCP, and over WebSocket when
    /// the peer has answered the Close, or its time for that is up.
    pub(crate) fn abort(&mut self) {
        match self {
            Self::Tcp(socket) => drop(socket.shutdown(Shutdown::Both)),
            Self::Tls(socket) => drop(socket.shutdown(Shutdown::Both, FAREWELL)),
            Self::WebSocket(_) => self.finish(),
        }
    }
}

/// Text if it is UTF-8, so that a browser's tools show it; bytes if not.
pub(crate) fn as_message(frame: &[u8]) -> Message<'_> {
    match std::str::from_utf8(frame) {
        Ok(text) => Message::from(text),
        Err(_) => Message::from(frame),
    }
}

impl Receiver {
    /// What has arrived; `None` if the peer has closed its end.
    pub(crate) fn receive(&mut self, deadline: impl Into<Deadline>) -> Result<Option<&[u8]>, Error> {
        match self {
            Self::Tcp { socket, buffer } => {
                let count = socket.pull(buffer, deadline)?;
                Ok(Some(&buffer[..count]).filter(|octets| !octets.is_empty()))
            }
            Self::Tls { socket, buffer } => {
                let count = tcp_socket::Stream::pull(&mut **socket, buffer, deadline.into())?;
                Ok(Some(&buffer[..count]).filter(|octets| !octets.is_empty()))
            }
            Self::WebSocket { receiver, message } => {
                let Some(next) = receiver.recv(deadline)? else {
                    return Ok(None);
                };
                *message = next;
                Ok(Some(message.as_bytes()))
            }
        }
    }
}
