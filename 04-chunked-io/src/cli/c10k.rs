//! `c10k`: ten thousand connections, held, measured and drawn.

mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chunked_io::c10k::{Engine, Lab, LabError, Load, Plan, Program, part};
use ports::descriptors;

use super::error::CliError;
use super::seconds;
use report::Report;

/// Of so many connections one speaks, and the others listen: most of a crowd is silent most of the time.
const ONE_IN: usize = 100;

/// The bytes of a message.
const SIZE: usize = 64;

/// How often the picture changes.
const SLICE: Duration = Duration::from_millis(250);

/// What was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct C10kArguments {
    /// How many
    #[arg(default_value = "10000", value_parser = connections)]
    connections: usize,
    /// Who serves them
    #[arg(long, default_value = "event-loop")]
    engine: EngineName,
    /// How long to echo
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    seconds: Duration,
    /// One JSON object a line instead of the report
    #[arg(long)]
    json: bool,
}

/// One of the processes that `c10k` starts.
#[derive(Debug, clap::Args)]
pub(crate) struct PartArguments {
    /// Serve with this engine; without, be the clients
    #[arg(long)]
    engine: Option<EngineName>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum EngineName {
    /// A thread for each connection
    Threads,
    /// One thread a core for all of them
    EventLoop,
    /// The same by tokio, if this program was built with `--features tokio`
    Tokio,
}

impl EngineName {
    fn engine(self) -> Engine {
        match self {
            Self::Threads => Engine::Threads,
            Self::EventLoop => Engine::EventLoop,
            Self::Tokio => Engine::Tokio,
        }
    }

    /// In a sentence.
    fn title(self) -> &'static str {
        match self {
            Self::Threads => "a thread for each of them",
            Self::EventLoop => "the event loop",
            Self::Tokio => "tokio",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Threads => "threads",
            Self::EventLoop => "event-loop",
            Self::Tokio => "tokio",
        }
    }
}

fn connections(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "a number of connections over 0 is needed, such as 10000".to_owned())
}

/// Does what the process that started this one says.
pub(crate) fn be_part(arguments: &PartArguments) -> Result<(), CliError> {
    match arguments.engine {
        Some(name) => part::be_server(|endpoint, options| name.engine().start(endpoint, options))?,
        None => part::be_clients()?,
    }
    Ok(())
}

pub(crate) fn run(arguments: &C10kArguments) -> Result<(), CliError> {
    let engine = arguments.engine.engine();
    if !engine.is_built_in() {
        return Err(CliError::NoTokio);
    }
    let plan =
        Plan::new(arguments.connections, engine, descriptors::raise_limit()).map_err(LabError::from)?;
    let stop = stop_on_ctrl_c();
    let mut report = Report::begin(arguments, plan)?;
    let mut lab = start(arguments.engine, plan)?;

    let before = lab.servers().memory();
    let opening = lab.open(plan.connections, |open, servers| {
        report.draw_opening(open, servers.memory().each_since(before, open));
    })?;
    lab.roll_call(plan.connections)?;
    let cost = lab.servers().memory().each_since(before, plan.connections);
    report.opened(&opening, cost)?;

    let load = Load {
        active: plan.connections.div_ceil(ONE_IN),
        size: SIZE,
        depth: 1,
    };
    let mut left = arguments.seconds;
    while !left.is_zero() && !stop.load(Ordering::Relaxed) {
        let period = left.min(SLICE);
        report.echoed(&lab.echo(load, period)?, period)?;
        left -= period;
    }
    report.end()
}

/// This program again, as servers and as clients; they have said hello to each other.
fn start(engine: EngineName, plan: Plan) -> Result<Lab, CliError> {
    let path = std::env::current_exe()?;
    let part = |arguments: &[&str]| Program {
        path: path.clone(),
        arguments: arguments.iter().map(ToString::to_string).collect(),
    };
    let server = part(&["c10k-part", "--engine", engine.name()]);
    let mut lab = Lab::start(plan, &server, &part(&["c10k-part"]))?;
    lab.warm_up()?;
    Ok(lab)
}

/// Turns true at Ctrl-C. The second Ctrl-C does not wait; the other processes end with this one all the same.
fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    // Without a handler, Ctrl-C ends the program the short way.
    let _ = ctrlc::set_handler(move || {
        if told.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    stop
}
