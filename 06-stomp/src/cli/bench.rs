//! `06-stomp bench`: how fast a broker is, in the table of the course.

mod counter;
mod durable;
mod durable_load;
mod generator;

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Serialize;

use super::error::CliError;
use generator::{Found, Load, Role};

/// Long enough for a slow broker on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to measure.
#[derive(Debug, clap::Args)]
pub(super) struct Bench {
    /// The broker, stomp://HOST:PORT [default: one of its own, in a process of its own]
    url: Option<String>,
    /// How often each row is measured; the median counts
    #[arg(long, value_name = "N", default_value = "3")]
    rounds: usize,
    /// A tenth of the messages: for a first look
    #[arg(long)]
    quick: bool,
    /// Measure a queue that outlives its broker instead, and the disk that this new file is on
    #[arg(long, value_name = "FILE")]
    durable: Option<PathBuf>,
    /// Print each row as JSON, one object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    part: Part,
}

/// For the processes that `bench` starts.
#[derive(Debug, clap::Args)]
struct Part {
    #[arg(long, hide = true, requires = "url")]
    role: Option<Role>,
    #[arg(long, hide = true, default_value = "1")]
    connections: usize,
    #[arg(long, hide = true, default_value = "1")]
    messages: u64,
    #[arg(long, hide = true)]
    destination: Vec<String>,
}

pub(super) fn run(bench: &Bench) -> Result<(), CliError> {
    let mut out = anstream::stdout().lock();
    if let (Some(role), Some(url)) = (bench.part.role, &bench.url) {
        let load = Load {
            url,
            destinations: &bench.part.destination,
            connections: bench.part.connections,
            messages: bench.part.messages,
        };
        let found = load.run(role, &mut out)?;
        writeln!(
            out,
            "{}",
            serde_json::to_string(&found).map_err(std::io::Error::from)?
        )?;
        return Ok(());
    }
    if let Some(file) = &bench.durable {
        return durable::measure(bench, file, &mut out);
    }
    measure(bench, &mut out)
}

/// A row of the table.
#[derive(Debug, Serialize)]
struct Row {
    what: &'static str,
    value: f64,
    unit: &'static str,
    to_reach: f64,
    reached: bool,
}

/// A kind of load whose deliveries are counted.
struct Shape {
    what: &'static str,
    kind: &'static str,
    pairs: usize,
    publishers: usize,
    subscribers: usize,
    messages: u64,
    to_reach: f64,
}

const SHAPES: [Shape; 4] = [
    Shape {
        what: "topic 1 → 1",
        kind: "topic",
        pairs: 1,
        publishers: 1,
        subscribers: 1,
        messages: 2_000_000,
        to_reach: 1e6,
    },
    Shape {
        what: "topic 1 → 100",
        kind: "topic",
        pairs: 1,
        publishers: 1,
        subscribers: 100,
        messages: 50_000,
        to_reach: 1.5e6,
    },
    Shape {
        what: "topic 4 → 4",
        kind: "topic",
        pairs: 4,
        publishers: 4,
        subscribers: 4,
        messages: 500_000,
        to_reach: 1e6,
    },
    Shape {
        what: "queue 1 → 1",
        kind: "queue",
        pairs: 1,
        publishers: 1,
        subscribers: 1,
        messages: 1_000_000,
        to_reach: 6e5,
    },
];

fn measure(bench: &Bench, out: &mut impl Write) -> Result<(), CliError> {
    let broker = bench.url.is_none().then(|| OwnBroker::start(None)).transpose()?;
    let url = bench
        .url
        .as_deref()
        .or(broker.as_ref().map(|broker| broker.tcp.as_str()))
        .unwrap_or_default();
    if !bench.json {
        writeln!(
            out,
            "128-byte messages, deliveries a second, median of {}\n",
            bench.rounds
        )?;
        writeln!(out, "{:<42} {:>14} {:>14}", "", "here", "to reach")?;
    }
    if let Some(broker) = &broker
        && let Some(bytes) = broker.memory()
    {
        at_most("memory at rest", bytes / 1e6, "MB", 5.0).print(bench.json, out)?;
    }
    for shape in &SHAPES {
        let rates = (0..bench.rounds.max(1)).map(|round| shape.rate(url, round, bench.quick));
        let rate = median(rates.collect::<Result<_, _>>()?);
        let row = Row {
            what: shape.what,
            value: rate,
            unit: "/s",
            to_reach: shape.to_reach,
            reached: rate >= shape.to_reach,
        };
        row.print(bench.json, out)?;
    }
    let latencies = (0..bench.rounds.max(1)).map(|_| {
        let messages = if bench.quick { 500 } else { 3_000 };
        Generator::start(Role::Latency, url, 1, messages, &["/topic/latency".to_owned()])?.finish()
    });
    let p99 = median(
        latencies
            .map(|found| found.map(|found| found.p99))
            .collect::<Result<_, CliError>>()?,
    );
    at_most("latency p99 at 1,000 a second", p99, "ms", 0.3).print(bench.json, out)?;
    if let Some(broker) = &broker {
        broker.crowd(if bench.quick { 1_000 } else { 9_000 }, bench.json, out)?;
    }
    Ok(())
}

fn at_most(what: &'static str, value: f64, unit: &'static str, to_reach: f64) -> Row {
    Row {
        what,
        value,
        unit,
        to_reach,
        reached: value <= to_reach,
    }
}

impl Row {
    fn print(&self, json: bool, out: &mut impl Write) -> Result<(), CliError> {
        if json {
            writeln!(
                out,
                "{}",
                serde_json::to_string(self).map_err(std::io::Error::from)?
            )?;
        } else {
            let sign = if self.unit == "/s" { "≥" } else { "≤" };
            let number = |value: f64| match self.unit {
                "/s" => format!("{:.0} k{}", value / 1e3, self.unit),
                unit => format!("{value:.2} {unit}"),
            };
            let missed = if self.reached { "" } else { "  missed" };
            let goal = format!("{sign} {}", number(self.to_reach));
            writeln!(
                out,
                "{:<42} {:>14} {goal:>14}{missed}",
                self.what,
                number(self.value)
            )?;
        }
        Ok(out.flush()?)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl Shape {
    fn rate(&self, url: &str, round: usize, quick: bool) -> Result<f64, CliError> {
        let messages = if quick { self.messages / 10 } else { self.messages };
        let names =
            (0..self.pairs).map(|pair| format!("/{}/bench.{}.{round}.{pair}", self.kind, self.subscribers));
        let destinations: Vec<String> = names.collect();
        let mut readers = Generator::start(Role::Subscribe, url, self.subscribers, messages, &destinations)?;
        readers.wait_until_ready()?;
        let publishers = Generator::start(Role::Publish, url, self.publishers, messages, &destinations)?;
        let found = readers.finish()?;
        publishers.finish()?;
        #[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
        Ok(found.deliveries as f64 / found.seconds)
    }
}

/// A process of the load.
struct Generator {
    process: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Generator {
    fn start(
        role: Role,
        url: &str,
        connections: usize,
        messages: u64,
        to: &[String],
    ) -> Result<Self, CliError> {
        let role = match role {
            Role::Publish => "publish",
            Role::Subscribe => "subscribe",
            Role::Latency => "latency",
            Role::Crowd => "crowd",
            Role::Confirm => "confirm",
            Role::Acknowledge => "acknowledge",
        };
        let mut command = Command::new(env::current_exe()?);
        command.args(["bench", url, "--role", role]);
        command.args([
            "--connections",
            &connections.to_string(),
            "--messages",
            &messages.to_string(),
        ]);
        for destination in to {
            command.args(["--destination", destination]);
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let said = process.stdout.take().ok_or(CliError::Incomplete)?;
        Ok(Self {
            process,
            said: BufReader::new(said),
        })
    }

    fn wait_until_ready(&mut self) -> Result<(), CliError> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        if line.trim() == "ready" {
            Ok(())
        } else {
            Err(CliError::Incomplete)
        }
    }

    fn finish(mut self) -> Result<Found, CliError> {
        let mut text = String::new();
        self.said.read_to_string(&mut text)?;
        self.process.wait()?;
        let last = text.lines().last().ok_or(CliError::Incomplete)?;
        Ok(serde_json::from_str(last).map_err(std::io::Error::from)?)
    }
}

/// A broker of our own, in a process of its own.
struct OwnBroker {
    process: Child,
    tcp: String,
    web_socket: String,
}

impl OwnBroker {
    fn start(store: Option<&Path>) -> Result<Self, CliError> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"]);
        if let Some(store) = store {
            command.arg("--store").arg(store);
        }
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut said = BufReader::new(process.stdout.take().ok_or(CliError::Incomplete)?);
        let mut url = || -> Result<String, CliError> {
            let mut line = String::new();
            said.read_line(&mut line)?;
            Ok(line.split_whitespace().last().unwrap_or_default().to_owned())
        };
        let (tcp, web_socket) = (url()?, url()?);
        url()?;
        Ok(Self {
            process,
            tcp,
            web_socket,
        })
    }

    /// How much memory it has in use, in bytes; only Linux tells.
    fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kilobytes * 1024.0)
    }

    /// Many subscribers over WebSocket: what each costs, and one message to all.
    fn crowd(&self, count: u32, json: bool, out: &mut impl Write) -> Result<(), CliError> {
        let before = self.memory();
        let connections = usize::try_from(count).unwrap_or_default();
        let topic = ["/topic/crowd".to_owned()];
        let mut crowd = Generator::start(Role::Crowd, &self.web_socket, connections, 1, &topic)?;
        crowd.wait_until_ready()?;
        if let (Some(before), Some(after)) = (before, self.memory()) {
            at_most(
                "WebSocket subscribers: memory of each",
                (after - before) / f64::from(count) / 1e3,
                "kB",
                1.024,
            )
            .print(json, out)?;
        }
        drop(crowd.process.stdin.take());
        let found = crowd.finish()?;
        at_most(
            "WebSocket subscribers: one message to all",
            found.seconds * 1e3,
            "ms",
            50.0,
        )
        .print(json, out)
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        // It has ended already, or it ends now.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
