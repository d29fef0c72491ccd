//! `06-stomp bench`: how fast a broker is, in the table of the course.

mod counter;
mod durable;
mod durable_load;
mod generator;
mod stub;

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::slice;
use std::time::{Duration, Instant};

use chunked_io::send_all;
use serde::Serialize;
use stomp::{Client, ClientOptions};

use super::error::CliError;
use generator::{BODY, Found, HOST, Load, Role};

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
    /// How much of the load, in percent: 10 for a first look
    #[arg(long, value_name = "PERCENT", default_value = "100", value_parser = clap::value_parser!(u64).range(1..=100))]
    share: u64,
    /// How many subscribers over WebSocket, which takes as many descriptors; 0 for none
    #[arg(long, value_name = "N", default_value = "10000")]
    crowd: usize,
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
        return load.run(role, &mut out);
    }
    if let Some(url) = &bench.url {
        look_for_broker(url)?;
    }
    if let Some(file) = &bench.durable {
        return durable::measure(bench, file, &mut out);
    }
    measure(bench, &mut out)
}

/// Whether there is a broker to measure: what is wrong with the URL is said once, and not by each process.
fn look_for_broker(url: &str) -> Result<(), CliError> {
    if url.starts_with("stomps:") || url.starts_with("wss:") {
        let what = "is measured without TLS: write stomp://HOST:PORT, or ws://HOST:PORT/stomp";
        return Err(CliError::BadInput(format!("{url}: a broker {what}")));
    }
    let options = ClientOptions {
        host: Some(HOST.to_owned()),
        ..ClientOptions::default()
    };
    Ok(Client::connect(url, &options)?.disconnect()?)
}

/// A row of the table.
#[derive(Debug, Serialize)]
struct Row {
    what: &'static str,
    value: f64,
    unit: &'static str,
    /// The same of a bare fan-out, which was measured in turn.
    stub: Option<f64>,
}

/// What is measured beside what. In each round both have their turn, so that what disturbs one disturbs the other.
struct Pair<'u> {
    broker: &'u str,
    stub: &'u str,
}

/// A kind of load whose deliveries are counted.
struct Shape {
    what: &'static str,
    kind: &'static str,
    pairs: usize,
    publishers: usize,
    subscribers: usize,
    messages: u64,
}

const SHAPES: [Shape; 4] = [
    Shape {
        what: "topic 1 → 1",
        kind: "topic",
        pairs: 1,
        publishers: 1,
        subscribers: 1,
        messages: 2_000_000,
    },
    Shape {
        what: "topic 1 → 100",
        kind: "topic",
        pairs: 1,
        publishers: 1,
        subscribers: 100,
        messages: 50_000,
    },
    Shape {
        what: "topic 4 → 4",
        kind: "topic",
        pairs: 4,
        publishers: 4,
        subscribers: 4,
        messages: 500_000,
    },
    Shape {
        what: "queue 1 → 1",
        kind: "queue",
        pairs: 1,
        publishers: 1,
        subscribers: 1,
        messages: 1_000_000,
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
        let rounds = bench.rounds;
        writeln!(
            out,
            "{BODY}-byte messages; deliveries a second, median of {rounds}; beside a bare fan-out that checks nothing\n"
        )?;
        writeln!(out, "{:<42} {:>14} {:>14} {:>8}", "", "broker", "bare", "ratio")?;
    }
    let stub = stub::start()?;
    let pair = Pair {
        broker: url,
        stub: &stub,
    };
    let mut print = |row: Row| row.print(bench.json, out);
    if let Some(bytes) = broker.as_ref().and_then(OwnBroker::memory) {
        print(Row::new("memory at rest", bytes / 1e6, "MB"))?;
    }
    for shape in &SHAPES {
        let [rate, of_stub] = bench.medians(&pair, |url, round| shape.rate(url, round, bench.share))?;
        print(Row::new(shape.what, rate, "/s").beside(of_stub))?;
    }
    let [p99, of_stub] = bench.medians(&pair, |url, _| {
        let (messages, topic) = (5_000 * bench.share / 100, ["/topic/latency".to_owned()]);
        Ok(Generator::start(Role::Latency, url, 1, messages, &topic)?
            .finish()?
            .p99)
    })?;
    print(Row::new("latency p99 at 1,000 a second", p99, "ms").beside(of_stub))?;
    if let Some(broker) = broker.filter(|_| bench.crowd > 0) {
        broker.crowd(bench.crowd, print)?;
    }
    Ok(())
}

impl Bench {
    /// The median of all rounds.
    fn median(&self, measure: impl FnMut(usize) -> Result<f64, CliError>) -> Result<f64, CliError> {
        let values = (0..self.rounds.max(1)).map(measure);
        Ok(median(values.collect::<Result<_, _>>()?))
    }

    /// The medians of the broker and of the stub.
    fn medians(
        &self,
        pair: &Pair<'_>,
        mut measure: impl FnMut(&str, usize) -> Result<f64, CliError>,
    ) -> Result<[f64; 2], CliError> {
        let rounds = (0..self.rounds.max(1))
            .map(|round| Ok((measure(pair.broker, round)?, measure(pair.stub, round)?)));
        let (broker, stub) = rounds.collect::<Result<(Vec<_>, Vec<_>), CliError>>()?;
        Ok([median(broker), median(stub)])
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl Row {
    fn new(what: &'static str, value: f64, unit: &'static str) -> Self {
        Self {
            what,
            value,
            unit,
            stub: None,
        }
    }

    fn beside(self, stub: f64) -> Self {
        Self {
            stub: Some(stub),
            ..self
        }
    }

    fn print(&self, json: bool, out: &mut impl Write) -> Result<(), CliError> {
        if json {
            let object = serde_json::to_string(self).map_err(std::io::Error::from)?;
            writeln!(out, "{object}")?;
        } else {
            write!(out, "{:<42} {:>14}", self.what, self.readable(self.value))?;
            if let Some(stub) = self.stub {
                write!(out, " {:>14} {:>8.2}", self.readable(stub), self.value / stub)?;
            }
            writeln!(out)?;
        }
        Ok(out.flush()?)
    }

    fn readable(&self, value: f64) -> String {
        match self.unit {
            "/s" => format!("{:.0} k/s", value / 1e3),
            "" => format!("{value:.0}"),
            unit => format!("{value:.2} {unit}"),
        }
    }
}

impl Shape {
    fn rate(&self, url: &str, round: usize, share: u64) -> Result<f64, CliError> {
        let messages = self.messages * share / 100;
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
    said: BufReader<ChildStdout>,
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
        let said = process.stdout.take().ok_or(CliError::Unmeasured)?;
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
            Err(CliError::Unmeasured)
        }
    }

    /// What it has found, once it says so.
    fn found(&mut self) -> Result<Found, CliError> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        Ok(serde_json::from_str(&line).map_err(std::io::Error::from)?)
    }

    fn end(mut self) -> Result<(), CliError> {
        self.process.wait()?;
        Ok(())
    }

    fn finish(mut self) -> Result<Found, CliError> {
        let found = self.found()?;
        self.end()?;
        Ok(found)
    }
}

/// A broker of our own, in a process of its own.
struct OwnBroker {
    process: Child,
    tcp: String,
    web_socket: String,
    /// Open as long as the broker runs, which may say more.
    _said: BufReader<ChildStdout>,
}

impl OwnBroker {
    fn start(store: Option<&Path>) -> Result<Self, CliError> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"]);
        if let Some(store) = store {
            command.arg("--store").arg(store);
        }
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut said = BufReader::new(process.stdout.take().ok_or(CliError::Unmeasured)?);
        let mut url = || -> Result<String, CliError> {
            let mut line = String::new();
            said.read_line(&mut line)?;
            Ok(line.split_whitespace().last().unwrap_or_default().to_owned())
        };
        let (tcp, web_socket) = (url()?, url()?);
        Ok(Self {
            process,
            tcp,
            web_socket,
            _said: said,
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
    fn crowd(
        &self,
        count: usize,
        mut print: impl FnMut(Row) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let (before, topic) = (self.memory(), "/topic/crowd".to_owned());
        // A process has only so many descriptors.
        let halves = [count / 2, count - count / 2];
        let start = |half| {
            Generator::start(
                Role::Subscribe,
                &self.web_socket,
                half,
                1,
                slice::from_ref(&topic),
            )
        };
        let mut crowd = halves.into_iter().map(start).collect::<Result<Vec<_>, _>>()?;
        crowd.iter_mut().try_for_each(Generator::wait_until_ready)?;
        #[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
        let count = count as f64;
        print(Row::new("WebSocket subscribers on one topic", count, ""))?;
        if let (Some(before), Some(after)) = (before, self.memory()) {
            let each = (after - before) / count;
            print(Row::new(
                "WebSocket subscribers: memory of each",
                each / 1e3,
                "kB",
            ))?;
        }
        let mut speaker = generator::connect(&self.tcp, generator::BEGIN)?;
        let began = Instant::now();
        send_all(&mut speaker, &generator::send_frame(&topic, b"hi"), PATIENCE)?;
        for half in &mut crowd {
            half.found()?;
        }
        let milliseconds = began.elapsed().as_secs_f64() * 1e3;
        print(Row::new(
            "WebSocket subscribers: one message to all",
            milliseconds,
            "ms",
        ))?;
        crowd.into_iter().try_for_each(Generator::end)
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        // It has ended already, or it ends now.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
