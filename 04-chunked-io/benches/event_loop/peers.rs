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

    /// The two bare loops, and ours: who is measured when there is little time.
    pub(crate) fn is_bare(self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Epoll => true,
            Self::EventLoop | Self::Mio => true,
            _ => false,
        }
    }

    /// A hundred thousand connections are too many for threads; and one kind of tokio tells enough.
    pub(crate) fn takes_part_in_great_crowd(self) -> bool {
        match self {
            #[cfg(feature = "tokio")]
            Self::TokioOneThread => false,
            _ => self != Self::Threads,
        }
    }
}
