//! A crowd of clients in one process: it connects, holds thousands of connections, and echoes on some of them.
//!
//! It stands on the same readiness calls as the event loop, without its comforts: it has to be so cheap that it is the
//! server that one measures.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
#[cfg(target_os = "linux")]
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde::{Deserialize, Serialize};

use super::latency::Latencies;

/// How many callers knock at the same time. A server whose queue of callers is shorter than this makes some of them
/// wait for a second: that is when TCP knocks again.
const AT_ONCE: usize = 256;

/// How many connections come from one address. A client has some 28,000 ports for each of its addresses on Linux, and when
/// the first half is used up, finding a free one gets slow.
#[cfg(target_os = "linux")]
const A_SOURCE: usize = 10_000;

/// Gives up when nothing at all has happened for this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// What can go wrong with a crowd.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// The system refused a call.
    #[error("the crowd of clients failed after {open} connections: {source}")]
    Connect {
        /// How many connections stood.
        open: usize,
        /// The system's own words.
        source: io::Error,
    },
    /// The server ended a connection that was to be held.
    #[error("the server dropped {lost} of {open} connections")]
    Lost {
        /// How many it ended.
        lost: usize,
        /// How many there were.
        open: usize,
    },
    /// Nothing came any more.
    #[error("{missing} of {open} connections got no answer for {PATIENCE:?}")]
    Silent {
        /// How many were waiting.
        missing: usize,
        /// How many there were.
        open: usize,
    },
    /// Readiness itself failed.
    #[error("cannot wait for readiness: {0}")]
    Poll(io::Error),
}

/// What is echoed, and on how many connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The connections that speak; the others stay silent.
    pub active: usize,
    /// The bytes of one message.
    pub size: usize,
    /// How many messages of a connection are on their way at any time.
    pub depth: usize,
}

/// Many clients.
#[derive(Debug)]
pub struct Clients {
    poll: Poll,
    events: Events,
    connections: Vec<Client>,
    buffer: Box<[u8]>,
}

/// One of them.
#[derive(Debug)]
struct Client {
    stream: TcpStream,
    /// When it began to connect; `None` when it is connected.
    connecting: Option<Instant>,
    /// When each message left whose echo has not come, the oldest first.
    sent: VecDeque<Instant>,
    /// The bytes that have come of the next echo.
    received: usize,
    /// The bytes that the system had no room for.
    unsent: usize,
}

impl Clients {
    /// A crowd of nobody.
    ///
    /// # Errors
    ///
    /// [`ClientsError::Poll`] if the process has no descriptor left.
    pub fn new() -> Result<Self, ClientsError> {
        Ok(Self {
            poll: Poll::new().map_err(ClientsError::Poll)?,
            events: Events::with_capacity(1024),
            connections: Vec::new(),
            buffer: vec![b'x'; 1 << 16].into(),
        })
    }

    /// How many connections stand.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.connections.len()
    }

    /// Connects `count` clients as fast as it can, and says how long each took. `first` is how many connections other
    /// processes have to the same server: with it, each process takes client addresses of its own.
    ///
    /// `progress` hears now and then how many there are.
    ///
    /// # Errors
    ///
    /// [`ClientsError::Connect`] when the server refuses, or ports or descriptors give out; [`ClientsError::Silent`] when
    /// the server does not answer any more.
    pub fn open(
        &mut self,
        server: SocketAddr,
        first: usize,
        count: usize,
        mut progress: impl FnMut(usize),
    ) -> Result<Latencies, ClientsError> {
        let mut latencies = Latencies::default();
        let mut under_way = 0;
        let target = self.connections.len() + count;
        while under_way > 0 || self.connections.len() < target {
            while under_way < AT_ONCE && self.connections.len() < target {
                self.begin_to_connect(server, first)
                    .map_err(|source| ClientsError::Connect {
                        open: self.connections.len() - under_way,
                        source,
                    })?;
                under_way += 1;
            }
            self.wait(under_way)?;
            for event in &self.events {
                let client = &mut self.connections[event.token().0];
                if let Some(latency) = client.connected(event).map_err(|source| ClientsError::Connect {
                    open: target - under_way,
                    source,
                })? {
                    latencies.record(latency);
                    under_way -= 1;
                }
            }
            progress(self.connections.len() - under_way);
        }
        Ok(latencies)
    }

    fn begin_to_connect(&mut self, server: SocketAddr, first: usize) -> io::Result<()> {
        let number = self.connections.len();
        let connecting = Some(Instant::now());
        let mut stream = connect(server, first + number)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, Token(number), interest)?;
        self.connections.push(Client {
            stream,
            connecting,
            sent: VecDeque::new(),
            received: 0,
            unsent: 0,
        });
        Ok(())
    }

    /// Echoes for `period`, and then waits for what is still on its way. A period of zero is a roll call: one
    /// message for each active connection.
    ///
    /// Only the echoes that came within the period are noted.
    ///
    /// # Errors
    ///
    /// [`ClientsError::Lost`] if the server ends a connection, [`ClientsError::Silent`] if it stops answering.
    pub fn echo(&mut self, load: Load, period: Duration) -> Result<Latencies, ClientsError> {
        let mut latencies = Latencies::default();
        let message = vec![b'x'; load.size * load.depth];
        let active = load.active.min(self.connections.len());
        let end = Instant::now() + period;
        let lost = |open| move |_| ClientsError::Lost { lost: 1, open };
        let open = self.connections.len();
        for client in &mut self.connections[..active] {
            client.begin_to_echo().map_err(lost(open))?;
            client
                .send(&message, load.depth, Instant::now())
                .map_err(lost(open))?;
        }
        let mut on_the_way = active * load.depth;
        while on_the_way > 0 {
            self.wait(on_the_way)?;
            for event in &self.events {
                let client = &mut self.connections[event.token().0];
                let echoes = client.receive(&mut self.buffer, load.size).map_err(lost(open))?;
                let now = Instant::now();
                for sent in client.sent.drain(..echoes) {
                    if now < end {
                        latencies.record(now - sent);
                    }
                }
                if now < end {
                    client
                        .send(&message[..echoes * load.size], echoes, now)
                        .map_err(lost(open))?;
                } else {
                    client.flush(&message).map_err(lost(open))?;
                    on_the_way -= echoes;
                }
            }
        }
        Ok(latencies)
    }

    fn wait(&mut self, missing: usize) -> Result<(), ClientsError> {
        loop {
            match self.poll.poll(&mut self.events, Some(PATIENCE)) {
                Ok(()) if self.events.is_empty() => {
                    let open = self.connections.len();
                    return Err(ClientsError::Silent { missing, open });
                }
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ClientsError::Poll(error)),
            }
        }
    }

    /// Ends all connections at once, without a TIME_WAIT that would keep their ports for a minute.
    pub fn close(&mut self) {
        for client in self.connections.drain(..) {
            // A connection that the server has ended already needs no such care.
            let _ = socket2::SockRef::from(&client.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.close();
    }
}

impl Client {
    /// How long it took to connect, if this event says that it just did.
    fn connected(&mut self, event: &Event) -> io::Result<Option<Duration>> {
        if event.is_error()
            && let Some(error) = self.stream.take_error()?
        {
            return Err(error);
        }
        let began = self.connecting.take_if(|_| event.is_writable());
        Ok(began.map(|began| began.elapsed()))
    }

    fn begin_to_echo(&mut self) -> io::Result<()> {
        // With several messages on their way, Nagle's algorithm would hold back the next one.
        self.stream.set_nodelay(true)?;
        (self.received, self.unsent) = (0, 0);
        self.sent.clear();
        Ok(())
    }

    fn send(&mut self, bytes: &[u8], messages: usize, now: Instant) -> io::Result<()> {
        self.sent.extend(std::iter::repeat_n(now, messages));
        self.unsent += bytes.len();
        self.flush(bytes)
    }

    /// Sends what is unsent. Every message looks the same, so `bytes` may stand for any of them.
    fn flush(&mut self, bytes: &[u8]) -> io::Result<()> {
        while self.unsent > 0 && !bytes.is_empty() {
            match self.stream.write(&bytes[..bytes.len().min(self.unsent)]) {
                Ok(count) => self.unsent -= count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes what has come, and says how many whole messages that makes.
    fn receive(&mut self, buffer: &mut [u8], size: usize) -> io::Result<usize> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.received += count;
                    // Less than was asked for: there is no more, and asking again would cost a call.
                    if count < buffer.len() && cfg!(unix) {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let echoes = self.received / size;
        self.received %= size;
        Ok(echoes.min(self.sent.len()))
    }
}

/// The address from which the connection with this number comes: 127.0.0.1 for the first ten thousand, then 127.0.0.2,
/// and so on.
#[cfg(target_os = "linux")]
fn source_of(number: usize) -> Ipv4Addr {
    let last = u8::try_from(1 + number / A_SOURCE).unwrap_or(u8::MAX);
    Ipv4Addr::new(127, 0, 0, last)
}

/// Begins to connect; the stream is ready to write when that is done.
fn connect(server: SocketAddr, number: usize) -> io::Result<TcpStream> {
    #[cfg(target_os = "linux")]
    if number >= A_SOURCE {
        return connect_from(source_of(number), server);
    }
    // Only Linux answers to all of 127/8 by itself; elsewhere one address and its ports have to do.
    let _ = number;
    TcpStream::connect(server)
}

/// The same, with an address of one's own choice and whatever port it has left.
#[cfg(target_os = "linux")]
fn connect_from(source: Ipv4Addr, server: SocketAddr) -> io::Result<TcpStream> {
    use rustix::io::Errno;
    use socket2::{Domain, Protocol, Socket, Type};

    let socket = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    match socket.connect(&server.into()) {
        Err(error) if error.raw_os_error() != Some(Errno::INPROGRESS.raw_os_error()) => Err(error),
        _ => Ok(TcpStream::from_std(socket.into())),
    }
}
