//! Who was asked, when, and what came back: the sockets of the resolver, watched.
//!
//! hickory-resolver takes its sockets from a provider. This one gives it tokio's, and writes down what passes. Its UDP
//! sockets are connected, so the system itself drops what a stranger sends, and reports it when nobody listens.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hickory_resolver::net::runtime::{
    DnsUdpSocket, RuntimeProvider, TokioHandle, TokioRuntimeProvider, TokioTime,
};
use tokio::io::{Interest, ReadBuf};
use tokio::net::UdpSocket;

/// One thing that happened on the way to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// How long after the question began.
    pub after: Duration,
    /// The server at the other end.
    pub server: SocketAddr,
    /// What happened.
    pub event: Event,
}

/// What happened between this machine and a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A question left, over UDP.
    Asked {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Something came back over UDP; whether it is the answer, the resolver judges.
    Replied {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A TCP connection was begun, because the answer is too long for UDP.
    ConnectedTcp,
    /// The other machine said that nothing listens on that port.
    NobodyListens,
}

/// Gives the resolver its sockets, and writes down what passes through them.
#[derive(Clone)]
pub(super) struct Watcher {
    inner: TokioRuntimeProvider,
    log: Log,
}

#[derive(Clone)]
pub(super) struct Log {
    begun: Instant,
    happenings: Arc<Mutex<Vec<Happening>>>,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            begun: Instant::now(),
            happenings: Arc::default(),
        }
    }

    fn write(&self, server: SocketAddr, event: Event) {
        let after = self.begun.elapsed();
        let mut happenings = self.happenings.lock().unwrap_or_else(PoisonError::into_inner);
        happenings.push(Happening { after, server, event });
    }

    pub(super) fn read(&self) -> Vec<Happening> {
        self.happenings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Watcher {
    pub(super) fn new(log: Log) -> Self {
        Self {
            inner: TokioRuntimeProvider::new(),
            log,
        }
    }
}

type Soon<T> = Pin<Box<dyn Send + Future<Output = io::Result<T>>>>;

impl RuntimeProvider for Watcher {
    type Handle = TokioHandle;
    type Timer = TokioTime;
    type Udp = Watched;
    type Tcp = <TokioRuntimeProvider as RuntimeProvider>::Tcp;

    fn create_handle(&self) -> TokioHandle {
        self.inner.create_handle()
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        bind: Option<SocketAddr>,
        timeout: Option<Duration>,
    ) -> Soon<Self::Tcp> {
        let (log, connecting) = (self.log.clone(), self.inner.connect_tcp(server, bind, timeout));
        Box::pin(async move {
            let connected = connecting.await;
            match &connected {
                Ok(_) => log.write(server, Event::ConnectedTcp),
                Err(error) => log_absence(&log, server, error),
            }
            connected
        })
    }

    fn bind_udp(&self, local: SocketAddr, server: SocketAddr) -> Soon<Watched> {
        let log = self.log.clone();
        Box::pin(async move {
            let socket = Arc::new(UdpSocket::bind(local).await?);
            socket.connect(server).await?;
            let failing = Mutex::new(Box::pin(failure(Arc::clone(&socket))) as Failing);
            Ok(Watched {
                socket,
                failing,
                server,
                log,
            })
        })
    }
}

type Failing = Pin<Box<dyn Send + Future<Output = io::Error>>>;

/// Waits until the system has bad news about the server. Waiting to receive would not notice: nothing comes in.
async fn failure(socket: Arc<UdpSocket>) -> io::Error {
    let ready = socket.ready(Interest::ERROR).await;
    match ready.and_then(|_| socket.take_error()) {
        Ok(Some(error)) | Err(error) => error,
        Ok(None) => std::future::pending().await,
    }
}

/// A UDP socket that is connected to one server, and watched.
pub(super) struct Watched {
    socket: Arc<UdpSocket>,
    failing: Mutex<Failing>,
    server: SocketAddr,
    log: Log,
}

impl DnsUdpSocket for Watched {
    type Time = TokioTime;

    fn poll_recv_from(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Poll::Ready(error) = failing.as_mut().poll(context) {
            log_absence(&self.log, self.server, &error);
            // A future that is done may not be asked again.
            *failing = Box::pin(std::future::pending());
            return Poll::Ready(Err(error));
        }
        let mut buffer = ReadBuf::new(buffer);
        self.socket.poll_recv(context, &mut buffer).map(|received| {
            received.inspect_err(|error| log_absence(&self.log, self.server, error))?;
            let bytes = buffer.filled().len();
            self.log.write(self.server, Event::Replied { bytes });
            Ok((bytes, self.server))
        })
    }

    fn poll_send_to(
        &self,
        context: &mut Context<'_>,
        bytes: &[u8],
        _: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_send(context, bytes).map(|sent| {
            let bytes = sent.inspect_err(|error| log_absence(&self.log, self.server, error))?;
            self.log.write(self.server, Event::Asked { bytes });
            Ok(bytes)
        })
    }
}

fn log_absence(log: &Log, server: SocketAddr, error: &io::Error) {
    // Windows says "reset" where others say "refused".
    if matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    ) {
        log.write(server, Event::NobodyListens);
    }
}
