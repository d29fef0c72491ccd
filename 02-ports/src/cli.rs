//! What the command line says, and what is printed for it.

mod client_ports;
mod conflict;
mod demo;
mod describe;
mod facts;
mod listening;
mod machine;
mod same;
mod scan;

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::Style;
use clap::{Parser, Subcommand};
use ports::service::file;
use ports::{Port, Registry};
use serde::Serialize;

/// Headings, and what was asked for.
const BOLD: Style = Style::new().bold();

/// Tells what a port is, which service has it, and which port a URL means without saying so.
///
/// A port is a 16-bit number that says which program on a host is meant. Give numbers, names of services, URLs,
/// HOST:PORT or a whole ssh command in quotes, as many as you like; without any, a demonstration runs on this
/// machine's loopback address.
#[derive(Debug, Parser)]
#[command(name = "02-ports", version, after_help = EXAMPLES)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// A port (443, 53/udp), a service (ssh), a URL, HOST:PORT, or "ssh HOST -p PORT"
    #[arg(value_name = "WHAT")]
    what: Vec<String>,

    /// Print facts as JSON, one object a line
    #[arg(long, global = true)]
    json: bool,

    /// Read this services file beside the built-in list [default: the system's own]
    #[arg(long, value_name = "FILE", global = true)]
    services: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Are these two the same place? Exit code 0 if they are, 1 if not
    Same {
        /// A URL or HOST:PORT
        one: String,
        /// A URL or HOST:PORT
        other: String,
    },
    /// Who listens on this machine, and from where it can be reached
    Listening {
        /// Only on these ports
        #[arg(value_name = "PORT")]
        ports: Vec<Port>,
    },
    /// The same port twice: what the system allows, and who is in the way
    Conflict {
        /// Can this be had, and if not, why? An ADDRESS:PORT of this machine, or a PORT of all its addresses; of TCP,
        /// unless /udp stands behind it
        #[arg(value_name = "PLACE")]
        place: Option<String>,
    },
    /// The ports that the system lends to clients, and the four numbers that name a connection
    ClientPorts {
        /// Open so many connections, and time each connect [default: until half of these ports are used up]
        #[arg(long, value_name = "COUNT", num_args = 0..=1)]
        cliff: Option<Option<usize>>,

        /// Be the server of --cliff
        #[arg(long, hide = true)]
        hold: bool,
    },
    /// Knock at the ports of a machine, and tell open, closed and filtered apart
    Scan(scan::Wish),
    /// Which ports this machine lends to clients, guards, and keeps back
    Machine,
}

const EXAMPLES: &str = "\
Examples:
  02-ports                                       the demonstration
  02-ports 443 ssh                               a number and a name
  02-ports http://www.lucidcore.co.kr:8080       a port that is shown
  02-ports http://www.lucidcore.co.kr            a port that is hidden
  02-ports '[::1]:8080' \"ssh 10.0.0.7 -p 8080\"   an IPv6 address needs brackets beside a port
  02-ports same http://h HTTP://H:80/            two spellings of one place
  02-ports conflict 8080                         can it be had, and if not, who has it?
  02-ports conflict 127.0.0.1:53/udp             the same of UDP
  02-ports scan localhost 1-1023                 only what is yours: this machine, a private network
  02-ports --json https://localhost              facts for another program

Exit codes: 0 fine, 1 the thing failed, 2 bad input.";

/// Why the tool stops.
#[derive(Debug)]
enum Stop {
    /// What was asked for makes no sense. It has been said on standard error already.
    BadInput,
    /// The thing failed. What there is to say has been said already.
    Failed,
    /// The output could not be written.
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Runs the tool. Bad options end it here, with exit code 2 and the usage.
pub(crate) fn run() -> ExitCode {
    let args = Args::parse();
    let mut out = anstream::stdout().lock();
    match dispatch(&args, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::BadInput) => ExitCode::from(2),
        Err(Stop::Failed) => ExitCode::FAILURE,
        // Somebody has read enough: `02-ports | head` is no failure.
        Err(Stop::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Stop::Output(error)) => {
            complain(&format!("cannot write: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &Args, out: &mut impl Write) -> Result<(), Stop> {
    match &args.command {
        Some(Command::Same { one, other }) => same::run(one, other, args.json, out),
        Some(Command::Listening { ports }) => listening::run(ports, &registry(args)?, args.json, out),
        Some(Command::Conflict { place: Some(place) }) => conflict::ask(place, args.json, out),
        Some(Command::Conflict { place: None }) => conflict::demonstrate(args.json, out),
        Some(Command::ClientPorts { hold: true, .. }) => Ok(client_ports::hold(out)?),
        Some(Command::ClientPorts {
            cliff: Some(count), ..
        }) => client_ports::cliff(*count, args.json, out),
        Some(Command::ClientPorts { .. }) => Ok(client_ports::show(args.json, out)?),
        Some(Command::Scan(wish)) => scan::run(wish, &registry(args)?, args.json, out),
        Some(Command::Machine) => Ok(machine::run(args.json, out)?),
        None if args.what.is_empty() => Ok(demo::run(out)?),
        None => describe::run(&args.what, &registry(args)?, args.json, out),
    }
}

/// The built-in list, and what a services file knows beside it. A file that was asked for has to be there.
fn registry(args: &Args) -> Result<Registry, Stop> {
    let built_in = Registry::built_in();
    match &args.services {
        None => Ok(built_in.with(file::read(&file::system_path()).unwrap_or_default())),
        Some(path) => match file::read(path) {
            Ok(services) => Ok(built_in.with(services)),
            Err(error) => Err(bad_input(&format!(
                "cannot read the services file {}: {error}",
                path.display()
            ))),
        },
    }
}

fn bad_input(sentence: &str) -> Stop {
    complain(sentence);
    Stop::BadInput
}

fn failed(sentence: &str) -> Stop {
    complain(sentence);
    Stop::Failed
}

/// One JSON object on a line of its own.
fn write_json(facts: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string(facts).map_err(io::Error::from)?)
}

/// One clear sentence on standard error.
fn complain(sentence: &str) {
    anstream::eprintln!("error: {sentence}");
}
