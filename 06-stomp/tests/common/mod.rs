//! A broker on loopback, and a client that speaks raw octets to it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test file uses its own part, and may panic"
)]

mod theirs;

pub(crate) mod scripted;

use std::net::Shutdown;
use std::time::Duration;

use ports::Endpoint;
use stomp::{LoopbackUrls, Server, ServerOptions};
use tcp_socket::TcpSocket;
use websocket::{CloseCode, ConnectOptions, Message, WebSocket};

use theirs::Theirs;

/// How long an answer may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// The same for a broker that is known to leave some answers out.
const LESS_PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy)]
pub(crate) enum Transport {
    Tcp,
    WebSocket,
}

/// A broker on a free port for TCP, and its URL.
pub(crate) fn server(mut options: ServerOptions) -> (Server, String) {
    options.tcp = Some(Endpoint::new("127.0.0.1", 0));
    options.web_socket = None;
    let server = Server::bind(options).unwrap();
    let url = server.urls().remove(0);
    (server, url)
}

/// A broker on free ports, and the transport to reach it by.
pub(crate) struct Broker {
    pub(crate) urls: LoopbackUrls,
    transport: Transport,
    theirs: Option<Theirs>,
}

impl Broker {
    pub(crate) fn start(transport: Transport, options: ServerOptions) -> Self {
        Self {
            urls: Server::start_on_loopback(options).unwrap(),
            transport,
            theirs: None,
        }
    }

    /// A broker that runs already, as a process of its own.
    pub(crate) fn at(tcp: &str) -> Self {
        let (web_socket, tls, web_socket_tls) = Default::default();
        Self {
            urls: LoopbackUrls {
                tcp: tcp.to_owned(),
                web_socket,
                tls,
                web_socket_tls,
            },
            transport: Transport::Tcp,
            theirs: None,
        }
    }

    /// The broker that the environment names in place of ours.
    pub(crate) fn of_others(transport: Transport) -> Option<Self> {
        let (urls, theirs) = Theirs::find()?;
        Some(Self {
            urls,
            transport,
            theirs: Some(theirs),
        })
    }

    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self.transport, Transport::Tcp)
    }

    /// A connection on which nothing has been said.
    pub(crate) fn connect(&self) -> Raw {
        let wire = match self.transport {
            Transport::Tcp => {
                let endpoint: Endpoint = self.urls.tcp.parse().unwrap();
                Wire::Tcp(TcpSocket::connect(&endpoint, PATIENCE).unwrap())
            }
            Transport::WebSocket => {
                let options = ConnectOptions::default();
                Wire::WebSocket(WebSocket::connect(&self.urls.web_socket, &options).unwrap())
            }
        };
        Raw {
            wire,
            received: Vec::new(),
            theirs: self.theirs.clone(),
        }
    }

    /// A session of STOMP 1.2, 1.1 or 1.0 that is open already.
    pub(crate) fn session(&self, version: &str) -> Raw {
        let mut raw = self.connect();
        raw.says(&format!(
            "CONNECT\naccept-version:{version}\nhost:localhost\n\n^@"
        ));
        raw.hears(&format!("CONNECTED\nversion:{version}\n"));
        raw
    }
}

enum Wire {
    Tcp(TcpSocket),
    WebSocket(WebSocket),
}

/// A client that says exactly what a test wants, right or wrong.
pub(crate) struct Raw {
    wire: Wire,
    received: Vec<u8>,
    theirs: Option<Theirs>,
}

impl Raw {
    /// Sends `text`, with the octet 0 where it has `^@`.
    pub(crate) fn says(&mut self, text: &str) {
        self.sends(text.replace("^@", "\0").as_bytes());
    }

    /// Sends octets: over WebSocket as one message, of text if they are.
    pub(crate) fn sends(&mut self, octets: &[u8]) {
        let named = self.theirs.as_ref().map(|theirs| theirs.named(octets));
        let octets = named.as_deref().unwrap_or(octets);
        match &mut self.wire {
            Wire::Tcp(socket) => chunked_io::send_all(socket, octets, PATIENCE).unwrap(),
            Wire::WebSocket(web_socket) => web_socket
                .send(match std::str::from_utf8(octets) {
                    Ok(text) => Message::from(text),
                    Err(_) => Message::from(octets.to_vec()),
                })
                .unwrap(),
        }
    }

    /// Waits for more octets; false if the broker has closed.
    fn pull(&mut self) -> bool {
        let patience = self.theirs.as_ref().map_or(PATIENCE, |_| LESS_PATIENCE);
        match &mut self.wire {
            Wire::Tcp(socket) => {
                let mut buffer = [0; 16 * 1024];
                let count = socket.pull(&mut buffer, patience).unwrap();
                self.received.extend_from_slice(&buffer[..count]);
                count > 0
            }
            Wire::WebSocket(web_socket) => match web_socket.recv(patience).unwrap() {
                Some(message) => {
                    self.received.extend_from_slice(message.as_bytes());
                    true
                }
                None => false,
            },
        }
    }

    /// The next frame, as text without the octet 0. Its body must not hold that octet.
    #[track_caller]
    pub(crate) fn frame(&mut self) -> String {
        loop {
            if let Some(end) = self.received.iter().position(|octet| *octet == 0) {
                let frame: Vec<u8> = self.received.drain(..=end).collect();
                let text = String::from_utf8_lossy(&frame).into_owned();
                let frame = text.trim_start_matches('\n').trim_end_matches('\0');
                return match &self.theirs {
                    Some(theirs) => theirs.unnamed(frame),
                    None => frame.to_owned(),
                };
            }
            assert!(self.pull(), "expected a frame, and the broker has closed");
        }
    }

    /// Exactly these octets must come next.
    #[track_caller]
    pub(crate) fn hears_octets(&mut self, octets: &[u8]) {
        while self.received.len() < octets.len() {
            assert!(
                self.pull(),
                "the broker has closed after {:?}",
                self.received.escape_ascii().to_string()
            );
        }
        let heard: Vec<u8> = self.received.drain(..octets.len()).collect();
        assert_eq!(
            heard.escape_ascii().to_string(),
            octets.escape_ascii().to_string()
        );
    }

    /// The next frame, which must begin like this.
    #[track_caller]
    pub(crate) fn hears(&mut self, beginning: &str) -> String {
        let frame = self.frame();
        let is_like = self.theirs.is_some() && theirs::is_like(&frame, beginning);
        assert!(
            is_like || frame.starts_with(beginning),
            "expected {beginning:?}, heard {frame:?}"
        );
        frame
    }

    /// The next frame must be a MESSAGE with this body.
    #[track_caller]
    pub(crate) fn hears_message(&mut self, body: &str) -> String {
        let frame = self.hears("MESSAGE\n");
        assert_eq!(
            frame.split_once("\n\n").map(|(_, body)| body),
            Some(body),
            "{frame:?}"
        );
        frame
    }

    /// The next frame must be a RECEIPT of this id.
    #[track_caller]
    pub(crate) fn hears_receipt(&mut self, id: &str) {
        let (frame, wanted) = (self.frame(), format!("RECEIPT\nreceipt-id:{id}\n\n"));
        if self.theirs.is_none() || !theirs::is_like(&frame, wanted.trim_end()) {
            assert_eq!(frame, wanted);
        }
    }

    /// The next frame must be an ERROR that holds `reason`, and nothing must follow it.
    #[track_caller]
    pub(crate) fn is_refused(&mut self, reason: &str) -> String {
        let frame = self.hears("ERROR\n");
        assert!(
            self.theirs.is_some() || frame.contains(reason),
            "expected an ERROR about {reason:?}, heard {frame:?}"
        );
        self.is_closed();
        frame
    }

    /// The broker must close the connection now.
    #[track_caller]
    pub(crate) fn is_closed(&mut self) {
        while self.pull() {}
        if self.theirs.is_some() {
            self.received.retain(|octet| *octet != b'\n');
        }
        let rest = self.received.escape_ascii().to_string();
        assert!(rest.is_empty(), "expected nothing more, heard {rest:?}");
    }

    /// How many frames come before the connection ends, however it does.
    pub(crate) fn frames_until_closed(&mut self) -> usize {
        let mut frames = 0;
        let mut buffer = vec![0; 64 * 1024];
        let Wire::Tcp(socket) = &mut self.wire else {
            return frames;
        };
        while let Ok(count) = socket.pull(&mut buffer, PATIENCE)
            && count > 0
        {
            frames += buffer[..count].iter().filter(|octet| **octet == 0).count();
        }
        frames
    }

    /// Says that nothing more will come.
    pub(crate) fn ends(&mut self) {
        match &mut self.wire {
            Wire::Tcp(socket) => socket.shutdown(Shutdown::Write).unwrap(),
            Wire::WebSocket(web_socket) => drop(web_socket.close(CloseCode::NORMAL, "")),
        }
    }

    /// Makes the broker notice all that was said before, and nothing else must come of it.
    #[track_caller]
    pub(crate) fn hears_nothing(&mut self) {
        self.says("BEGIN\ntransaction:nothing\n\n^@ABORT\ntransaction:nothing\nreceipt:nothing\n\n^@");
        self.hears_receipt("nothing");
    }
}

/// The value of a header in a frame's text.
pub(crate) fn header<'f>(frame: &'f str, name: &str) -> Option<&'f str> {
    let (head, _) = frame.split_once("\n\n")?;
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}
