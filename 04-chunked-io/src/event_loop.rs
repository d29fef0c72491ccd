//! Ten thousand connections on one thread: the loop turned inside out.
//!
//! A thread that waits for one connection can serve no other. So here nobody waits for a connection: the thread
//! asks the system which of all its connections have something to do (epoll, kqueue or IOCP, through `mio`), does
//! that, and asks again. What was a loop in the program's text becomes a [`Protocol`] that is called when something
//! has happened.
//!
//! ```
//! use chunked_io::event_loop::{EventLoop, Io, Protocol, Settings};
//! use ports::Endpoint;
//!
//! struct Echo;
//!
//! impl Protocol for Echo {
//!     type Message = ();
//!
//!     fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
//!         io.send(bytes);
//!     }
//! }
//!
//! let server = EventLoop::serve(&Endpoint::new("127.0.0.1", 0), Settings::default(), |_peer| Echo)?;
//! let client = tcp_socket::TcpSocket::connect_address(server.local_address(), std::time::Duration::from_secs(5))?;
//! # drop(client);
//! server.shutdown(std::time::Duration::from_secs(1))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! One turn, in the order in which a reader may follow it:
//!
//! | module | one idea |
//! | --- | --- |
//! | `protocol` | [`Protocol`]: what a server does, without the sockets |
//! | `io` | [`Io`]: what it can do while it is called |
//! | `settings` | [`Settings`]: bounds, and what to do at them |
//! | `worker` | the loop: ask what has happened, do it, ask again |
//! | `connection` | what is kept for one connection, and all that an idle one costs |
//! | `reading` | readiness turned into bytes, and nobody starved |
//! | `writing` | all replies to one read in one write |
//! | `out_queue` | what has been said and has not left; shared by all who send it |
//! | `timers` | one timer a connection, cheap to move |
//! | `closing` | how a connection ends without losing its last words |
//! | `acceptor` | who lets callers in, and what if the system has no descriptor left |
//! | `calling` | connections that this end makes |
//! | `mailbox`, `commands` | how one thread asks another |
//! | `handle` | [`Handle`]: the loop seen from elsewhere |

mod acceptor;
mod calling;
mod closing;
mod commands;
mod connection;
mod handle;
mod io;
mod mailbox;
mod out_queue;
mod protocol;
mod reading;
mod settings;
mod timers;
mod worker;
mod writing;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::panic;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mio::{Interest, Poll, Waker};
use ports::Endpoint;
use tcp_socket::{Call, Error, ListenOptions, Listener};

pub use connection::ConnectionId;
pub use handle::{Counts, Handle};
pub use io::Io;
pub use out_queue::Shared;
pub use protocol::{Closed, Protocol};
pub use settings::{Settings, WhenFull};

use acceptor::Acceptor;
use mailbox::Mailbox;
use worker::{BELL, LISTENER, Make, Worker};

/// Where a loop is that does not listen.
const NOWHERE: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));

/// A server that runs: its threads, and the way to them.
///
/// Dropping it ends the server at once; [`EventLoop::shutdown`] lets it finish what it has promised.
pub struct EventLoop<M> {
    handle: Handle<M>,
    address: SocketAddr,
    threads: Vec<JoinHandle<std::io::Result<()>>>,
}

impl<M: Send + 'static> EventLoop<M> {
    /// Starts a server on `endpoint`; port 0 lets the system choose one. `protocol` makes the protocol of a new
    /// connection, which is given the caller's address, on the thread that will serve it.
    ///
    /// # Errors
    ///
    /// As [`Listener::bind`]; [`Error::TooManyOpenFiles`] if a thread gets no descriptors, [`Error::Other`] if the
    /// system starts no thread.
    pub fn serve<P: Protocol<Message = M>>(
        endpoint: &Endpoint,
        settings: Settings,
        protocol: impl Fn(SocketAddr) -> P + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let options = ListenOptions {
            backlog: settings.backlog,
            reuse_port: settings.reuse_port,
        };
        let listener = Listener::bind_with(endpoint, options)?;
        let address = listener.local_address();
        Self::start(Some(listener.into()), address, settings, Arc::new(protocol))
            .map_err(|source| Error::from_io(Call::Socket, address, Duration::ZERO, source))
    }

    /// Starts a loop that nobody can call: for the connections that [`Handle::call`] makes, or [`Handle::adopt`] brings.
    ///
    /// # Errors
    ///
    /// As [`EventLoop::serve`], without what concerns an address.
    pub fn outgoing<P: Protocol<Message = M>>(
        settings: Settings,
        protocol: impl Fn(SocketAddr) -> P + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::start(None, NOWHERE, settings, Arc::new(protocol))
            .map_err(|source| Error::from_io(Call::Socket, NOWHERE, Duration::ZERO, source))
    }

    fn start<P: Protocol<Message = M>>(
        listener: Option<TcpListener>,
        address: SocketAddr,
        settings: Settings,
        make: Make<P>,
    ) -> std::io::Result<Self> {
        let polls = (0..settings.threads.max(1))
            .map(|_| Poll::new())
            .collect::<Result<Vec<_>, _>>()?;
        let bells = polls.iter().map(|poll| Waker::new(poll.registry(), BELL));
        let mailboxes = bells
            .map(|bell| bell.map(Mailbox::new))
            .collect::<Result<Vec<_>, _>>()?;

        let listening = listener.map(|listener| {
            listener.set_nonblocking(true)?;
            let mut listener = mio::net::TcpListener::from_std(listener);
            polls[0]
                .registry()
                .register(&mut listener, LISTENER, Interest::READABLE)?;
            std::io::Result::Ok(Acceptor::new(listener, &settings))
        });
        let mut acceptor = listening.transpose()?;

        let mut server = Self {
            handle: Handle::new(mailboxes),
            address,
            threads: Vec::new(),
        };
        for (thread, poll) in (0u32..).zip(polls) {
            // The first thread lets callers in for all.
            let (make, settings, handle) = (Arc::clone(&make), settings.clone(), server.handle.clone());
            let acceptor = acceptor.take();
            let named = thread::Builder::new().name(format!("event-loop-{thread}"));
            // Made by its own thread: no protocol ever moves to another one.
            let work = move || Worker::new(thread, poll, make, settings, handle, acceptor).run();
            server.threads.push(named.spawn(work)?);
        }
        Ok(server)
    }

    /// The address and port that callers reach; unspecified if [nobody can call](EventLoop::outgoing).
    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// The way to the connections, for any thread.
    #[must_use]
    pub fn handle(&self) -> &Handle<M> {
        &self.handle
    }

    /// Waits until the server has ended, which it does when someone calls [`Handle::shutdown`].
    ///
    /// # Errors
    ///
    /// If the system no longer tells what happens on the connections.
    ///
    /// # Panics
    ///
    /// If a protocol's callback did: its thread has ended then, and the other threads with it.
    pub fn join(mut self) -> std::io::Result<()> {
        let ends: Vec<_> = self.threads.drain(..).map(JoinHandle::join).collect();
        ends.into_iter()
            .try_for_each(|end| end.unwrap_or_else(|panic| panic::resume_unwind(panic)))
    }

    /// Ends the server as [`Handle::shutdown`] does, and waits for it.
    ///
    /// # Errors
    ///
    /// As [`EventLoop::join`].
    ///
    /// # Panics
    ///
    /// As [`EventLoop::join`].
    pub fn shutdown(self, grace: Duration) -> std::io::Result<()> {
        self.handle.shutdown(grace);
        self.join()
    }
}

/// No thread outlives its server.
impl<M> Drop for EventLoop<M> {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.handle.shutdown(Duration::ZERO);
        }
        for thread in self.threads.drain(..) {
            // Whoever wants to know calls `join`.
            let _ = thread.join();
        }
    }
}
