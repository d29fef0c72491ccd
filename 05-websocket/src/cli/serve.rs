//! `serve`: says back what it hears, and prints who says what.

use std::path::PathBuf;
use std::time::Duration;

use chunked_io::event_loop::Settings;
use clap::Args;
use ports::Endpoint;
use tcp_socket::Listener;
use websocket::deflate::Compression;
use websocket::tls::ServerTls;
use websocket::{AcceptOptions, Error, EventServer, serve};

use super::echo::{Echo, Reporter};
use super::failure::Failure;
use super::test_certificate::CertificateOnDisk;
use super::trace;

/// The page for a browser, with a place for the path of the WebSocket.
const PAGE: &str = include_str!("page.html");

/// How long clients have to answer the server's Close when it is stopped.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where to listen: HOST:PORT; port 0 lets the system choose
    #[arg(value_name = "ADDR", default_value = "127.0.0.1:8080")]
    address: Endpoint,
    /// Say every message back to whoever said it (this is what it does anyway)
    #[arg(long, conflicts_with = "chat")]
    echo: bool,
    /// Pass every message on to all clients
    #[arg(long, conflicts_with = "threads")]
    chat: bool,
    /// Serve all clients on an event loop (this is what it does anyway)
    #[arg(long, conflicts_with = "threads")]
    event_loop: bool,
    /// How many threads share the event loop's clients [default: one for each core]
    #[arg(long, value_name = "NUMBER", conflicts_with = "threads", value_parser = clap::value_parser!(u16).range(1..=1024))]
    loops: Option<u16>,
    /// Serve each client in a thread of its own
    #[arg(long)]
    threads: bool,
    /// Speak TLS (wss://), with a certificate made on the spot
    #[arg(long)]
    tls: bool,
    /// Speak TLS (wss://), with the certificate in this file (PEM, its authorities behind it)
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "tls")]
    cert: Option<PathBuf>,
    /// The private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// A subprotocol that the server speaks; repeat it in the order of preference
    #[arg(long, value_name = "NAME")]
    subprotocol: Vec<String>,
    /// The address of a site whose pages may connect, scheme and host; repeat it for more [default: every page]
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// The only path with a WebSocket; others are answered 404 [default: every path]
    #[arg(long)]
    path: Option<String>,
    /// Compress messages for clients that offer it (RFC 7692)
    #[arg(long)]
    compress: bool,
    /// Draw each frame
    #[arg(long)]
    trace: bool,
    /// Print nothing about clients and messages
    #[arg(long, conflicts_with_all = ["trace", "json"])]
    quiet: bool,
    /// One JSON object a line: where it listens, who comes, what is said, who goes
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let reporter = Reporter::new(arguments.json, arguments.quiet);
    let certificate = certificate(&arguments)?;
    let options = options(&arguments, certificate.as_ref())?;
    let path = arguments.path.clone().unwrap_or_else(|| "/".to_owned());
    if arguments.threads {
        let listener = Listener::bind(&arguments.address)?;
        reporter.listening(listener.local_address(), &path, options.tls.is_some());
        tell_how_to_trust(&reporter, certificate.as_ref(), listener.local_address().port());
        forget_at_the_end(certificate);
        serve(&listener, &options, |caller| reporter.serve_one(caller));
    }
    let mut settings = Settings::default();
    settings.threads = arguments.loops.map_or(settings.threads, usize::from);
    let is_secure = options.tls.is_some();
    let echo = Echo::new(reporter, arguments.chat);
    let server = EventServer::serve(&arguments.address, options, settings, echo)?;
    reporter.listening(server.local_address(), &path, is_secure);
    tell_how_to_trust(&reporter, certificate.as_ref(), server.local_address().port());
    let clients = server.clients();
    // Without it Ctrl-C ends the program as it always does: at once.
    let _ = ctrlc::set_handler(move || clients.shutdown(GRACE));
    Ok(server.join()?)
}

fn options(arguments: &Arguments, certificate: Option<&CertificateOnDisk>) -> Result<AcceptOptions, Error> {
    let tls = match (certificate, &arguments.cert, &arguments.key) {
        (Some(made), ..) => Some(ServerTls::from_test(&made.certificate)?),
        (None, Some(cert), Some(key)) => Some(ServerTls::from_files(cert, key)?),
        _ => None,
    };
    let mut options = AcceptOptions {
        subprotocols: arguments.subprotocol.clone(),
        origins: (!arguments.origin.is_empty()).then(|| arguments.origin.clone()),
        page: Some(PAGE.replace("{path}", arguments.path.as_deref().unwrap_or("/"))),
        path: arguments.path.clone(),
        tls,
        ..Default::default()
    };
    options.socket.connection.compression = arguments.compress.then(Compression::default);
    options.socket.observer = arguments.trace.then(trace::observer);
    Ok(options)
}

fn certificate(arguments: &Arguments) -> Result<Option<CertificateOnDisk>, Failure> {
    if !arguments.tls {
        return Ok(None);
    }
    CertificateOnDisk::make(arguments.address.host()).map(Some)
}

/// Threads serve until the process is stopped: then the file with the authority goes, too.
fn forget_at_the_end(mut certificate: Option<CertificateOnDisk>) {
    if certificate.is_some() {
        // Without it the file stays behind, which does no harm.
        let _ = ctrlc::set_handler(move || {
            drop(certificate.take());
            std::process::exit(0);
        });
    }
}

fn tell_how_to_trust(reporter: &Reporter, certificate: Option<&CertificateOnDisk>, port: u16) {
    if let Some(made) = certificate {
        reporter.certificate(&made.authority_file, port);
    }
}
