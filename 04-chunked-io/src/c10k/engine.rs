//! The servers to compare. All of them send back what comes; what differs is who waits for it.

pub mod event_loop;
pub mod threads;
#[cfg(feature = "tokio")]
pub mod tokio;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::thread;

use ports::Endpoint;
use tcp_socket::{Error, ListenOptions, Listener};

/// Who waits for the next bytes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// A thread for each connection, in a blocking read: the server of step 3.
    Threads,
    /// One thread a core for all of them, in one call that says which are ready.
    EventLoop,
    /// The same inside Rust's best-known async runtime, as a peer to compare with.
    Tokio,
}

impl Engine {
    /// Whether this program was built with it: tokio only with `--features tokio`.
    #[must_use]
    pub fn is_built_in(self) -> bool {
        self != Self::Tokio || cfg!(feature = "tokio")
    }

    /// Starts a server that runs as long as the process, and says where it listens.
    ///
    /// # Errors
    ///
    /// As [`Listener::bind_with`]. One that is [not built in](Engine::is_built_in) listens and serves nobody.
    pub fn start(self, endpoint: &Endpoint, options: ListenOptions) -> Result<SocketAddr, Error> {
        match self {
            Self::Threads => in_background(threads::serve, endpoint, options),
            Self::EventLoop => event_loop::start(endpoint, options),
            #[cfg(feature = "tokio")]
            Self::Tokio => in_background(tokio::serve, endpoint, options),
            #[cfg(not(feature = "tokio"))]
            Self::Tokio => in_background(|_| Err(io::ErrorKind::Unsupported.into()), endpoint, options),
        }
    }
}

/// Binds, and serves on a thread of its own.
///
/// # Errors
///
/// As [`Listener::bind_with`].
pub fn in_background<F>(serve: F, endpoint: &Endpoint, options: ListenOptions) -> Result<SocketAddr, Error>
where
    F: FnOnce(Listener) -> io::Result<()> + Send + 'static,
{
    let listener = Listener::bind_with(endpoint, options)?;
    let address = listener.local_address();
    run(move || serve(listener));
    Ok(address)
}

/// A thread that nobody waits for: all that is left for its last words is standard error.
fn run(work: impl FnOnce() -> io::Result<()> + Send + 'static) {
    thread::spawn(move || {
        if let Err(error) = work() {
            let _ = writeln!(io::stderr(), "the server has stopped: {error}");
        }
    });
}
