//! How a failure ends the program: one sentence, and a number.

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chunked_io::TransferError;
use chunked_io::c10k::LabError;

/// Everything that can end the program early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error(transparent)]
    Loop(#[from] chunked_io::Error),
    #[error(transparent)]
    Socket(#[from] tcp_socket::Error),
    #[error("cannot receive into {}: it is no folder; make it first, or name another with --dir", .0.display())]
    NoFolder(PathBuf),
    #[error(transparent)]
    Mtu(#[from] chunked_io::mtu::MtuError),
    #[error(transparent)]
    Lab(#[from] chunked_io::mtu_lab::LabError),
    #[error(
        "this system does not tell the path's MTU (Linux does); leave --to out, and name the MTU with --mtu"
    )]
    NoPathMtu,
    #[error(transparent)]
    C10k(#[from] LabError),
    #[error(
        "tokio is not built in, as the course itself needs none; compare with \
         `cargo run --release --features chunked-io/tokio --bin 04-chunked-io -- c10k --engine tokio`"
    )]
    NoTokio,
    #[error("{0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// Says what went wrong, and gives the exit code: 2 for what was wrong from the start, 1 for the rest.
    pub(crate) fn report(&self) -> ExitCode {
        // Whoever reads our output has seen enough: `| head`.
        if matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        // If even the error cannot be written, the exit code still says it.
        let _ = writeln!(io::stderr(), "error: {self}");
        match self {
            Self::NoFolder(_) | Self::Mtu(_) | Self::NoTokio => ExitCode::from(2),
            Self::C10k(LabError::TooFewDescriptors(_)) => ExitCode::from(2),
            Self::Transfer(error) if error.is_bad_input() => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
