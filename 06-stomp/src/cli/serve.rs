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
    if let Some(address) = server.tcp_address() {
        writeln!(out, "STOMP over TCP:        stomp://{address}")?;
    }
    if let Some(address) = server.web_socket_address() {
        writeln!(out, "STOMP over WebSocket:  ws://{address}/stomp")?;
    }
    writeln!(out, "Everything is kept in memory. Ctrl-C ends the broker.")?;
    out.flush()?;
    drop(out);
    Ok(server.serve()?)
}
