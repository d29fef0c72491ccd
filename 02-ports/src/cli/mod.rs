//! What the command line says, and what is printed for it.

mod demo;
mod describe;
mod facts;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use anstyle::Style;
use clap::Parser;

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
    /// A port (443), a service (ssh), a URL, HOST:PORT, or "ssh HOST -p PORT"
    #[arg(value_name = "WHAT")]
    what: Vec<String>,

    /// Print facts as JSON, one object a line
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  02-ports                                       the demonstration
  02-ports 443 ssh                               a number and a name
  02-ports http://www.lucidcore.co.kr:8080       a port that is shown
  02-ports http://www.lucidcore.co.kr            a port that is hidden
  02-ports '[::1]:8080' \"ssh 10.0.0.7 -p 8080\"   an IPv6 address needs brackets beside a port
  02-ports --json https://localhost              facts for another program

Exit codes: 0 fine, 1 the thing failed, 2 bad input.";

/// Why the tool stops.
#[derive(Debug)]
enum Stop {
    /// What was asked for makes no sense. It has been said on standard error already.
    BadInput,
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
        // Somebody has read enough: `02-ports | head` is no failure.
        Err(Stop::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Stop::Output(error)) => {
            complain(&format!("cannot write: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &Args, out: &mut impl Write) -> Result<(), Stop> {
    if args.what.is_empty() {
        return Ok(demo::run(out)?);
    }
    describe::run(&args.what, args.json, out)
}

/// One clear sentence on standard error.
fn complain(sentence: &str) {
    anstream::eprintln!("error: {sentence}");
}
