//! Who is compared.

use std::net::SocketAddr;

use chunked_io::c10k::Engine;
#[cfg(feature = "tokio")]
use chunked_io::c10k::engine;
use chunked_io::c10k::engine::in_background;
use ports::Endpoint;
use tcp_socket::{Error, ListenOptions};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Peer {
    #[cfg(target_os = "linux")]
    Epoll,
    EventLoop,
    Mio,
    #[cfg(feature = "tokio")]
    Tokio,
    #[cfg(feature = "tokio")]
    TokioOneThread,
    Threads,
}

impl Peer {
    /// What the table calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            #[cfg(target_os = "linux")]
            Self::Epoll => "bare epoll",
            Self::EventLoop => "the event loop",
            Self::Mio => "bare mio",
            #[cfg(feature = "tokio")]
            Self::Tokio => "tokio",
            #[cfg(feature = "tokio")]
            Self::TokioOneThread => "tokio, one thread",
            Self::Threads => "a thread each",
        }
    }

    /// Starts its server in this process.
    pub(crate) fn start(self, endpoint: &Endpoint, options: ListenOptions) -> Result<SocketAddr, Error> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Epoll => in_background(
                |listener| crate::epoll::serve(&listener.into()),
                endpoint,
                options,
            ),
            Self::EventLoop => Engine::EventLoop.start(endpoint, options),
            Self::Mio => in_background(
                |listener| crate::bare_mio::serve(listener.into()),
                endpoint,
                options,
            ),
            #[cfg(feature = "tokio")]
            Self::Tokio => Engine::Tokio.start(endpoint, options),
            #[cfg(feature = "tokio")]
            Self::TokioOneThread => in_background(engine::tokio::serve_on_one_thread, endpoint, options),
            Self::Threads => Engine::Threads.start(endpoint, options),
        }
    }

    /// Whether it can have a hundred thousand connections in six processes.
    pub(crate) fn takes_more_than_threads(self) -> bool {
        self != Self::Threads
    }
}
