//! How a failure ends the program: one sentence, and a number.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use websocket::tls::TlsError;

/// Everything that can end the program early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    WebSocket(#[from] websocket::Error),
    #[error(transparent)]
    Socket(#[from] tcp_socket::Error),
    #[error("{0}")]
    BadInput(String),
    #[error("{0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Says what went wrong, and gives the exit code: 2 for what was wrong from the start, 1 for the rest.
    pub(crate) fn report(&self) -> ExitCode {
        // Whoever reads our output has seen enough: `| head`.
        if matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        // If even the error cannot be written, the exit code still says it.
        let _ = writeln!(io::stderr(), "error: {self}");
        match self {
            Self::BadInput(_)
            | Self::WebSocket(
                websocket::Error::Url(_)
                | websocket::Error::BadOption { .. }
                | websocket::Error::Tls(TlsError::File { .. } | TlsError::Config(_)),
            ) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
