//! The tool's arguments, and how each run ends.

mod demo;
#[cfg(feature = "dns")]
mod dns;
mod facts;
mod ipv6_ready;
mod json;
mod nat64;
mod paint;
mod route;
mod stream;
mod subnet;
mod what;

use std::error::Error;
use std::io;
use std::process::ExitCode;

/// What an IP address is: its class, its bits, its subnet.
///
/// Give it addresses, addresses with a prefix, or names; each is told in full. A name is resolved as this
/// system resolves names (hosts file, then DNS). The class is the narrowest block of IANA's special-purpose
/// registries (as of 2025-10-09) that holds the address. Without arguments it shows, bit by bit, how an address works.
#[derive(clap::Parser)]
#[command(name = "01-ip", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    what: what::What,

    /// Print one JSON object a line, with stable names
    #[arg(long, global = true)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  01-ip                               how an address works, bit by bit
  01-ip 10.1.2.3 2001:db8::1          what these are: private, documentation
  01-ip 192.168.0.10/24               the same, and its subnet: mask, hosts, broadcast
  01-ip localhost                     what the name leads to
  01-ip --json 100.64.0.1             for programs
  01-ip - < addresses.txt             a line for each address of a file
  01-ip subnet 10.0.0.0/8 --split 10  subnets of subnets

Exit code: 0 all told, 1 something failed (a name without an address, a bad line), 2 bad input.";

#[derive(clap::Subcommand)]
enum Command {
    Subnet(subnet::Arguments),
    #[cfg(feature = "dns")]
    Dns(dns::Arguments),
    Route(route::Arguments),
    Nat64(nat64::Arguments),
    Ipv6Ready(ipv6_ready::Arguments),
}

/// Why a run did not end well.
enum Failure {
    /// What the user typed makes no sense: exit code 2.
    BadInput(String),
    /// It made sense, and failed: exit code 1.
    Failed(String),
    /// The failure has been told line by line already: exit code 1.
    Told,
    /// Standard output is gone; if a pipe was closed (`| head`), that is no fault.
    Output(io::Error),
}

impl Failure {
    fn bad_input(error: impl Error) -> Self {
        Self::BadInput(error.to_string())
    }

    fn failed(error: impl Error) -> Self {
        Self::Failed(error.to_string())
    }

    /// Says it on standard error, and gives the exit code.
    fn tell(self) -> u8 {
        let (message, code) = match self {
            Self::BadInput(message) => (message, 2),
            Self::Failed(message) => (message, 1),
            Self::Told => return 1,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return 0,
            Self::Output(error) => (format!("cannot write to standard output: {error}"), 1),
        };
        anstream::eprintln!("error: {message}");
        code
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let mut out = anstream::stdout().lock();
    let result = match arguments.command {
        Some(Command::Subnet(wanted)) => subnet::run(&mut out, &wanted, arguments.json),
        #[cfg(feature = "dns")]
        Some(Command::Dns(wanted)) => dns::run(&mut out, &wanted, arguments.json),
        Some(Command::Route(wanted)) => route::run(&mut out, &wanted, arguments.json),
        Some(Command::Nat64(wanted)) => nat64::run(&mut out, &wanted, arguments.json),
        Some(Command::Ipv6Ready(wanted)) => ipv6_ready::run(&mut out, &wanted, arguments.json),
        None if arguments.what.is_empty() => demo::show(&mut out).map_err(Failure::from),
        None => return what::run(&mut out, &arguments.what, arguments.json).into(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell().into(),
    }
}
