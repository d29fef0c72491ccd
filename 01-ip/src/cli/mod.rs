//! The tool's arguments, and how each run ends.

mod demo;
mod facts;
mod json;
mod paint;

use std::io::{self, Write};
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use ip::{ResolveError, Subject, SubjectError, resolve};
use ipnet::IpNet;

/// What an IP address is: its class, its bits, its subnet.
///
/// Give it addresses, addresses with a prefix, or names; each is told in full. A name is resolved as this
/// system resolves names (hosts file, then DNS). The class is the narrowest block of IANA's special-purpose
/// registries that holds the address. Without arguments it shows, bit by bit, how an address works.
#[derive(clap::Parser)]
#[command(name = "01-ip", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Addresses (10.1.2.3, 2001:db8::1, fe80::1%eth0), with a prefix (192.168.0.10/24), or names (localhost)
    what: Vec<String>,

    /// Print one JSON object a line, with stable names
    #[arg(long)]
    json: bool,

    /// How many seconds to wait for a name
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    timeout: u64,
}

const EXAMPLES: &str = "\
Examples:
  01-ip                               how an address works, bit by bit
  01-ip 10.1.2.3 2001:db8::1          what these are: private, documentation
  01-ip 192.168.0.10/24               the same, and its subnet: mask, hosts, broadcast
  01-ip localhost                     what the name leads to
  01-ip --json 100.64.0.1             for programs

Exit code: 0 all told, 1 a name could not be resolved, 2 bad input.";

/// Why a run did not end well.
enum Failure {
    BadInput(SubjectError),
    Unresolved(ResolveError),
    /// Standard output is gone; if a pipe was closed (`| head`), that is no fault.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

const FAILED: u8 = 1;
const BAD_INPUT: u8 = 2;

pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let mut out = anstream::stdout().lock();
    if arguments.what.is_empty() {
        return finish(demo::show(&mut out));
    }
    let mut code = 0;
    for (index, text) in arguments.what.iter().enumerate() {
        match tell(&mut out, &arguments, text, index > 0) {
            Ok(()) => {}
            Err(Failure::Output(error)) => return finish(Err(error)),
            Err(Failure::BadInput(error)) => code = code.max(complain(&error, BAD_INPUT)),
            Err(Failure::Unresolved(error)) => code = code.max(complain(&error, FAILED)),
        }
    }
    code.into()
}

fn complain(error: &impl std::error::Error, code: u8) -> u8 {
    anstream::eprintln!("error: {error}");
    code
}

fn finish(result: io::Result<()>) -> ExitCode {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => complain(&error, FAILED).into(),
        _ => ExitCode::SUCCESS,
    }
}

/// One address to tell about, and how the user came to it.
struct Found<'a> {
    /// What the user wrote.
    input: &'a str,
    address: IpAddr,
    zone: Option<String>,
    /// The address with its prefix, if one was given.
    net: Option<IpNet>,
}

fn tell(out: &mut impl Write, arguments: &Arguments, text: &str, mut apart: bool) -> Result<(), Failure> {
    let timeout = Duration::from_secs(arguments.timeout);
    for found in find(text, timeout)? {
        if arguments.json {
            json::write(out, &found)?;
            continue;
        }
        if apart {
            writeln!(out)?;
        }
        facts::write(out, &found)?;
        apart = true;
    }
    Ok(())
}

fn find(text: &str, timeout: Duration) -> Result<Vec<Found<'_>>, Failure> {
    let input = text;
    match text.parse().map_err(Failure::BadInput)? {
        Subject::Address { address, zone } => Ok(vec![Found {
            input,
            address,
            zone,
            net: None,
        }]),
        Subject::Subnet { net, zone } => Ok(vec![Found {
            input,
            address: net.addr(),
            zone,
            net: Some(net),
        }]),
        Subject::Name(name) => {
            let addresses = resolve(&name, 0, timeout).map_err(Failure::Unresolved)?;
            let found = |address: std::net::SocketAddr| Found {
                input,
                address: address.ip(),
                zone: None,
                net: None,
            };
            Ok(addresses.into_iter().map(found).collect())
        }
    }
}
