//! A WebSocket on a socket: the state machine, a TCP connection, and calls that wait.
//!
//! Client and server hold the same type; only how they get it differs: [`WebSocket::connect`] or
//! [`WebSocket::accept`].
//!
//! One thread may send while another receives: [`WebSocket::split`] gives each its half. The receiving half also
//! answers Pings and runs the timers, so somebody should always be in [`Receiver::recv`].

use std::fmt;
use std::net::{Shutdown, SocketAddr};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chunked_io::send_all;
use ports::Endpoint;
use tcp_socket::{Deadline, TcpSocket};

use crate::connection::SendError;
use crate::handshake::{Request, Response, is_token};
use crate::http::{self, HEAD_LIMIT, RequestHead, ResponseHead};
use crate::{Close, CloseCode, Connection, Error, Event, Message, Options, Refusal, Role, Violation, url};

/// How much is pulled in one call, in bytes.
const PULL: usize = 16 * 1024;

/// How long the end of the TCP connection may take once all is said: the last bytes are on their way, and a socket that
/// is dropped with bytes unread takes them back (RST).
const LINGER: Duration = Duration::from_secs(1);

/// Bytes on the wire, as an observer sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic<'a> {
    /// From this end.
    Sent(&'a [u8]),
    /// From the other end.
    Received(&'a [u8]),
}

/// Somebody who watches the bytes go by, in both directions, from the first of the handshake on.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(Traffic<'_>) + Send + Sync>);

impl Observer {
    /// An observer that calls `watch` with every portion of bytes.
    pub fn new(watch: impl Fn(Traffic<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(watch))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// What both ends may set.
#[derive(Debug, Clone)]
pub struct SocketOptions {
    /// How long the opening handshake may take in all, a client's name look-up included: 10 seconds.
    pub handshake_timeout: Duration,
    /// How long one message may take to leave: 30 seconds.
    pub send_timeout: Duration,
    /// Who watches the bytes.
    pub observer: Option<Observer>,
    /// What the connection allows, once it is open.
    pub connection: Options,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(30),
            observer: None,
            connection: Options::default(),
        }
    }
}

/// What a client wants of a connection.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// What could be spoken over the connection, the favourite first.
    pub subprotocols: Vec<String>,
    /// The page on whose behalf this is done: browsers say it, others need not.
    pub origin: Option<String>,
    /// More header lines for the request: a cookie, a login.
    pub headers: Vec<(String, String)>,
    /// What both ends may set.
    pub socket: SocketOptions,
}

/// What a server grants its clients.
#[derive(Debug, Clone)]
pub struct AcceptOptions {
    /// What the server speaks, its favourite first: the first that the client offers is taken.
    pub subprotocols: Vec<String>,
    /// The pages that may connect, as browsers name them: `https://chat.example`. `None` allows all. A client that
    /// is no browser sends no Origin, and is let in.
    pub origins: Option<Vec<String>>,
    /// The only path at which there is a WebSocket; `None` takes every one.
    pub path: Option<String>,
    /// A page in HTML for a browser that asks for `/` without asking for a WebSocket.
    pub page: Option<String>,
    /// The longest head that is read, in bytes: 16 KiB.
    pub head_limit: usize,
    /// What both ends may set.
    pub socket: SocketOptions,
}

impl Default for AcceptOptions {
    fn default() -> Self {
        Self {
            subprotocols: Vec::new(),
            origins: None,
            path: None,
            page: None,
            head_limit: HEAD_LIMIT,
            socket: SocketOptions::default(),
        }
    }
}

/// A WebSocket connection, client's or server's end.
#[derive(Debug)]
pub struct WebSocket {
    sender: Sender,
    receiver: Receiver,
}

/// The half that sends. Clones send over the same connection, one message after the other.
#[derive(Debug, Clone)]
pub struct Sender {
    shared: Arc<Shared>,
}

/// The half that receives, answers Pings and runs the timers.
#[derive(Debug)]
pub struct Receiver {
    shared: Arc<Shared>,
    socket: TcpSocket,
    buffer: Vec<u8>,
    /// What was received into the buffer, and has not been looked at.
    unread: Range<usize>,
}

/// The connection, and what it has to say.
#[derive(Debug)]
struct Machine {
    connection: Connection,
    output: Vec<u8>,
}

#[derive(Debug)]
struct Shared {
    machine: Mutex<Machine>,
    /// Whoever holds the socket takes the connection's output and sends it, so that the bytes leave in order.
    out: Mutex<TcpSocket>,
    end: Mutex<Option<Result<Close, Violation>>>,
    options: SocketOptions,
    peer: SocketAddr,
    request: Request,
    subprotocol: Option<String>,
}

impl WebSocket {
    /// Connects to a `ws://` URL.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] if it is none, [`Error::Socket`] if nobody answers, [`Error::NoAnswer`] or
    /// [`Error::NotWebSocket`] if somebody else does.
    pub fn connect(url: &str, options: &ConnectOptions) -> Result<Self, Error> {
        Self::connect_endpoint(&url::parse(url)?, options)
    }

    /// Connects to an endpoint, whatever its scheme.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::connect`].
    pub fn connect_endpoint(endpoint: &Endpoint, options: &ConnectOptions) -> Result<Self, Error> {
        let deadline = Deadline::after(options.socket.handshake_timeout);
        let (request, head) = client_request(endpoint, options)?;
        let mut socket = TcpSocket::connect(endpoint, deadline)?;
        // A message is sent in one piece; waiting for company would only delay it.
        socket.set_no_delay(true)?;
        send_all(&mut socket, head.as_bytes(), deadline)?;
        observe(&options.socket, Traffic::Sent(head.as_bytes()));

        let mut pending = Vec::new();
        let head = http::pull_head(&mut socket, &mut pending, HEAD_LIMIT, deadline)
            .and_then(|head| Ok(ResponseHead::parse(&head)?))
            .map_err(|source| Error::NoAnswer {
                url: endpoint.to_string(),
                source,
            })?;
        observe(&options.socket, Traffic::Received(head.to_string().as_bytes()));
        let response = Response::from_head(&head, &request).map_err(|source| Error::NotWebSocket {
            url: endpoint.to_string(),
            source,
        })?;

        let opened = Opened {
            request,
            subprotocol: response.subprotocol,
            pending,
        };
        Self::new(socket, Role::Client, opened, &options.socket)
    }

    /// Answers a caller that wants a WebSocket. Any other is sent away with an HTTP error.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] after an HTTP error, [`Error::NoRequest`] if there was nobody to answer.
    pub fn accept(mut socket: TcpSocket, options: &AcceptOptions) -> Result<Self, Error> {
        let mut pending = Vec::new();
        let deadline = Deadline::after(options.socket.handshake_timeout);
        let head = http::pull_head(&mut socket, &mut pending, options.head_limit, deadline);
        match head.and_then(|head| Ok(RequestHead::parse(&head)?)) {
            Ok(head) => Self::accept_request(socket, &head, pending, options),
            Err(source) => match Refusal::for_head(&source) {
                Some(refusal) => Err(refuse(socket, refusal)),
                None => Err(Error::NoRequest {
                    peer: socket.peer_address().to_string(),
                    source,
                }),
            },
        }
    }

    /// As [`WebSocket::accept`], for a server that has read the head of the request itself, to choose between a page
    /// and a WebSocket. `pending` is what came after the head.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] after an HTTP error.
    pub fn accept_request(
        mut socket: TcpSocket,
        head: &RequestHead,
        pending: Vec<u8>,
        options: &AcceptOptions,
    ) -> Result<Self, Error> {
        observe(&options.socket, Traffic::Received(head.to_string().as_bytes()));
        let request = match granted(head, options) {
            Ok(request) => request,
            Err(refusal) => return Err(refuse(socket, refusal)),
        };
        let response = Response::new(&request, request.choose_subprotocol(&options.subprotocols));
        let head = response.to_head().to_string();
        socket.set_no_delay(true)?;
        send_all(&mut socket, head.as_bytes(), options.socket.handshake_timeout)?;
        observe(&options.socket, Traffic::Sent(head.as_bytes()));

        let opened = Opened {
            request,
            subprotocol: response.subprotocol,
            pending,
        };
        Self::new(socket, Role::Server, opened, &options.socket)
    }

    fn new(socket: TcpSocket, role: Role, opened: Opened, options: &SocketOptions) -> Result<Self, Error> {
        if !opened.pending.is_empty() {
            observe(options, Traffic::Received(&opened.pending));
        }
        let machine = Machine {
            connection: Connection::new(role, options.connection.clone()),
            output: Vec::new(),
        };
        let shared = Arc::new(Shared {
            machine: Mutex::new(machine),
            out: Mutex::new(socket.try_clone()?),
            end: Mutex::new(None),
            options: options.clone(),
            peer: socket.peer_address(),
            request: opened.request,
            subprotocol: opened.subprotocol,
        });
        let sender = Sender {
            shared: Arc::clone(&shared),
        };
        let unread = 0..opened.pending.len();
        let mut buffer = opened.pending;
        buffer.resize(buffer.len().max(PULL), 0);
        let receiver = Receiver {
            shared,
            socket,
            buffer,
            unread,
        };
        Ok(Self { sender, receiver })
    }

    /// What the client asked for in the opening handshake: path, host, origin, subprotocols.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.sender.shared.request
    }

    /// The subprotocol that both ends agreed on, if any.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.sender.shared.subprotocol.as_deref()
    }

    /// The other end's address and port.
    #[must_use]
    pub fn peer_address(&self) -> SocketAddr {
        self.sender.shared.peer
    }

    /// Says a message. It has left this program when the call returns; it may not have arrived.
    ///
    /// # Errors
    ///
    /// [`Error::NotSent`] after a Close, [`Error::Send`] if the peer does not read or is gone.
    pub fn send<'a>(&self, message: impl Into<Message<'a>>) -> Result<(), Error> {
        self.sender.send(message)
    }

    /// Asks the peer for a sign of life. Its Pong comes as [`Event::Pong`], if anybody looks.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::send`], and [`Error::NotSent`] if `payload` is longer than 125 bytes.
    pub fn ping(&self, payload: &[u8]) -> Result<(), Error> {
        self.sender.ping(payload)
    }

    /// Waits for the next message; `None` when the peer has closed in good order.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if none came in time: ask again. [`Error::Violation`] or [`Error::Socket`] end the
    /// connection.
    pub fn recv(&mut self, timeout: impl Into<Deadline>) -> Result<Option<Message<'static>>, Error> {
        self.receiver.recv(timeout)
    }

    /// Waits for the next event: a message, a Ping, a Pong or the end.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::recv`].
    pub fn recv_event(&mut self, timeout: impl Into<Deadline>) -> Result<Event<'static>, Error> {
        self.receiver.recv_event(timeout)
    }

    /// Closes in good order: says so, and waits for the peer's answer, which is returned. Messages that are still on the
    /// way are dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] if the peer does not answer in time.
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<Close, Error> {
        match self.sender.close(code, reason) {
            // The peer was faster; its Close is about to be read.
            Ok(()) | Err(Error::NotSent(SendError::Closing)) => {}
            Err(error) => return Err(error),
        }
        loop {
            if let Event::Closed(close) = self.recv_event(Deadline::never())? {
                return Ok(close);
            }
        }
    }

    /// What the peer's Close said, once it has come.
    #[must_use]
    pub fn closed(&self) -> Option<Close> {
        self.receiver.closed()
    }

    /// The two halves, for two threads.
    #[must_use]
    pub fn split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }
}

/// What the opening handshake led to.
struct Opened {
    request: Request,
    subprotocol: Option<String>,
    /// What came after the head: the peer's first frames.
    pending: Vec<u8>,
}

impl Sender {
    /// Says a message, as [`WebSocket::send`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::send`].
    pub fn send<'a>(&self, message: impl Into<Message<'a>>) -> Result<(), Error> {
        self.command(|connection, output| connection.send(message, output))
    }

    /// Asks for a sign of life, as [`WebSocket::ping`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::ping`].
    pub fn ping(&self, payload: &[u8]) -> Result<(), Error> {
        self.command(|connection, output| connection.ping(payload, output))
    }

    /// Begins to close, and does not wait: the receiving half sees the end.
    ///
    /// # Errors
    ///
    /// [`Error::NotSent`] if the connection is closing already, or `code` may not be sent.
    pub fn close(&self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.command(|connection, output| connection.close(code, reason, output))
    }

    fn command(
        &self,
        command: impl FnOnce(&mut Connection, &mut Vec<u8>) -> Result<(), SendError>,
    ) -> Result<(), Error> {
        let mut machine = lock(&self.shared.machine);
        let Machine { connection, output } = &mut *machine;
        command(connection, output)?;
        drop(machine);
        // Another sender may be at it; wait until it is done, then see what is left.
        let socket = lock(&self.shared.out);
        self.shared.flush(socket)
    }
}

impl Receiver {
    /// Waits for the next message, as [`WebSocket::recv`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::recv`].
    pub fn recv(&mut self, timeout: impl Into<Deadline>) -> Result<Option<Message<'static>>, Error> {
        let deadline = timeout.into();
        loop {
            match self.recv_event(deadline)? {
                Event::Message(message) => return Ok(Some(message)),
                Event::Closed(_) => return Ok(None),
                _ => {}
            }
        }
    }

    /// Waits for the next event, as [`WebSocket::recv_event`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::recv`].
    pub fn recv_event(&mut self, timeout: impl Into<Deadline>) -> Result<Event<'static>, Error> {
        let deadline = timeout.into();
        loop {
            if let Some(end) = &*lock(&self.shared.end) {
                return self.report(end.clone());
            }
            let now = Instant::now();
            let timer = match self.tick(now) {
                Ok(timer) => timer,
                Err(violation) => return self.end(Err(violation)),
            };
            match self.next_event() {
                Some(Event::Closed(close)) => return self.end(Ok(close)),
                Some(Event::Failed(violation)) => return self.end(Err(violation)),
                Some(event) => return Ok(event),
                None => {}
            }
            let left = deadline.remaining().ok_or_else(|| Error::TimedOut {
                peer: self.shared.peer.to_string(),
                after: deadline.allowed(),
            })?;
            let wait = timer.map_or(left, |timer| left.min(timer.saturating_duration_since(now)));
            if let Err(violation) = self.pull(wait) {
                return self.end(Err(violation));
            }
        }
    }

    /// What the peer's Close said, once it has come.
    #[must_use]
    pub fn closed(&self) -> Option<Close> {
        lock(&self.shared.end).as_ref()?.as_ref().ok().cloned()
    }

    /// Tells the machine the time, and sends what it has to say to that.
    fn tick(&self, now: Instant) -> Result<Option<Instant>, Violation> {
        let mut machine = lock(&self.shared.machine);
        let Machine { connection, output } = &mut *machine;
        let timer = connection.tick(now, output);
        drop(machine);
        self.answer();
        timer
    }

    /// What came of the bytes that were received, if anything.
    fn next_event(&mut self) -> Option<Event<'static>> {
        let mut machine = lock(&self.shared.machine);
        let Machine { connection, output } = &mut *machine;
        let mut input = &mut self.buffer[self.unread.clone()];
        let event = connection.next_event(&mut input, output).map(Event::into_owned);
        self.unread.start = self.unread.end - input.len();
        drop(machine);
        self.answer();
        event
    }

    /// Ends the TCP connection, and remembers how it came to that.
    fn end(&self, end: Result<Close, Violation>) -> Result<Event<'static>, Error> {
        // A message that is being sent may finish, and our Close comes after it. If that fails, so be it: this is the end.
        let _ = self.shared.flush(lock(&self.shared.out));
        let role = lock(&self.shared.machine).connection.role();
        part(&self.socket, role, end.is_ok());
        *lock(&self.shared.end) = Some(end.clone());
        self.report(end)
    }

    fn report(&self, end: Result<Close, Violation>) -> Result<Event<'static>, Error> {
        let peer = self.shared.peer.to_string();
        end.map(Event::Closed)
            .map_err(|violation| Error::Violation { peer, violation })
    }

    /// One pull into the buffer, of which all has been read.
    fn pull(&mut self, wait: Duration) -> Result<(), Violation> {
        match self.socket.pull(&mut self.buffer, wait) {
            Ok(count) if count > 0 => {
                observe(&self.shared.options, Traffic::Received(&self.buffer[..count]));
                self.unread = 0..count;
                Ok(())
            }
            Err(tcp_socket::Error::TimedOut { .. }) => Ok(()),
            _ => lock(&self.shared.machine).connection.receive_end(),
        }
    }

    /// Sends what the machine has to say of its own accord. A thread that is sending just now will do it.
    fn answer(&self) {
        while self.shared.has_output() {
            let Ok(socket) = self.shared.out.try_lock() else {
                return;
            };
            // The failure is the connection's end, and the next event says so.
            let _ = self.shared.flush(socket);
        }
    }
}

impl Shared {
    fn has_output(&self) -> bool {
        !lock(&self.machine).output.is_empty()
    }

    /// Sends all output, also what is put there meanwhile by somebody who found the socket taken.
    fn flush<'a>(&'a self, mut socket: MutexGuard<'a, TcpSocket>) -> Result<(), Error> {
        loop {
            let output = std::mem::take(&mut lock(&self.machine).output);
            if !output.is_empty() {
                observe(&self.options, Traffic::Sent(&output));
                if let Err(error) = send_all(&mut *socket, &output, self.options.send_timeout) {
                    // Part of a frame may have left, so that nothing can follow it. The receiver sees the end.
                    let _ = socket.shutdown(Shutdown::Both);
                    return Err(error.into());
                }
            }
            drop(socket);
            if !self.has_output() {
                return Ok(());
            }
            socket = lock(&self.out);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No invariant spans a panic here: each lock is held for one call of the machine.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn observe(options: &SocketOptions, traffic: Traffic<'_>) {
    if let Some(Observer(watch)) = &options.observer {
        watch(traffic);
    }
}

/// The request of a client, as values and as text.
fn client_request(endpoint: &Endpoint, options: &ConnectOptions) -> Result<(Request, String), Error> {
    let mut request = Request::new(endpoint)?;
    request.origin.clone_from(&options.origin);
    request.subprotocols.clone_from(&options.subprotocols);
    let mut head = request.to_head();
    for (name, value) in &options.headers {
        head.headers.push(name, value);
    }
    for name in &options.subprotocols {
        if !is_token(name) {
            return Err(bad_option(
                "Sec-WebSocket-Protocol",
                name,
                "a subprotocol is a word without spaces",
            ));
        }
    }
    for (name, value) in head.headers.iter() {
        if !is_token(name) {
            return Err(bad_option(
                name,
                value,
                "the name of a header is a word without spaces",
            ));
        }
        if value.contains(|c: char| c.is_ascii_control()) {
            return Err(bad_option(name, value, "a header is one line"));
        }
    }
    let text = head.to_string();
    Ok((request, text))
}

fn bad_option(header: &str, value: &str, problem: &'static str) -> Error {
    Error::BadOption {
        header: header.to_owned(),
        value: value.to_owned(),
        problem,
    }
}

/// The request, if this server grants it.
fn granted(head: &RequestHead, options: &AcceptOptions) -> Result<Request, Refusal> {
    if let (Some(html), "GET", "/", false) = (
        &options.page,
        head.method.as_str(),
        head.target.as_str(),
        head.wants_web_socket(),
    ) {
        return Err(Refusal::Page { html: html.clone() });
    }
    let path = head.target.split('?').next().unwrap_or_default();
    if options.path.as_ref().is_some_and(|only| only != path) {
        return Err(Refusal::NotFound {
            target: head.target.clone(),
        });
    }
    let request = Request::from_head(head)?;
    match (&request.origin, &options.origins) {
        (Some(origin), Some(allowed)) if !allowed.contains(origin) => Err(Refusal::Origin {
            origin: origin.clone(),
        }),
        _ => Ok(request),
    }
}

/// Answers a request with an HTTP error, and hangs up.
fn refuse(mut socket: TcpSocket, refusal: Refusal) -> Error {
    // If the answer does not arrive, the caller has gone, and the error says enough.
    let _ = send_all(&mut socket, &refusal.to_response(), LINGER);
    part(&socket, Role::Server, false);
    Error::Refused {
        peer: socket.peer_address().to_string(),
        refusal,
    }
}

/// Ends the TCP connection so that the last bytes arrive. The server ends its direction first, the client waits
/// for that (RFC 6455, section 7.1.1); after a failure either may.
fn part(socket: &TcpSocket, role: Role, in_good_order: bool) {
    if role == Role::Server || !in_good_order {
        let _ = socket.shutdown(Shutdown::Write);
    }
    let deadline = Deadline::after(LINGER);
    let mut discarded = [0; 1024];
    while socket.pull(&mut discarded, deadline).is_ok_and(|count| count > 0) {}
    let _ = socket.shutdown(Shutdown::Both);
}
