//! The tool of step 2: what a port, a service's name or a URL means, and what this machine does with its ports.

#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
