//! Load for a server: many connections that say the same message again and again, and a clock.
//!
//! What measures must be faster than what is measured. So every connection lives on one thread of step 4's loop, a message
//! is encoded and masked once, and echoes are counted, not decoded: a frame's length is known, and only the first
//! byte of each is looked at.

use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use chunked_io::event_loop::{Closed, EventLoop, Io, Protocol, Settings, Shared};
use ports::Endpoint;
use tcp_socket::TcpSocket;

use crate::frame::{self, FrameHeader, Opcode};
use crate::handshake::{Request, Response};
use crate::http::{HEAD_LIMIT, ResponseHead, head_end};
use crate::tls::{ClientTls, OverTls, TlsError, TlsLayer};
use crate::url::is_secure;
use crate::{CloseCode, Connection, Error, Options};

/// The key of all masks. A server unmasks with this one as long as with any other.
const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// How long all connections may take to stand.
const OPENING: Duration = Duration::from_secs(30);

/// What is to be asked of a server.
#[derive(Debug, Clone)]
pub struct Load {
    /// How many connections.
    pub connections: usize,
    /// How many bytes a message has.
    pub size: usize,
    /// How many messages each connection has on their way at once.
    pub depth: usize,
    /// How long it is measured.
    pub duration: Duration,
    /// How long it runs before that, so that caches and buffers are as they will be.
    pub warm_up: Duration,
    /// Whom to trust with `wss://`; `None` is whom this machine trusts.
    pub tls: Option<ClientTls>,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            connections: 100,
            size: 64,
            depth: 1,
            duration: Duration::from_secs(3),
            warm_up: Duration::from_millis(500),
            tls: None,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How many echoes came while it was measured.
    pub messages: usize,
    /// How long that was.
    pub elapsed: Duration,
    /// From a message's departure to its echo, in the order of the percentiles asked for in [`PERCENTILES`].
    pub latencies: [Duration; PERCENTILES.len()],
}

/// Of so many in a hundred messages the echo was there by then.
pub const PERCENTILES: [f64; 4] = [50.0, 90.0, 99.0, 100.0];

impl Report {
    /// Echoes a second.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        reason = "nobody counts that far in three seconds"
    )]
    pub fn rate(&self) -> f64 {
        self.messages as f64 / self.elapsed.as_secs_f64()
    }
}

impl Load {
    /// Puts the load on an echo server of WebSocket (`ws://`, `wss://`), or of plain TCP (`tcp://`) to compare with.
    ///
    /// # Errors
    ///
    /// [`Error::Socket`] if nobody answers, [`Error::LoadFailed`] if a connection does not come about, or is lost.
    pub fn run(&self, endpoint: &Endpoint) -> Result<Report, Error> {
        let (events, heard) = mpsc::channel();
        let plan = Arc::new(Plan::new(self, endpoint, events)?);
        let driver = self.driver(endpoint, &plan)?;
        let address = *ip::resolve(endpoint.host(), endpoint.port(), OPENING)
            .map_err(tcp_socket::Error::from)?
            .first()
            .ok_or_else(|| failed(endpoint, "its name has no address"))?;
        for _ in 0..self.connections {
            let socket = TcpSocket::connect_address(address, OPENING)?;
            socket.set_no_delay(true)?;
            driver.handle().adopt(socket);
        }
        for _ in 0..self.connections {
            match heard.recv_timeout(OPENING) {
                Ok(Happened::Open) => {}
                Ok(Happened::Lost(why)) => return Err(failed(endpoint, &why)),
                Err(_) => return Err(failed(endpoint, "not all connections stand in time")),
            }
        }
        // From here on every echo is answered with the next message.
        driver.handle().send_to_all(&plan.frames);
        if let Ok(Happened::Lost(why)) = heard.recv_timeout(self.warm_up + self.duration) {
            return Err(failed(endpoint, &why));
        }
        plan.is_over.store(1, Ordering::Relaxed);
        driver
            .shutdown(Duration::from_secs(1))
            .map_err(Error::EventLoop)?;
        let mut latencies = mem::take(&mut *plan.latencies.lock().unwrap_or_else(PoisonError::into_inner));
        latencies.sort_unstable();
        Ok(Report {
            messages: latencies.len(),
            elapsed: self.duration,
            latencies: PERCENTILES.map(|percentile| nth(&latencies, percentile)),
        })
    }

    /// The thread with all the connections. It listens, too, but nobody knows where.
    fn driver(&self, endpoint: &Endpoint, plan: &Arc<Plan>) -> Result<EventLoop<()>, Error> {
        let settings = Settings {
            threads: 1,
            queue_limit: usize::MAX / 4,
            closing_time: Duration::from_millis(200),
            read_buffer: 256 * 1024,
            ..Settings::default()
        };
        let here = Endpoint::new("127.0.0.1", 0);
        let plan = Arc::clone(plan);
        if !is_secure(endpoint) {
            return Ok(EventLoop::serve(&here, settings, move |_| Talker::new(&plan))?);
        }
        let tls = match &self.tls {
            Some(tls) => tls.clone(),
            None => ClientTls::system()?,
        };
        let host = endpoint.host().to_owned();
        Ok(EventLoop::serve(&here, settings, move |_| {
            TlsLayer::client(&tls, &host, Talker::new(&plan))
        })?)
    }
}

fn failed(endpoint: &Endpoint, problem: &str) -> Error {
    Error::LoadFailed {
        url: endpoint.to_string(),
        problem: problem.to_owned(),
    }
}

fn nth(sorted: &[Duration], percentile: f64) -> Duration {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among those that are there"
    )]
    let place = (sorted.len() as f64 * percentile / 100.0).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
}

enum Happened {
    Open,
    Lost(String),
}

/// What all connections do.
struct Plan {
    /// `None` for plain TCP.
    request: Option<Request>,
    /// As many messages as are on their way at once.
    frames: Shared,
    message: Shared,
    /// The length of an echo on the wire, and its first byte.
    echo: usize,
    first_byte: u8,
    depth: usize,
    warm_up: Duration,
    is_over: AtomicUsize,
    latencies: Mutex<Vec<Duration>>,
    events: mpsc::Sender<Happened>,
}

impl Plan {
    fn new(load: &Load, endpoint: &Endpoint, events: mpsc::Sender<Happened>) -> Result<Self, Error> {
        let is_plain_tcp = endpoint.scheme() == Some("tcp");
        let payload = vec![b'x'; load.size];
        let mut message = Vec::new();
        frame::encode(
            &FrameHeader::whole(Opcode::Binary, load.size, Some(KEY)),
            &payload,
            &mut message,
        );
        let echo = message.len() - if is_plain_tcp { 0 } else { KEY.len() };
        Ok(Self {
            request: (!is_plain_tcp).then(|| Request::new(endpoint)).transpose()?,
            frames: message.repeat(load.depth).into(),
            first_byte: message[0],
            message: message.into(),
            echo,
            depth: load.depth,
            warm_up: load.warm_up,
            is_over: AtomicUsize::new(0),
            latencies: Mutex::default(),
            events,
        })
    }
}

/// One connection.
struct Talker {
    plan: Arc<Plan>,
    /// The head of the server's answer, while it is not whole.
    head: Option<Vec<u8>>,
    /// How much of an echo has come.
    have: usize,
    /// When the messages left that are on their way, the oldest first.
    sent: std::collections::VecDeque<Instant>,
    began: Option<Instant>,
    latencies: Vec<Duration>,
}

impl Talker {
    fn new(plan: &Arc<Plan>) -> Self {
        Self {
            plan: Arc::clone(plan),
            head: Some(Vec::new()),
            have: 0,
            sent: std::collections::VecDeque::with_capacity(plan.depth),
            began: None,
            latencies: Vec::new(),
        }
    }

    fn lose(&self, why: &str, io: &mut Io<'_, ()>) {
        let _ = self.plan.events.send(Happened::Lost(why.to_owned()));
        io.abort();
    }

    fn read_head(&mut self, bytes: &[u8], io: &mut Io<'_, ()>) {
        let Some(head) = &mut self.head else {
            return;
        };
        let known = head.len();
        head.extend_from_slice(bytes);
        let Some(end) = head_end(head, known) else {
            if head.len() > HEAD_LIMIT {
                self.lose("its answer to the handshake has no end", io);
            }
            return;
        };
        let answer = ResponseHead::parse(&head[..end]).map_err(|bad| bad.to_string());
        let granted = answer.and_then(|head| match &self.plan.request {
            Some(request) => Response::from_head(&head, request).map_err(|error| error.to_string()),
            None => Err("it speaks HTTP".to_owned()),
        });
        match granted {
            Ok(_) => {
                self.head = None;
                let _ = self.plan.events.send(Happened::Open);
            }
            Err(why) => self.lose(&why, io),
        }
    }

    /// Counts the echoes in what came, and sends as many messages.
    fn count(&mut self, mut bytes: &[u8], io: &mut Io<'_, ()>) {
        let now = Instant::now();
        let mut echoes = 0;
        while !bytes.is_empty() {
            if self.have == 0 && bytes[0] != self.plan.first_byte {
                return self.lose("it said something else than the echo: is it an echo server?", io);
            }
            let part = bytes.len().min(self.plan.echo - self.have);
            bytes = &bytes[part..];
            self.have += part;
            if self.have == self.plan.echo {
                self.have = 0;
                echoes += 1;
            }
        }
        let is_measured = self.began.is_some_and(|began| now >= began + self.plan.warm_up)
            && self.plan.is_over.load(Ordering::Relaxed) == 0;
        for _ in 0..echoes {
            let Some(sent) = self.sent.pop_front() else {
                return self.lose("more echoes came than there were messages", io);
            };
            if is_measured {
                self.latencies.push(now - sent);
            }
            io.send_shared(&self.plan.message);
            self.sent.push_back(now);
        }
    }
}

impl Protocol for Talker {
    type Message = ();

    fn opened(&mut self, io: &mut Io<'_, ()>) {
        match &self.plan.request {
            Some(request) => io.send(request.to_head().to_string().as_bytes()),
            None => {
                self.head = None;
                let _ = self.plan.events.send(Happened::Open);
            }
        }
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        if self.head.is_some() {
            self.read_head(bytes, io);
        } else {
            self.count(bytes, io);
        }
    }

    /// The signal to begin, which is the first messages.
    fn relayed(&mut self, frames: &Shared, io: &mut Io<'_, ()>) {
        let now = Instant::now();
        self.began = Some(now);
        self.sent.extend((0..self.plan.depth).map(|_| now));
        io.send_shared(frames);
    }

    fn peer_finished(&mut self, io: &mut Io<'_, ()>) {
        self.lose("it closed a connection", io);
    }

    fn shutdown(&mut self, io: &mut Io<'_, ()>) {
        let mut goodbye = Vec::new();
        if self.plan.request.is_some() {
            let _ = Connection::client(Options::default()).close(CloseCode::NORMAL, "", &mut goodbye);
        }
        io.send(&goodbye);
        io.close();
    }

    fn closed(&mut self, why: &Closed, _: &mut Io<'_, ()>) {
        if self.plan.is_over.load(Ordering::Relaxed) == 0 {
            let _ = self.plan.events.send(Happened::Lost(why.to_string()));
        }
        let mut all = self.plan.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        all.append(&mut self.latencies);
    }
}

impl OverTls for Talker {
    fn without_tls(&mut self, error: TlsError, io: &mut Io<'_, ()>) {
        self.lose(&error.to_string(), io);
    }
}
