//! `06-stomp serve`: a broker.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ports::{Endpoint, EndpointError};

use stomp::{Server, ServerOptions, SlowSubscriber, Store, Users};
use websocket::tls::ServerTls;

use super::error::CliError;
use super::relay::Relay;

/// Where brokers listen, by convention.
const TCP_PORT: u16 = 61613;
const WEB_SOCKET_PORT: u16 = 61614;
const TLS_PORT: u16 = 61612;

/// Where to listen, and for whom.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Where to listen for STOMP over TCP: HOST:PORT; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:61613", value_parser = tcp_address)]
    tcp: Endpoint,
    /// Where to listen for STOMP over WebSocket: HOST:PORT
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:61614", value_parser = web_socket_address)]
    ws: Endpoint,
    /// Where to listen for STOMP over TLS: HOST:PORT [default: 127.0.0.1:61612 if there is a certificate]
    #[arg(long, value_name = "ADDRESS", requires = "cert", value_parser = tls_address)]
    tls: Option<Endpoint>,
    /// Where to listen for STOMP over WebSocket over TLS: HOST:PORT
    #[arg(long, value_name = "ADDRESS", requires = "cert", value_parser = web_socket_address)]
    wss: Option<Endpoint>,
    /// The certificate for TLS (PEM, its authorities behind it)
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// What becomes of a topic's subscriber that does not keep up
    #[arg(long, value_enum, default_value = "disconnect")]
    slow: Slow,
    /// A web page that may connect, as in `https://chat.example`; may be said more than once [default: all]
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// Keep persistent messages and durable subscriptions in this file, so that they outlive the broker; made if it is not there
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Let in only the users in this file, and let each do only what it says; `06-stomp passwd` writes it
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    /// Let everyone in who reaches this machine: without users only loopback is listened on
    #[arg(long, conflicts_with = "users")]
    allow_anonymous: bool,
    /// Show /metrics to everyone who reaches the ports for WebSocket, although there are users: it asks for no password
    #[arg(long, requires = "users")]
    open_metrics: bool,
    #[command(flatten)]
    relay: Relay,
}

/// What a subscriber can meet that reads too slowly.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Slow {
    /// It gets an ERROR and is sent away
    Disconnect,
    /// It misses messages
    Drop,
}

fn tcp_address(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse_or_port(text, TCP_PORT)
}

fn tls_address(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse_or_port(text, TLS_PORT)
}

fn web_socket_address(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse_or_port(text, WEB_SOCKET_PORT)
}

impl Serve {
    fn options(&self) -> Result<ServerOptions, CliError> {
        let certificate = certificate(self.cert.as_deref(), self.key.as_deref())?;
        let usual_place = || certificate.as_ref().map(|_| Endpoint::new("127.0.0.1", TLS_PORT));
        Ok(ServerOptions {
            tcp: Some(self.tcp.clone()),
            web_socket: Some(self.ws.clone()),
            tls: self.tls.clone().or_else(usual_place),
            web_socket_tls: self.wss.clone(),
            certificate,
            slow_subscriber: match self.slow {
                Slow::Disconnect => SlowSubscriber::Disconnect,
                Slow::Drop => SlowSubscriber::Drop,
            },
            store: self.store.as_deref().map(Store::open).transpose()?.map(Arc::new),
            users: self.users.as_deref().map(Users::load).transpose()?,
            allow_anonymous: self.allow_anonymous,
            open_metrics: self.open_metrics,
            relay: self.relay.options(),
            origins: Some(self.origin.clone()).filter(|origins| !origins.is_empty()),
            ..ServerOptions::default()
        })
    }
}

/// The certificate in these files, if they were named.
fn certificate(certificate: Option<&Path>, key: Option<&Path>) -> Result<Option<ServerTls>, CliError> {
    let files = certificate.zip(key);
    let loaded = files.map(|(certificate, key)| ServerTls::from_files(certificate, key));
    Ok(loaded.transpose().map_err(websocket::Error::from)?)
}

pub(super) fn run(serve: &Serve) -> Result<(), CliError> {
    let options = serve.options()?;
    let relay = options.relay.clone();
    let server = Server::bind(options)?;
    let mut out = anstream::stdout().lock();
    for url in server.urls() {
        writeln!(out, "{:<22} {url}", said(&url))?;
    }
    if let Some(url) = server.urls().iter().find(|url| url.starts_with("ws://")) {
        writeln!(out, "Prices and a chat, in a browser: {}", page(url))?;
    }
    match (&relay, &serve.store) {
        (Some(relay), _) => writeln!(
            out,
            "Every client is brought to the broker at {}. Ctrl-C ends the relay.",
            relay.broker.authority()
        )?,
        (None, None) => writeln!(out, "Everything is kept in memory. Ctrl-C ends the broker.")?,
        (None, Some(store)) => writeln!(
            out,
            "Persistent messages are kept in {}. Ctrl-C ends the broker.",
            store.display()
        )?,
    }
    out.flush()?;
    drop(out);
    Ok(server.serve()?)
}

/// Where a browser finds the page of a broker that speaks STOMP over WebSocket at `url`.
pub(super) fn page(url: &str) -> String {
    url.replacen("ws://", "http://", 1).replacen("/stomp", "/", 1)
}

fn said(url: &str) -> &'static str {
    match url.split(':').next() {
        Some("stomp") => "STOMP over TCP:",
        Some("stomps") => "STOMP over TLS:",
        Some("ws") => "STOMP over WebSocket:",
        _ => "the same over TLS:",
    }
}
