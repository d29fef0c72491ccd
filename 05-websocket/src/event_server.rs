//! Ten thousand WebSockets on one thread: the same [`Connection`](crate::Connection) as everywhere, called by step 4's event loop.
//!
//! ```
//! use ports::Endpoint;
//! use websocket::event_server::{Caller, EventServer, Handler, Peer};
//! use websocket::{AcceptOptions, CloseCode, ConnectOptions, Message, WebSocket};
//!
//! struct Echo;
//!
//! impl Handler for Echo {
//!     type Client = ();
//!
//!     fn open(&self, _: &Caller<'_>, _: &mut Peer<'_, '_>) {}
//!
//!     fn message(&self, _: &mut (), message: Message<'_>, peer: &mut Peer<'_, '_>) {
//!         let _ = peer.send(message); // A peer that is closing gets no answer.
//!     }
//! }
//!
//! let here = Endpoint::new("127.0.0.1", 0);
//! let server = EventServer::serve(&here, AcceptOptions::default(), Default::default(), Echo)?;
//! let mut client = WebSocket::connect(&server.url(), &ConnectOptions::default())?;
//! client.send("hello")?;
//! assert_eq!(client.recv(std::time::Duration::from_secs(5))?, Some(Message::from("hello")));
//! client.close(CloseCode::NORMAL, "")?;
//! server.shutdown(std::time::Duration::from_secs(1))?;
//! # Ok::<(), websocket::Error>(())
//! ```
//!
//! | module | one idea |
//! | --- | --- |
//! | `handler` | [`Handler`]: what a server does with its clients, and [`Peer`], the one at hand |
//! | `clients` | [`Clients`]: all of them, from any thread; what many are told is encoded once |
//! | `protocol` | one connection: first a request in HTTP, then the state machine |

mod clients;
mod handler;
mod protocol;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chunked_io::event_loop::{EventLoop, Settings};
use ports::Endpoint;

pub use clients::Clients;
pub use handler::{Caller, Ending, Handler, Peer};

use crate::tls::TlsLayer;
use crate::{AcceptOptions, Error};
use clients::Told;
use protocol::{Rules, WebSocketProtocol};

/// A server that runs. Dropping it ends it at once; [`EventServer::shutdown`] says goodbye first.
pub struct EventServer {
    event_loop: EventLoop<Told>,
    is_secure: bool,
    path: String,
}

impl EventServer {
    /// Starts a server: `options` say what clients are granted, `settings` what the loop does when there are many of
    /// them, or one does not read.
    ///
    /// # Errors
    ///
    /// [`Error::Socket`] if the address cannot be had.
    pub fn serve<H: Handler>(
        endpoint: &Endpoint,
        options: AcceptOptions,
        settings: Settings,
        handler: H,
    ) -> Result<Self, Error> {
        let tls = options.tls.clone();
        let path = options.path.clone();
        let is_secure = tls.is_some();
        let rules = Arc::new(Rules::new(options, handler));
        let protocol = move |_: SocketAddr| WebSocketProtocol::new(Arc::clone(&rules));
        let event_loop = match tls {
            None => EventLoop::serve(endpoint, settings, protocol),
            Some(tls) => EventLoop::serve(endpoint, settings, move |peer| {
                TlsLayer::new(&tls, protocol(peer))
            }),
        };
        Ok(Self {
            event_loop: event_loop?,
            is_secure,
            path: path.unwrap_or_else(|| "/".to_owned()),
        })
    }

    /// The address and port that callers reach.
    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        self.event_loop.local_address()
    }

    /// What a client on this machine writes to connect: `ws://127.0.0.1:8080/chat`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        format!("{scheme}://{}{}", self.local_address(), self.path)
    }

    /// All clients, for any thread.
    #[must_use]
    pub fn clients(&self) -> Clients {
        Clients::new(self.event_loop.handle())
    }

    /// Takes no more callers, tells every client that the server goes (Close 1001), and waits until they have answered,
    /// at most this long.
    ///
    /// # Errors
    ///
    /// [`Error::EventLoop`] if the loop had failed before.
    ///
    /// # Panics
    ///
    /// If the handler did.
    pub fn shutdown(self, grace: Duration) -> Result<(), Error> {
        self.event_loop.shutdown(grace).map_err(Error::EventLoop)
    }

    /// Waits until the server has ended, which it does when someone calls [`Clients::shutdown`].
    ///
    /// # Errors
    ///
    /// [`Error::EventLoop`] if the loop fails.
    ///
    /// # Panics
    ///
    /// If the handler did.
    pub fn join(self) -> Result<(), Error> {
        self.event_loop.join().map_err(Error::EventLoop)
    }
}
