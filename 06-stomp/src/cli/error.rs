//! How a failure ends the program: one sentence, and a number.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// Everything that can end the program early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Stomp(#[from] stomp::Error),
    #[error(transparent)]
    Store(#[from] stomp::StoreError),
    #[error(transparent)]
    Users(#[from] stomp::UsersError),
    #[error(transparent)]
    Destination(#[from] stomp::DestinationError),
    #[error(transparent)]
    Socket(#[from] tcp_socket::Error),
    #[error(transparent)]
    Loop(#[from] chunked_io::Error),
    #[error(transparent)]
    WebSocket(#[from] websocket::Error),
    #[error("these were two passcodes: nothing was changed; try again")]
    TwoPasscodes,
    #[error("the demonstration stopped half-way: the broker in it said something else than expected")]
    Incomplete,
    #[error(
        "the measurement stopped half-way: the broker closed a connection, or one of the processes that measure it ended"
    )]
    Unmeasured,
    /// What was given cannot be used: a sentence that says why.
    #[error("{0}")]
    BadInput(String),
    #[error("{0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// Whether nobody listens where a broker was to be.
    fn is_no_broker(&self) -> bool {
        match self {
            Self::Stomp(error) => error.is_nobody_there(),
            _ => false,
        }
    }

    /// Says what went wrong, and gives the exit code: 2 for what was wrong from the start, 1 for the rest.
    pub(crate) fn report(&self) -> ExitCode {
        // Whoever reads our output has seen enough: `| head`.
        if matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        // If even the error cannot be written, the exit code still says it.
        let _ = writeln!(io::stderr(), "error: {self}");
        if self.is_no_broker() {
            let _ = writeln!(
                io::stderr(),
                "To start a broker, in another terminal: cargo 06-stomp serve"
            );
        }
        match self {
            Self::Destination(_) | Self::BadInput(_) => ExitCode::from(2),
            Self::Users(error) if !error.is_of_the_system() => ExitCode::from(2),
            Self::Stomp(stomp::Error::OpenToAll { .. }) => ExitCode::from(2),
            Self::Stomp(error) if error.is_bad_url() => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
