//! The load: raw connections that write and read in bulk. Each side is a process of its own.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use chunked_io::event_loop::{EventLoop, Io, Protocol, Settings};
use chunked_io::{pull_until, send_all};
use ports::Endpoint;
use serde::{Deserialize, Serialize};
use tcp_socket::TcpSocket;
use websocket::frame::{self, FrameHeader, Opcode};
use websocket::handshake::Request;

use super::counter::FrameCounter;
use super::{CliError, PATIENCE, durable_load};

/// The length of a message's body, in bytes.
pub(super) const BODY: usize = 128;
/// How much a publisher gives to the system at once, in frames.
const BURST: u64 = 256;
/// The virtual host that every broker has, whatever address it is called at.
pub(super) const HOST: &str = "localhost";
/// Something to get a receipt for.
pub(super) const BEGIN: &str = "BEGIN\ntransaction:t\nreceipt:0\n\n\0";
const LONGEST: usize = 16 * 1024;

/// One part of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Role {
    Publish,
    Subscribe,
    Latency,
    /// Publishes persistent messages, each with a receipt.
    Confirm,
    /// Consumes them.
    Acknowledge,
}

/// What a generator has found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) deliveries: u64,
    pub(super) seconds: f64,
    /// In milliseconds.
    pub(super) p99: f64,
}

impl Found {
    /// One line, for the process that started this one.
    fn print(&self, out: &mut impl Write) -> Result<(), CliError> {
        let object = serde_json::to_string(self).map_err(std::io::Error::from)?;
        writeln!(out, "{object}")?;
        Ok(out.flush()?)
    }
}

/// What a generator is told.
pub(super) struct Load<'l> {
    pub(super) url: &'l str,
    pub(super) destinations: &'l [String],
    pub(super) connections: usize,
    /// For each connection.
    pub(super) messages: u64,
}

impl Load<'_> {
    pub(super) fn run(&self, role: Role, out: &mut impl Write) -> Result<(), CliError> {
        let found = match role {
            Role::Publish => self.publish()?,
            Role::Subscribe => return self.subscribe(out),
            Role::Latency => self.latency()?,
            // Its connection is one; the number says how many receipts may be under way.
            Role::Confirm => {
                let window = u64::try_from(self.connections).unwrap_or(u64::MAX);
                durable_load::publish(self.url, self.destination(0), window, self.messages)?
            }
            Role::Acknowledge => durable_load::consume(self.url, self.destination(0), self.messages, out)?,
        };
        found.print(out)
    }

    fn destination(&self, number: usize) -> &str {
        self.destinations
            .get(number % self.destinations.len().max(1))
            .map_or("/topic/bench", String::as_str)
    }

    fn publish(&self) -> Result<Found, CliError> {
        let began = Instant::now();
        let publishers: Vec<_> = (0..self.connections)
            .map(|number| {
                let (url, destination) = (self.url.to_owned(), self.destination(number).to_owned());
                let messages = self.messages;
                thread::spawn(move || publish(&url, &destination, messages))
            })
            .collect();
        for publisher in publishers {
            publisher.join().map_err(|_| CliError::Unmeasured)??;
        }
        Ok(Found {
            seconds: began.elapsed().as_secs_f64(),
            ..Found::default()
        })
    }

    /// Reads until everything has come.
    fn subscribe(&self, out: &mut impl Write) -> Result<(), CliError> {
        let (sender, done) = mpsc::channel();
        let count = u64::try_from(self.connections).unwrap_or(u64::MAX);
        let tally = Arc::new(Tally {
            expected: count * self.messages,
            received: AtomicU64::new(0),
            done: sender,
        });
        let settings = Settings {
            threads: 1,
            read_buffer: 256 * 1024,
            ..Settings::default()
        };
        let counting = Arc::clone(&tally);
        let readers = EventLoop::serve(&Endpoint::new("127.0.0.1", 0), settings, move |_| Reader {
            frames: FrameCounter::default(),
            tally: Arc::clone(&counting),
        })?;
        for number in 0..self.connections {
            let destination = self.destination(number);
            let frame = format!("SUBSCRIBE\nid:0\ndestination:{destination}\nreceipt:0\n\n\0");
            let socket = connect(self.url, &frame)?;
            readers.handle().adopt(socket);
        }
        writeln!(out, "ready")?;
        out.flush()?;
        let began = Instant::now();
        done.recv().map_err(|_| CliError::Unmeasured)?;
        // Said before thousands of connections are closed, which takes its time.
        Found {
            deliveries: tally.expected,
            seconds: began.elapsed().as_secs_f64(),
            ..Found::default()
        }
        .print(out)
    }

    /// A thousand messages a second, each with the moment at which it was sent.
    fn latency(&self) -> Result<Found, CliError> {
        let destination = self.destination(0);
        let frame = format!("SUBSCRIBE\nid:0\ndestination:{destination}\nreceipt:0\n\n\0");
        let reader = connect(self.url, &frame)?;
        let mut writer = connect(self.url, BEGIN)?;
        let (began, messages) = (Instant::now(), self.messages);
        let text = destination.to_owned();
        let writing = thread::spawn(move || -> Result<(), CliError> {
            for number in 0..messages {
                let due = Duration::from_millis(number);
                thread::sleep(due.saturating_sub(began.elapsed()));
                let body = format!("{:0BODY$}", began.elapsed().as_nanos());
                send_all(&mut writer, &send_frame(&text, body.as_bytes()), PATIENCE)?;
            }
            Ok(())
        });
        let (mut reader, mut buffer, mut times) = (reader, Vec::new(), Vec::new());
        for _ in 0..messages {
            let end = pull_until(&mut reader, &mut buffer, b"\0", LONGEST, PATIENCE)?;
            let now = began.elapsed();
            let body = &buffer[end - 1 - BODY..end - 1];
            let sent: u64 = String::from_utf8_lossy(body)
                .parse()
                .map_err(|_| CliError::Unmeasured)?;
            times.push(now.saturating_sub(Duration::from_nanos(sent)));
            buffer.drain(..end);
        }
        writing.join().map_err(|_| CliError::Unmeasured)??;
        times.sort_unstable();
        let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
        Ok(Found {
            deliveries: messages,
            seconds: began.elapsed().as_secs_f64(),
            p99: p99.as_secs_f64() * 1e3,
        })
    }
}

pub(super) fn send_frame(destination: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "SEND\ndestination:{destination}\ncontent-length:{}\n\n",
        body.len()
    );
    [head.as_bytes(), body, b"\0"].concat()
}

/// Publishes, and returns once the broker has taken everything.
fn publish(url: &str, destination: &str, messages: u64) -> Result<(), CliError> {
    let mut socket = connect(url, BEGIN)?;
    let one = send_frame(destination, &[b'x'; BODY]);
    let burst = one.repeat(usize::try_from(BURST).unwrap_or_default());
    let mut left = messages;
    while left > 0 {
        let now = left.min(BURST);
        let octets = &burst[..one.len() * usize::try_from(now).unwrap_or_default()];
        send_all(&mut socket, octets, PATIENCE)?;
        left -= now;
    }
    send_all(&mut socket, b"DISCONNECT\nreceipt:bye\n\n\0", PATIENCE)?;
    pull_until(&mut socket, &mut Vec::new(), b"\0", LONGEST, PATIENCE)?;
    Ok(())
}

/// A connection with an open session, which has said `frame` and has heard the receipt that it asks for.
pub(super) fn connect(url: &str, frame: &str) -> Result<TcpSocket, CliError> {
    let endpoint: Endpoint = url.parse().map_err(stomp::Error::from)?;
    let mut socket = TcpSocket::connect(&endpoint, PATIENCE)?;
    socket.set_no_delay(true)?;
    let mut question = format!("CONNECT\naccept-version:1.2\nhost:{HOST}\n\n\0{frame}").into_bytes();
    let mut heard = Vec::new();
    if endpoint.scheme() == Some("ws") {
        let request = Request::new(&endpoint).map_err(websocket::Error::from)?;
        send_all(&mut socket, request.to_head().to_string().as_bytes(), PATIENCE)?;
        let end = pull_until(&mut socket, &mut heard, b"\r\n\r\n", LONGEST, PATIENCE)?;
        heard.drain(..end);
        let mut masked = Vec::new();
        frame::encode(
            &FrameHeader::whole(Opcode::Text, question.len(), Some([0; 4])),
            &question,
            &mut masked,
        );
        question = masked;
    }
    send_all(&mut socket, &question, PATIENCE)?;
    pull_until(
        &mut socket,
        &mut heard,
        b"RECEIPT\nreceipt-id:0\n\n\0",
        LONGEST,
        PATIENCE,
    )?;
    Ok(socket)
}

struct Tally {
    expected: u64,
    received: AtomicU64,
    done: Sender<SocketAddr>,
}

/// A subscriber that counts.
struct Reader {
    frames: FrameCounter,
    tally: Arc<Tally>,
}

impl Protocol for Reader {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        let frames = self.frames.count(bytes);
        let before = self.tally.received.fetch_add(frames, Ordering::Relaxed);
        if before < self.tally.expected && before + frames >= self.tally.expected {
            // Nobody listens any more if it has been told already.
            let _ = self.tally.done.send(io.peer());
        }
    }
}
