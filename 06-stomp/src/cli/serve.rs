//! `06-stomp serve`: a broker.

use std::io::Write;

use stomp::{Server, ServerOptions};

use super::error::CliError;

/// Where brokers listen, by convention.
pub(super) const TCP_PORT: u16 = 61613;
pub(super) const WEB_SOCKET_PORT: u16 = 61614;

pub(super) fn run(options: ServerOptions) -> Result<(), CliError> {
    let server = Server::bind(options)?;
    let mut out = anstream::stdout().lock();
    for url in server.urls() {
        writeln!(out, "{:<22} {url}", said(&url))?;
    }
    writeln!(out, "Everything is kept in memory. Ctrl-C ends the broker.")?;
    out.flush()?;
    drop(out);
    Ok(server.serve()?)
}

fn said(url: &str) -> &'static str {
    match url.split(':').next() {
        Some("stomp") => "STOMP over TCP:",
        Some("stomps") => "STOMP over TLS:",
        Some("ws") => "STOMP over WebSocket:",
        _ => "the same over TLS:",
    }
}
