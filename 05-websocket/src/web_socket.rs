//! A WebSocket on a socket: the state machine, a TCP connection, and calls that wait.
//!
//! Client and server hold the same type; only how they get it differs: [`WebSocket::connect`] or
//! [`WebSocket::accept`].
//!
//! One thread may send while another receives: [`WebSocket::split`] gives each its half. The receiving half also
//! answers Pings and runs the timers, so somebody should always be in [`Receiver::recv`].

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chunked_io::send_all;
use tcp_socket::{Deadline, Stream};

use crate::connection::SendError;
use crate::deflate::Agreement;
use crate::handshake::Request;
use crate::{Close, CloseCode, Connection, Error, Event, Message, Options, Role, Violation, Wire};

/// How much is pulled in one call, in bytes.
const PULL: usize = 16 * 1024;

/// How long the end of the TCP connection may take once all is said: the last bytes are on their way, and a socket that
/// is dropped with bytes unread takes them back (RST).
pub(crate) const LINGER: Duration = Duration::from_secs(1);

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
    wire: Wire,
    buffer: Vec<u8>,
    /// What was received into the buffer, and has not been looked at.
    unread: Range<usize>,
}

/// The connection, and what it has to say.
#[derive(Debug)]
struct Machine {
    connection: Connection,
    output: Vec<u8>,
    /// How many commands it was given.
    said: u64,
}

/// The way out.
#[derive(Debug)]
struct Outgoing {
    wire: Wire,
    /// How many commands have left, whoever sent them.
    sent: u64,
    /// Part of a frame may have left, so that nothing can follow it.
    is_broken: bool,
}

#[derive(Debug)]
struct Shared {
    machine: Mutex<Machine>,
    /// Whoever holds this takes the machine's output and sends it, so that the bytes leave in order.
    out: Mutex<Outgoing>,
    end: Mutex<Option<Result<Close, Violation>>>,
    options: SocketOptions,
    peer: SocketAddr,
    request: Request,
    subprotocol: Option<String>,
    compression: Option<Agreement>,
}

impl WebSocket {
    /// An open connection: the handshake is over.
    pub(crate) fn new(
        wire: Wire,
        role: Role,
        opened: Opened,
        options: &SocketOptions,
    ) -> Result<Self, Error> {
        if !opened.pending.is_empty() {
            observe(options, Traffic::Received(&opened.pending));
        }
        let machine = Machine {
            connection: Connection::new(role, options.connection.clone())
                .compressed(opened.compression.as_ref()),
            output: Vec::new(),
            said: 0,
        };
        let shared = Arc::new(Shared {
            machine: Mutex::new(machine),
            out: Mutex::new(Outgoing {
                wire: wire.try_clone()?,
                sent: 0,
                is_broken: false,
            }),
            end: Mutex::new(None),
            options: options.clone(),
            peer: wire.peer_address(),
            request: opened.request,
            subprotocol: opened.subprotocol,
            compression: opened.compression,
        });
        let sender = Sender {
            shared: Arc::clone(&shared),
        };
        let unread = 0..opened.pending.len();
        let mut buffer = opened.pending;
        buffer.resize(buffer.len().max(PULL), 0);
        let receiver = Receiver {
            shared,
            wire,
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

    /// How messages are compressed, if both ends agreed on it.
    #[must_use]
    pub fn compression(&self) -> Option<&Agreement> {
        self.sender.shared.compression.as_ref()
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

    /// Says the next part of a message. It leaves at once, before the last is known. The other end hears one message,
    /// or the parts as they come if it set [`Options::in_parts`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::send`], and [`Error::NotSent`] for anything but the next part of the same message.
    pub fn send_part<'a>(&self, part: impl Into<Message<'a>>, is_last: bool) -> Result<(), Error> {
        self.sender.send_part(part, is_last)
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

    /// The messages as they come, each within `patience`, until the peer closes. A failure is the last item; after
    /// [`Error::TimedOut`] you may ask for messages again.
    pub fn messages(&mut self, patience: Duration) -> impl Iterator<Item = Result<Message<'static>, Error>> {
        self.receiver.messages(patience)
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
pub(crate) struct Opened {
    pub(crate) request: Request,
    pub(crate) subprotocol: Option<String>,
    pub(crate) compression: Option<Agreement>,
    /// What came after the head: the peer's first frames.
    pub(crate) pending: Vec<u8>,
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

    /// Says the next part of a message, as [`WebSocket::send_part`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::send_part`].
    pub fn send_part<'a>(&self, part: impl Into<Message<'a>>, is_last: bool) -> Result<(), Error> {
        self.command(|connection, output| connection.send_part(part, is_last, output))
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
        let Machine {
            connection,
            output,
            said,
        } = &mut *machine;
        command(connection, output)?;
        *said += 1;
        let ticket = *said;
        drop(machine);
        // Another sender may be at it; wait until it is done, then see what is left.
        let flushed = self.shared.flush(lock(&self.shared.out));
        // The peer may have answered and hung up at once. What then cannot be sent any more is not this message.
        if lock(&self.shared.out).sent >= ticket {
            return Ok(());
        }
        // If somebody else had taken it along, and failed, there is no error of our own.
        flushed.and(Err(SendError::Closing.into()))
    }
}

impl Receiver {
    /// The messages as they come, as [`WebSocket::messages`].
    pub fn messages(&mut self, patience: Duration) -> impl Iterator<Item = Result<Message<'static>, Error>> {
        let mut is_over = false;
        std::iter::from_fn(move || {
            if is_over {
                return None;
            }
            let item = self.recv(patience).transpose();
            is_over = !matches!(item, Some(Ok(_)));
            item
        })
    }

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
        let Machine {
            connection, output, ..
        } = &mut *machine;
        let timer = connection.tick(now, output);
        drop(machine);
        self.answer();
        timer
    }

    /// What came of the bytes that were received, if anything.
    fn next_event(&mut self) -> Option<Event<'static>> {
        let mut machine = lock(&self.shared.machine);
        let Machine {
            connection, output, ..
        } = &mut *machine;
        let mut input = &mut self.buffer[self.unread.clone()];
        let event = connection.next_event(&mut input, output).map(Event::into_owned);
        self.unread.start = self.unread.end - input.len();
        drop(machine);
        self.answer();
        event
    }

    /// Ends the TCP connection, and remembers how it came to that.
    fn end(&mut self, end: Result<Close, Violation>) -> Result<Event<'static>, Error> {
        // A message that is being sent may finish, and our Close comes after it. If that fails, so be it: this is the end.
        let _ = self.shared.flush(lock(&self.shared.out));
        let role = lock(&self.shared.machine).connection.role();
        part(&mut self.wire, role, end.is_ok());
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
        match self.wire.pull(&mut self.buffer, wait.into()) {
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
            let Ok(out) = self.shared.out.try_lock() else {
                return;
            };
            // The failure is the connection's end, and the next event says so.
            let _ = self.shared.flush(out);
        }
    }
}

impl Shared {
    fn has_output(&self) -> bool {
        !lock(&self.machine).output.is_empty()
    }

    /// Sends all output, also what is put there meanwhile by somebody who found the socket taken.
    fn flush<'a>(&'a self, mut out: MutexGuard<'a, Outgoing>) -> Result<(), Error> {
        loop {
            if out.is_broken {
                return Err(SendError::Closing.into());
            }
            let mut machine = lock(&self.machine);
            let output = std::mem::take(&mut machine.output);
            let said = machine.said;
            drop(machine);
            if !output.is_empty() {
                observe(&self.options, Traffic::Sent(&output));
                if let Err(error) = send_all(&mut out.wire, &output, self.options.send_timeout) {
                    out.is_broken = true;
                    // The receiver sees the end.
                    out.wire.abort();
                    return Err(error.into());
                }
            }
            out.sent = said;
            drop(out);
            if !self.has_output() {
                return Ok(());
            }
            out = lock(&self.out);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No invariant spans a panic here: each lock is held for one call of the machine.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn observe(options: &SocketOptions, traffic: Traffic<'_>) {
    if let Some(Observer(watch)) = &options.observer {
        watch(traffic);
    }
}

/// Ends the TCP connection so that the last bytes arrive. The server ends its direction first, the client waits
/// for that (RFC 6455, section 7.1.1); after a failure either may.
pub(crate) fn part(wire: &mut Wire, role: Role, in_good_order: bool) {
    let deadline = Deadline::after(LINGER);
    if role == Role::Server || !in_good_order {
        wire.finish(deadline);
    }
    let mut discarded = [0; 1024];
    while wire.pull(&mut discarded, deadline).is_ok_and(|count| count > 0) {}
    wire.finish(deadline);
    wire.abort();
}
