//! The broker on real sockets: step 4's event loop for TCP, step 5's for WebSocket, both with or without TLS.
//!
//! Everything that is worth thinking about happens in [`Session`](crate::Session) and [`Broker`](crate::Broker); here are
//! only the sockets and the clock. A thread for each listener serves all its connections; they meet in one hub.
//!
//! | module | one idea |
//! | --- | --- |
//! | `listeners` | up to four ports, with the same behind each |
//! | `service` | what can stand behind them: the broker, or the way to another one |
//! | `hub` | the broker under its one lock, and what waits for each connection |
//! | `line` | one connection, whatever carries it |
//! | `status` | how the broker is, for a page and for Prometheus |
//! | `tcp` | a line on TCP |
//! | `web_socket` | a line on WebSocket |

mod hub;
mod line;
mod listeners;
pub(crate) mod service;
mod status;
mod tcp;
mod web_socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ports::Endpoint;
use websocket::tls::ServerTls;

use crate::relay::Relay;
use crate::{BrokerOptions, Error, RelayOptions, SessionOptions, Store, Users};
use hub::Hub;
use listeners::Listeners;

pub use hub::{Counts, SlowSubscriber};

/// The settings of a server.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Where to listen for STOMP over TCP.
    pub tcp: Option<Endpoint>,
    /// Where to listen for STOMP over WebSocket.
    pub web_socket: Option<Endpoint>,
    /// Where to listen for STOMP over TLS. Needs a certificate.
    pub tls: Option<Endpoint>,
    /// Where to listen for STOMP over WebSocket over TLS. Needs a certificate.
    pub web_socket_tls: Option<Endpoint>,
    /// The certificate for both.
    pub certificate: Option<ServerTls>,
    /// The pages that may connect over WebSocket, as browsers name them: `https://chat.example`. `None` allows all.
    pub origins: Option<Vec<String>>,
    /// Who may connect, and do what. `None` lets everyone do everything.
    pub users: Option<Users>,
    /// Whether `/metrics` is for everyone who reaches the ports for WebSocket, although there are users: it asks for no
    /// passcode. Without users it always is.
    pub open_metrics: bool,
    /// Whether it is meant that everyone who reaches this machine may do everything. Without this, and without users, the
    /// broker listens on loopback only.
    pub allow_anonymous: bool,
    /// Where persistent messages and durable subscriptions are kept. `None` keeps everything in memory.
    pub store: Option<Arc<Store>>,
    /// Another broker that is to serve everyone who calls. `None` is this one.
    pub relay: Option<RelayOptions>,
    /// The beginning of the ids of sessions and messages: another one each time the broker starts.
    pub epoch: String,
    /// What sessions have in common.
    pub session: SessionOptions,
    /// The most that all queues together hold, in bytes.
    pub stored_bytes: usize,
    /// What becomes of a subscriber to a topic that reads more slowly than others publish.
    pub slow_subscriber: SlowSubscriber,
    /// The most connections at a time, for each listener.
    pub connections: usize,
    /// How long a connection that is over may take to read the last frame (STOMP 1.2, "Connection Lingering").
    pub closing_time: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            tcp: Some(Endpoint::new("127.0.0.1", 61613)),
            web_socket: Some(Endpoint::new("127.0.0.1", 61614)),
            tls: None,
            web_socket_tls: None,
            certificate: None,
            origins: None,
            users: None,
            open_metrics: false,
            allow_anonymous: false,
            store: None,
            relay: None,
            epoch: epoch(),
            session: SessionOptions::default(),
            stored_bytes: BrokerOptions::default().stored_bytes,
            slow_subscriber: SlowSubscriber::Disconnect,
            connections: 20_000,
            closing_time: Duration::from_secs(2),
        }
    }
}

/// The time in hexadecimal: short, and without the octets that some clients fail to unescape.
fn epoch() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", now.as_micros())
}

/// A broker that listens. Dropped, it ends.
pub struct Server {
    listeners: Listeners,
    hub: Arc<Hub>,
}

impl Server {
    /// Starts to listen at the addresses of `options`, and to serve. Port 0 lets the system choose.
    ///
    /// # Errors
    ///
    /// [`Error::Socket`] if an address cannot be had, [`Error::NoCertificate`] if TLS is to be spoken without one,
    /// [`Error::OpenToAll`] if others than this machine could do everything.
    pub fn bind(options: ServerOptions) -> Result<Self, Error> {
        refuse_if_open_to_all(&options)?;
        let hub = Arc::new(Hub::new(&options));
        if let Some(store) = &options.store {
            hub.keep_in(store)?;
        }
        let server = Self {
            listeners: match &options.relay {
                None => Listeners::bind(&options, &hub)?,
                Some(relay) => Listeners::bind(&options, &Relay::start(relay, &options)?)?,
            },
            hub: Arc::clone(&hub),
        };
        server.listeners.stop_with(&hub);
        if options.relay.is_none() {
            status::announce(&hub);
        }
        Ok(server)
    }

    /// Starts a broker on free ports of loopback, for as long as the program runs: for demonstrations and tests. The
    /// addresses in `options` are not used.
    ///
    /// # Errors
    ///
    /// [`Error::Socket`] if there is no free port.
    pub fn start_on_loopback(options: ServerOptions) -> Result<LoopbackUrls, Error> {
        let free_port = Some(Endpoint::new("127.0.0.1", 0));
        let is_secure = options.certificate.is_some();
        let server = Self::bind(ServerOptions {
            tcp: free_port.clone(),
            web_socket: free_port.clone(),
            tls: free_port.clone().filter(|_| is_secure),
            web_socket_tls: free_port.filter(|_| is_secure),
            ..options
        })?;
        let urls = server.urls();
        let url = |scheme: &str| {
            let found = urls.iter().find(|url| url.starts_with(scheme));
            found.cloned().unwrap_or_default()
        };
        let urls = LoopbackUrls {
            tcp: url("stomp://"),
            web_socket: url("ws://"),
            tls: url("stomps://"),
            web_socket_tls: url("wss://"),
        };
        thread::spawn(move || server.serve());
        Ok(urls)
    }

    /// Where STOMP is spoken, as a client writes it.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.listeners.urls()
    }

    /// Where STOMP over TCP is spoken.
    #[must_use]
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.listeners.tcp_address()
    }

    /// What the broker has had to do to slow subscribers, and how many are connected.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.hub.counts()
    }

    /// Serves everyone who calls, for as long as the program runs.
    ///
    /// # Errors
    ///
    /// [`Error::Loop`] if the system no longer tells what happens on the connections, [`Error::Store`] if the disk no longer
    /// takes what has been promised to be kept.
    pub fn serve(self) -> Result<(), Error> {
        self.listeners.serve()?;
        self.hub.failure().map_or(Ok(()), |failure| Err(failure.into()))
    }
}

/// Without users only loopback is listened on, unless more is meant.
fn refuse_if_open_to_all(options: &ServerOptions) -> Result<(), Error> {
    const PATIENCE: Duration = Duration::from_secs(5);
    // Behind a relay the broker has users of its own, unless all clients are to it what the relay says.
    let others_judge = options.relay.as_ref().is_some_and(|relay| relay.login.is_none());
    if options.users.is_some() || options.allow_anonymous || others_judge {
        return Ok(());
    }
    let places = [
        &options.tcp,
        &options.web_socket,
        &options.tls,
        &options.web_socket_tls,
    ];
    for endpoint in places.into_iter().flatten() {
        let addresses = ip::resolve(endpoint.host(), endpoint.port(), PATIENCE);
        let addresses = addresses.map_err(tcp_socket::Error::from)?;
        if addresses
            .iter()
            .any(|address| !address.ip().to_canonical().is_loopback())
        {
            let address = endpoint.authority();
            return Err(Error::OpenToAll { address });
        }
    }
    Ok(())
}

/// Where a broker of [`Server::start_on_loopback`] can be reached.
#[derive(Debug, Clone)]
pub struct LoopbackUrls {
    /// Over TCP: `stomp://127.0.0.1:PORT`.
    pub tcp: String,
    /// Over WebSocket: `ws://127.0.0.1:PORT/stomp`.
    pub web_socket: String,
    /// Over TLS, `stomps://127.0.0.1:PORT`; empty without a certificate.
    pub tls: String,
    /// Over WebSocket over TLS, `wss://127.0.0.1:PORT/stomp`; empty without a certificate.
    pub web_socket_tls: String,
}
