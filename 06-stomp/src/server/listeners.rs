//! Where callers come in: up to four ports, with the same behind each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chunked_io::event_loop::{EventLoop, Settings, WhenFull};
use ports::Endpoint;
use websocket::event_server::EventServer;
use websocket::tls::{ServerTls, TlsLayer};

use super::ServerOptions;
use super::hub::Hub;
use super::line::ENOUGH;
use super::service::Service;
use super::tcp::{TcpLine, Wake};
use super::web_socket::{self, Lines};
use crate::Error;

/// The loops that listen. Dropped, they end.
pub(super) struct Listeners {
    tcp: Option<EventLoop<Wake>>,
    tls: Option<EventLoop<Wake>>,
    web_socket: Option<EventServer>,
    web_socket_tls: Option<EventServer>,
}

impl Listeners {
    /// Listens wherever `options` say, for `service`.
    pub(super) fn bind<S: Service>(options: &ServerOptions, service: &Arc<S>) -> Result<Self, Error> {
        let certificate = || options.certificate.clone().ok_or(Error::NoCertificate);
        let tls = options
            .tls
            .as_ref()
            .map(|at| Ok::<_, Error>((at, certificate()?)));
        let web_socket_tls = options
            .web_socket_tls
            .as_ref()
            .map(|at| Ok::<_, Error>((at, certificate()?)));
        let (tls, web_socket_tls) = (tls.transpose()?, web_socket_tls.transpose()?);
        let settings = settings(options);
        let web_socket = |at: &Endpoint, certificate: Option<ServerTls>| {
            let mut accept = web_socket::accept_options(options, certificate);
            accept.resources.extend(service.resources());
            EventServer::serve(at, accept, settings.clone(), Lines::new(service))
        };
        let secure = |(at, certificate): (&Endpoint, ServerTls)| {
            let service = Arc::clone(service);
            EventLoop::serve(at, settings.clone(), move |_| {
                TlsLayer::new(&certificate, TcpLine::new(&service))
            })
        };
        let plain = |at: &Endpoint| {
            let service = Arc::clone(service);
            EventLoop::serve(at, settings.clone(), move |_| TcpLine::new(&service))
        };
        Ok(Self {
            tcp: options.tcp.as_ref().map(plain).transpose()?,
            tls: tls.map(secure).transpose()?,
            web_socket: options
                .web_socket
                .as_ref()
                .map(|at| web_socket(at, None))
                .transpose()?,
            web_socket_tls: web_socket_tls
                .map(|(at, certificate)| web_socket(at, Some(certificate)))
                .transpose()?,
        })
    }

    /// Where STOMP is spoken, as a client writes it.
    pub(super) fn urls(&self) -> Vec<String> {
        let loops = [("stomp", &self.tcp), ("stomps", &self.tls)];
        let tcp = loops.into_iter().filter_map(|(scheme, found)| {
            found
                .as_ref()
                .map(|found| format!("{scheme}://{}", found.local_address()))
        });
        let servers = [("ws", &self.web_socket), ("wss", &self.web_socket_tls)];
        let web_socket = servers.into_iter().filter_map(|(scheme, found)| {
            found
                .as_ref()
                .map(|found| format!("{scheme}://{}/stomp", found.local_address()))
        });
        tcp.chain(web_socket).collect()
    }

    /// Where STOMP over TCP is spoken.
    pub(super) fn tcp_address(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().map(EventLoop::local_address)
    }

    /// Ends them, in good order, if the hub's store fails.
    pub(super) fn stop_with(&self, hub: &Hub) {
        const GRACE: Duration = Duration::from_secs(1);
        for tcp in [&self.tcp, &self.tls].into_iter().flatten() {
            let handle = tcp.handle().clone();
            hub.on_failure(move || handle.shutdown(GRACE));
        }
        for web_socket in [&self.web_socket, &self.web_socket_tls].into_iter().flatten() {
            let clients = web_socket.clients();
            hub.on_failure(move || clients.shutdown(GRACE));
        }
    }

    /// Serves everyone who calls, until a loop fails.
    pub(super) fn serve(self) -> Result<(), Error> {
        for tcp in [self.tcp, self.tls].into_iter().flatten() {
            tcp.join().map_err(|error| Error::Loop(Arc::new(error)))?;
        }
        for web_socket in [self.web_socket, self.web_socket_tls].into_iter().flatten() {
            web_socket.join()?;
        }
        Ok(())
    }
}

/// What the loops are told. What waits for a slow client waits in the hub, so their own queues stay short. Only what
/// the hub never sees could fill one, such as Pongs; a client's frames are read even if it is behind with its own
/// reading, because its ACKs are among them.
fn settings(options: &ServerOptions) -> Settings {
    Settings {
        threads: 1,
        connections: options.connections,
        queue_limit: options.session.limits.queued_bytes.max(ENOUGH),
        when_full: WhenFull::Pause,
        closing_time: options.closing_time,
        ..Settings::default()
    }
}
