//! What `c10k` shows: a picture that changes, on a terminal; lines that stay, everywhere.

use std::io::{self, Write};
use std::time::Duration;

use chunked_io::c10k::memory::Memory;
use chunked_io::c10k::{Latencies, Opening, Plan};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{C10kArguments, EngineName, ONE_IN, SIZE};
use crate::cli::error::CliError;

/// The picture: it goes to standard error, and only if that is a terminal.
const PICTURE: &str = "  connections  {bar:40} {pos} of {len}\n{msg}";

/// With fewer connections than this, what else the kernel does outweighs what they cost.
const ENOUGH_FOR_KERNEL: usize = 1000;

pub(super) struct Report {
    engine: EngineName,
    connections: usize,
    json: bool,
    picture: ProgressBar,
    cost: Memory,
    /// The echoes of the second that runs, and for how long it has run.
    second: (Latencies, Duration),
    /// The same of all seconds that are over.
    all: (Latencies, Duration),
}

impl Report {
    /// Says what is going to happen.
    pub(super) fn begin(arguments: &C10kArguments, plan: Plan) -> Result<Self, CliError> {
        let Plan {
            connections,
            servers,
            clients,
        } = plan;
        let engine = arguments.engine;
        let mut out = io::stdout().lock();
        if arguments.json {
            let object = json!({ "event": "begin", "connections": connections, "engine": engine.name(), "servers": servers, "clients": clients });
            writeln!(out, "{object}")?;
        } else {
            let (servers, clients) = (processes("server", servers), processes("client", clients));
            writeln!(
                out,
                "{connections} connections to {} ({servers}, {clients})\n",
                engine.title()
            )?;
        }
        let style = ProgressStyle::with_template(PICTURE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Ok(Self {
            engine,
            connections,
            json: arguments.json,
            picture: ProgressBar::new(connections as u64).with_style(style),
            cost: Memory {
                user: None,
                kernel: None,
            },
            second: Default::default(),
            all: Default::default(),
        })
    }

    /// While connections are opened: so many, at such a cost.
    pub(super) fn draw_opening(&mut self, open: usize, cost: Memory) {
        self.cost = cost;
        self.picture.set_position(open as u64);
        self.picture.set_message(self.draw_cost());
    }

    fn draw_cost(&self) -> String {
        let (user, kernel) = (self.user_memory(), self.kernel_memory());
        format!("  user memory    {user}\n  kernel memory  {kernel}")
    }

    /// All connections are open.
    pub(super) fn opened(&mut self, opening: &Opening, cost: Memory) -> Result<(), CliError> {
        self.cost = cost;
        let (took, latencies) = (opening.took, &opening.latencies);
        let (median, p99) = (latencies.percentile(500), latencies.percentile(990));
        let (user, kernel) = (self.user_memory(), self.kernel_memory());
        let speakers = self.connections.div_ceil(ONE_IN);
        let connections = self.connections;
        self.picture.suspend(|| {
            let mut out = io::stdout().lock();
            if self.json {
                let object = json!({
                    "event": "opened", "seconds": took.as_secs_f64(), "p50_ms": milliseconds(median),
                    "p99_ms": milliseconds(p99), "dropped": opening.dropped,
                    "user_bytes": cost.user, "kernel_bytes": cost.kernel,
                });
                return writeln!(out, "{object}");
            }
            let (took, median, p99) = (took.as_secs_f64(), text(median), text(p99));
            writeln!(
                out,
                "  opened         in {took:.2} s: half of them within {median}, 99 of 100 within {p99}"
            )?;
            writeln!(out, "  turned away    {}", dropped(opening.dropped))?;
            writeln!(out, "  user memory    {user}")?;
            writeln!(out, "  kernel memory  {kernel}\n")?;
            writeln!(
                out,
                "All {connections} are held, and {speakers} of them echo, {SIZE} bytes at a time:\n"
            )?;
            writeln!(
                out,
                "  {:>6} {:>12} {:>11} {:>11}",
                "second", "echoes/s", "p50", "p99"
            )
        })?;
        Ok(())
    }

    /// Some of the connections have echoed for this long.
    pub(super) fn echoed(&mut self, latencies: &Latencies, period: Duration) -> Result<(), CliError> {
        self.second.0.merge(latencies);
        self.second.1 += period;
        let rates = rates(latencies, period);
        self.picture
            .set_message(format!("{}\n  echoes         {rates}", self.draw_cost()));
        if self.second.1 >= Duration::from_secs(1) {
            self.end_second()?;
        }
        Ok(())
    }

    fn end_second(&mut self) -> Result<(), CliError> {
        let (latencies, period) = std::mem::take(&mut self.second);
        self.all.0.merge(&latencies);
        self.all.1 += period;
        let number = self.all.1.as_secs_f64();
        self.picture.suspend(|| {
            let mut out = io::stdout().lock();
            if self.json {
                writeln!(out, "{}", echoes("second", number, &latencies, period))
            } else {
                writeln!(out, "  {number:>6} {}", columns(&latencies, period))
            }
        })?;
        Ok(())
    }

    /// The last lines.
    pub(super) fn end(mut self) -> Result<(), CliError> {
        if !self.second.1.is_zero() {
            self.end_second()?;
        }
        self.picture.finish_and_clear();
        let (latencies, period) = &self.all;
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", echoes("end", period.as_secs_f64(), latencies, *period))?;
            return Ok(());
        }
        writeln!(out, "  {:>6} {}", "all", columns(latencies, *period))?;
        let other = match self.engine {
            EngineName::EventLoop => "threads",
            EngineName::Threads | EngineName::Tokio => "event-loop",
        };
        let connections = self.connections;
        writeln!(
            out,
            "\nNext: `cargo 04-chunked-io c10k {connections} --engine {other}`, to compare."
        )?;
        Ok(())
    }

    fn user_memory(&self) -> String {
        let told = self
            .cost
            .user
            .map(|bytes| format!("{} a connection, in the server", size(bytes)));
        told.unwrap_or_else(|| NOT_TOLD.to_owned())
    }

    fn kernel_memory(&self) -> String {
        match self.cost.kernel {
            None => NOT_TOLD.to_owned(),
            Some(_) if self.connections < ENOUGH_FOR_KERNEL => {
                format!("cannot be told with fewer than {ENOUGH_FOR_KERNEL} connections")
            }
            Some(bytes) => format!("{} a connection, for both of its ends", size(bytes)),
        }
    }
}

/// What stands where the system gives no number.
const NOT_TOLD: &str = "this system does not tell it (Linux does)";

/// `1 server process`, `6 server processes`.
fn processes(role: &str, count: usize) -> String {
    let ending = if count == 1 { "" } else { "es" };
    format!("{count} {role} process{ending}")
}

fn dropped(count: Option<u64>) -> String {
    match count {
        None => NOT_TOLD.to_owned(),
        Some(0) => "none".to_owned(),
        Some(count) => {
            format!("{count}, because the server's queue of callers was full; they came again a second later")
        }
    }
}

/// `141 bytes`, `9.8 KB`.
fn size(bytes: u64) -> String {
    if bytes < 1000 {
        format!("{bytes} bytes")
    } else {
        format!("{:.1} KB", bytes as f64 / 1e3)
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn text(duration: Duration) -> String {
    format!("{:.2} ms", milliseconds(duration))
}

fn a_second(latencies: &Latencies, period: Duration) -> f64 {
    latencies.total() as f64 / period.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn rates(latencies: &Latencies, period: Duration) -> String {
    let (median, p99) = (text(latencies.percentile(500)), text(latencies.percentile(990)));
    format!(
        "{:.0} a second, p50 {median}, p99 {p99}",
        a_second(latencies, period)
    )
}

fn columns(latencies: &Latencies, period: Duration) -> String {
    let (median, p99) = (text(latencies.percentile(500)), text(latencies.percentile(990)));
    format!("{:>12.0} {median:>11} {p99:>11}", a_second(latencies, period))
}

fn echoes(event: &str, seconds: f64, latencies: &Latencies, period: Duration) -> serde_json::Value {
    json!({
        "event": event, "seconds": seconds, "echoes_per_second": a_second(latencies, period),
        "p50_ms": milliseconds(latencies.percentile(500)), "p99_ms": milliseconds(latencies.percentile(990)),
    })
}
