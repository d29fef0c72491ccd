//! All connections on one thread a core: an echo on the event loop of this step.

use std::net::SocketAddr;

use ports::Endpoint;
use tcp_socket::{Error, ListenOptions};

use crate::event_loop::{EventLoop, Io, Protocol, Settings};

/// Sends back what comes.
struct Echo;

impl Protocol for Echo {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        io.send(bytes);
    }
}

/// Serves on one thread a core, as long as the process runs, and says where.
///
/// # Errors
///
/// As [`EventLoop::serve`].
pub fn start(endpoint: &Endpoint, options: ListenOptions) -> Result<SocketAddr, Error> {
    let settings = Settings {
        backlog: options.backlog,
        reuse_port: options.reuse_port,
        ..Settings::default()
    };
    let server = EventLoop::serve(endpoint, settings, |_caller| Echo)?;
    let address = server.local_address();
    super::run(|| server.join());
    Ok(address)
}
