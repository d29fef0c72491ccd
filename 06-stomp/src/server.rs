//! The broker on real sockets: two threads a connection, one that reads and one that writes.
//!
//! Everything that is worth thinking about happens in [`Session`] and [`Broker`]; here are only the sockets, the
//! threads and the clock. The reader hands each order to the broker; the replies land in the sessions of those whom they
//! concern, and their writers wake up. Nobody waits for a slow peer but its own writer.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ports::Endpoint;
use tcp_socket::{Deadline, Listener};

use crate::transport::{self, Receiver, Sender};
use crate::{
    Broker, BrokerOptions, ConnectionId, Error, Fault, Order, Output, Replies, Reply, Session, SessionOptions,
};

/// How long a connection that is over may take to read the last frame (STOMP 1.2, "Connection Lingering").
const LINGER: Duration = Duration::from_secs(2);

/// The settings of a server.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Where to listen for STOMP over TCP.
    pub tcp: Option<Endpoint>,
    /// Where to listen for STOMP over WebSocket.
    pub web_socket: Option<Endpoint>,
    /// The pages that may connect over WebSocket, as browsers name them: `https://chat.example`. `None` allows all.
    pub origins: Option<Vec<String>>,
    /// The beginning of the ids of sessions and messages: another one each time the broker starts.
    pub epoch: String,
    /// What sessions have in common.
    pub session: SessionOptions,
    /// The most that all queues together hold, in bytes.
    pub stored_bytes: usize,
    /// The most connections at a time.
    pub connections: usize,
    /// How long a client may take to read a piece of what it is sent.
    pub write_timeout: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            tcp: Some(Endpoint::new("127.0.0.1", 61613)),
            web_socket: Some(Endpoint::new("127.0.0.1", 61614)),
            origins: None,
            epoch: epoch(),
            session: SessionOptions::default(),
            stored_bytes: BrokerOptions::default().stored_bytes,
            connections: 1_000,
            write_timeout: Duration::from_secs(10),
        }
    }
}

/// The time in hexadecimal: short, and without the octets that some clients fail to unescape.
fn epoch() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", now.as_micros())
}

/// A broker that listens.
#[derive(Debug)]
pub struct Server {
    tcp: Option<Listener>,
    web_socket: Option<Listener>,
    hub: Arc<Hub>,
}

impl Server {
    /// Binds to the addresses of `options`. Port 0 lets the system choose.
    ///
    /// # Errors
    ///
    /// [`Error::Socket`] if an address cannot be had.
    pub fn bind(options: ServerOptions) -> Result<Self, Error> {
        Ok(Self {
            tcp: options.tcp.as_ref().map(Listener::bind).transpose()?,
            web_socket: options.web_socket.as_ref().map(Listener::bind).transpose()?,
            hub: Arc::new(Hub::new(options)),
        })
    }

    /// Starts a broker on free ports of loopback, on a thread of its own, for as long as the program runs: for
    /// demonstrations and tests. The addresses in `options` are not used.
    ///
    /// # Errors
    ///
    /// [`Error::Socket`] if there is no free port.
    pub fn start_on_loopback(options: ServerOptions) -> Result<LoopbackUrls, Error> {
        let free_port = Some(Endpoint::new("127.0.0.1", 0));
        let server = Self::bind(ServerOptions {
            tcp: free_port.clone(),
            web_socket: free_port,
            ..options
        })?;
        let text = |address: Option<SocketAddr>| address.map(|address| address.to_string());
        let urls = LoopbackUrls {
            tcp: format!("stomp://{}", text(server.tcp_address()).unwrap_or_default()),
            web_socket: format!(
                "ws://{}/stomp",
                text(server.web_socket_address()).unwrap_or_default()
            ),
        };
        thread::spawn(move || server.serve());
        Ok(urls)
    }

    /// Where STOMP over TCP is spoken.
    #[must_use]
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().map(Listener::local_address)
    }

    /// Where STOMP over WebSocket is spoken.
    #[must_use]
    pub fn web_socket_address(&self) -> Option<SocketAddr> {
        self.web_socket.as_ref().map(Listener::local_address)
    }

    /// Serves everyone who calls, for as long as the program runs.
    ///
    /// # Errors
    ///
    /// [`Error::Socket`] if the listener for TCP fails for good.
    pub fn serve(self) -> Result<(), Error> {
        if let Some(listener) = self.web_socket {
            let hub = Arc::clone(&self.hub);
            thread::spawn(move || serve_web_socket(&listener, &hub));
        }
        match self.tcp {
            Some(listener) => serve_tcp(&listener, &self.hub),
            None => loop {
                thread::park();
            },
        }
    }
}

/// Where a broker of [`Server::start_on_loopback`] can be reached.
#[derive(Debug, Clone)]
pub struct LoopbackUrls {
    /// Over TCP: `stomp://127.0.0.1:PORT`.
    pub tcp: String,
    /// Over WebSocket: `ws://127.0.0.1:PORT/stomp`.
    pub web_socket: String,
}

fn serve_tcp(listener: &Listener, hub: &Arc<Hub>) -> Result<(), Error> {
    loop {
        match listener.accept() {
            Ok(socket) => {
                let hub = Arc::clone(hub);
                thread::spawn(move || {
                    // A caller that is gone before it has said anything concerns nobody else.
                    if let Ok((sender, receiver)) = transport::split_tcp(socket) {
                        hub.serve(sender, receiver);
                    }
                });
            }
            // The descriptors come back when other connections end.
            Err(tcp_socket::Error::TooManyOpenFiles { .. }) => thread::sleep(Duration::from_millis(100)),
            Err(error) => return Err(error.into()),
        }
    }
}

fn serve_web_socket(listener: &Listener, hub: &Arc<Hub>) {
    let options = &hub.options;
    let limits = &options.session.limits;
    let accept = transport::accept_options(options.origins.clone(), limits, options.write_timeout);
    websocket::serve(listener, &accept, |caller| {
        // A caller that asked for no WebSocket has had its answer in HTTP.
        if let Ok(web_socket) = caller {
            let (sender, receiver) = transport::split_web_socket(web_socket);
            Arc::clone(hub).serve(sender, receiver);
        }
    });
}

/// One connection, as its two threads and everyone who has something for it see it.
#[derive(Debug)]
struct Peer {
    state: Mutex<PeerState>,
    /// There is something to write, or the reader has ended.
    changed: Condvar,
}

#[derive(Debug)]
struct PeerState {
    session: Session,
    reader_has_ended: bool,
}

impl Peer {
    fn lock(&self) -> MutexGuard<'_, PeerState> {
        lock(&self.state)
    }

    /// Waits until there is something to write, and takes it. Returns whether it is the last.
    fn next_output(&self, output: &mut Output) -> bool {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            state.session.tick(now);
            if state.session.has_output() || state.session.is_closed() {
                state.session.take_output(output, now);
                return state.session.is_closed();
            }
            state = match state.session.next_wake() {
                Some(wake) => {
                    let pause = wake.saturating_duration_since(now);
                    let waited = self.changed.wait_timeout(state, pause);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Waits until the peer has closed its end, but not for ever.
    fn wait_for_reader(&self) {
        let waiting = |state: &mut PeerState| !state.reader_has_ended;
        drop(self.changed.wait_timeout_while(self.lock(), LINGER, waiting));
    }
}

/// Where all connections meet.
#[derive(Debug)]
struct Hub {
    options: ServerOptions,
    session_options: Arc<SessionOptions>,
    last_connection: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    broker: Broker,
    peers: HashMap<ConnectionId, Arc<Peer>>,
    replies: Replies,
}

impl Hub {
    fn new(options: ServerOptions) -> Self {
        let broker = Broker::new(BrokerOptions {
            epoch: options.epoch.clone(),
            limits: options.session.limits.clone(),
            stored_bytes: options.stored_bytes,
            ..BrokerOptions::default()
        });
        Self {
            session_options: Arc::new(options.session.clone()),
            options,
            last_connection: AtomicU64::new(0),
            inner: Mutex::new(Inner {
                broker,
                peers: HashMap::new(),
                replies: Replies::new(),
            }),
        }
    }

    /// Serves one connection until it ends: reads here, writes on a thread of its own.
    fn serve(self: Arc<Self>, sender: Sender, mut receiver: Receiver) {
        let (id, peer) = self.join();
        let writer = {
            let (hub, peer) = (Arc::clone(&self), Arc::clone(&peer));
            thread::spawn(move || hub.write(id, &peer, sender))
        };
        // Also after the session is closed: until the client has closed too, the last frame could get lost.
        while let Ok(Some(octets)) = receiver.receive(Deadline::never()) {
            peer.lock().session.receive(octets, Instant::now());
            self.work(id, &peer);
        }
        peer.lock().session.receive_end();
        self.work(id, &peer);
        self.leave(id);
        peer.lock().reader_has_ended = true;
        peer.changed.notify_all();
        drop(writer.join());
    }

    /// A new connection.
    fn join(&self) -> (ConnectionId, Arc<Peer>) {
        let number = self.last_connection.fetch_add(1, Ordering::Relaxed) + 1;
        let id = ConnectionId(number);
        let name = format!("{}-{number}", self.options.epoch);
        let mut session = Session::new(name, Arc::clone(&self.session_options), Instant::now());
        let mut inner = lock(&self.inner);
        let limit = self.options.connections;
        if inner.peers.len() >= limit {
            let what = "connections";
            session.fail(&Fault::TooMany { what, limit }, None);
        }
        let peer = Arc::new(Peer {
            state: Mutex::new(PeerState {
                session,
                reader_has_ended: false,
            }),
            changed: Condvar::new(),
        });
        inner.peers.insert(id, Arc::clone(&peer));
        (id, peer)
    }

    /// Does everything that the client has asked for so far.
    fn work(&self, id: ConnectionId, peer: &Peer) {
        loop {
            // Its own statement, so that the session is not locked while the broker works.
            let order = peer.lock().session.next_order(Instant::now());
            let Some(order) = order else {
                break;
            };
            self.order(id, order);
        }
        if peer.lock().session.is_closed() {
            self.leave(id);
        }
        peer.changed.notify_all();
    }

    fn order(&self, id: ConnectionId, order: Order) {
        let mut inner = lock(&self.inner);
        // It may have been sent away a moment ago, and the broker must not hear of it again.
        if inner.peers.contains_key(&id) {
            inner.ask(|broker, replies| broker.handle(id, order, replies));
        }
    }

    /// Writes whatever the session has to say, until it has said its last.
    fn write(&self, id: ConnectionId, peer: &Peer, mut sender: Sender) {
        let mut output = Output::default();
        loop {
            let last = peer.next_output(&mut output);
            let sent = sender.send(&output, self.options.write_timeout);
            if output.credit() > 0 {
                lock(&self.inner).ask(|broker, replies| broker.written(id, output.credit(), replies));
            }
            if last || sent.is_err() {
                break;
            }
        }
        self.leave(id);
        sender.finish();
        peer.wait_for_reader();
        sender.abort();
    }

    /// A connection is over. Also says so to the broker, which may give its messages to others.
    fn leave(&self, id: ConnectionId) {
        let mut inner = lock(&self.inner);
        if inner.peers.remove(&id).is_some() {
            inner.ask(|broker, replies| broker.disconnect(id, replies));
        }
    }
}

impl Inner {
    /// Lets the broker work, and brings its replies to those whom they concern, in the broker's order.
    fn ask(&mut self, work: impl FnOnce(&mut Broker, &mut Replies)) {
        let mut replies = std::mem::take(&mut self.replies);
        work(&mut self.broker, &mut replies);
        while !replies.is_empty() {
            let mut lost = Vec::new();
            for (id, reply) in replies.drain(..) {
                if self.peers.get(&id).is_some_and(|peer| peer.deliver(reply)) {
                    lost.push(id);
                }
            }
            for id in lost {
                self.peers.remove(&id);
                self.broker.disconnect(id, &mut replies);
            }
        }
        self.replies = replies;
    }
}

impl Peer {
    /// Gives the session a reply, and wakes its writer. Returns whether the session is over with it.
    fn deliver(&self, reply: Reply) -> bool {
        let mut state = self.lock();
        state.session.deliver(reply);
        let over = state.session.is_closed();
        drop(state);
        self.changed.notify_all();
        over
    }
}

/// Locks; a thread that panicked while it held the lock has left nothing half done that matters more than going on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
