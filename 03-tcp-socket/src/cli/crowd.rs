//! `crowd`: a server that grows until something runs out, its clients in a process of their own, and the bill.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{self, Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, HumanCount, ProgressBar, ProgressStyle};
use serde::Serialize;
use tcp_socket::crowd::{self, Ending};
use tcp_socket::limits::{self, Resource};
use tcp_socket::{Listener, TcpSocket};

use super::Failure;

const TEMPLATE: &str = "{bar:30} {human_pos} of {human_len} connections";
/// What the clients say when they can call no more.
const OUT_OF_PORTS: &str = "out of ports: ";
const OUT_OF_DESCRIPTORS: &str = "out of descriptors: ";
/// If a client fails, the server may be about to say why.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What happens while the crowd grows.
enum Event {
    Held(usize),
    Ended(Ending),
    /// A client could not go on, for another reason than its own limits.
    CallersFailed(String),
    Interrupted,
}

/// What came of it.
struct Outcome {
    wanted: usize,
    held: usize,
    /// `None` if the user ended it.
    ending: Option<Ending>,
    took: Duration,
    bills: Vec<Bill>,
}

/// What the crowd took of one resource, and what is left of it.
#[derive(Serialize)]
struct Bill {
    resource: &'static str,
    used: Option<u64>,
    limit: Option<u64>,
    /// What a connection takes.
    each: Option<u64>,
    /// For how many more connections it is enough.
    room: Option<u64>,
    how_to_raise: String,
    #[serde(skip)]
    is_bytes: bool,
}

/// The whole of it in one line for `--json`.
#[derive(Serialize)]
struct Summary<'a> {
    wanted: usize,
    held: usize,
    ended_by: &'static str,
    words: Option<&'a str>,
    seconds: f64,
}

pub(super) fn run(wanted: usize, json: bool) -> Result<(), Failure> {
    let outcome = grow(wanted)?;
    let mut out = io::stdout().lock();
    if json {
        for bill in &outcome.bills {
            writeln!(out, "{}", serde_json::to_string(bill)?)?;
        }
        writeln!(out, "{}", serde_json::to_string(&outcome.summary())?)?;
    } else {
        outcome.print(&mut out)?;
    }
    match outcome.ending {
        Some(Ending::Failed(error)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Starts both sides, and watches until one of them, or the user, has had enough.
fn grow(wanted: usize) -> Result<Outcome, Failure> {
    let started = Instant::now();
    // At the limit nothing can be opened any more, not even to read what is in use. Then this one is closed.
    let spare = Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into())?;
    let before = Resource::ALL.map(Resource::used);
    let listener = Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into())?;
    let (events, news) = mpsc::channel();
    let mut callers = start_callers(listener.local_address(), wanted, events.clone())?;
    let interrupt = events.clone();
    ctrlc::set_handler(move || {
        let _ = interrupt.send(Event::Interrupted);
    })?;
    // This thread ends with the process: at a limit of the clients it still waits for the next of them.
    thread::spawn(move || {
        let ending = crowd::hold(&listener, wanted, |held| {
            let _ = events.send(Event::Held(held));
        });
        events.send(Event::Ended(ending))
    });

    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(wanted as u64).with_style(style);
    let (mut held, mut ending, mut failure) = (0, None, None);
    loop {
        let event = match &failure {
            None => news.recv()?,
            Some(words) => news
                .recv_timeout(LAST_WORD)
                .map_err(|_| format!("the clients failed: {words}"))?,
        };
        match event {
            Event::Held(count) => {
                held = count;
                bar.set_position(count as u64);
            }
            Event::CallersFailed(words) => failure = Some(words),
            Event::Ended(end) => {
                ending = Some(end);
                break;
            }
            Event::Interrupted => break,
        }
    }
    bar.finish_and_clear();
    drop(spare);
    let bills = bills(held, &before);
    // Its standard input ends, and with it the clients.
    drop(callers.stdin.take());
    callers.wait()?;
    let took = started.elapsed();
    Ok(Outcome {
        wanted,
        held,
        ending,
        took,
        bills,
    })
}

/// Starts this program once more, as the clients. What it says on standard output is why it stopped.
fn start_callers(server: SocketAddr, wanted: usize, events: Sender<Event>) -> io::Result<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["crowd-callers", &server.to_string(), &wanted.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take();
    thread::spawn(move || {
        let mut line = String::new();
        let _ = output.map(|output| BufReader::new(output).read_line(&mut line));
        let line = line.trim();
        let out_of = |resource, words: &str| Event::Ended(Ending::OutOf(resource, words.to_owned()));
        let event = if let Some(words) = line.strip_prefix(OUT_OF_PORTS) {
            out_of(Resource::Ports, words)
        } else if let Some(words) = line.strip_prefix(OUT_OF_DESCRIPTORS) {
            out_of(Resource::Descriptors, words)
        } else {
            Event::CallersFailed(
                if line.is_empty() {
                    "somebody ended them"
                } else {
                    line
                }
                .to_owned(),
            )
        };
        // When the crowd is complete nobody hears that its clients have gone.
        let _ = events.send(event);
    });
    Ok(child)
}

/// The clients: they call, say why they stopped if it was their own limit, and hold on until standard input ends.
pub(super) fn call(server: SocketAddr, wanted: usize) -> Result<(), Failure> {
    // Ctrl-C reaches this process too, and the server decides what it means.
    ctrlc::set_handler(|| {})?;
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        process::exit(0);
    });
    let mut callers: Vec<TcpSocket> = Vec::new();
    if let Err(error) = crowd::call(server, wanted, &mut callers) {
        let mut out = io::stdout().lock();
        match Ending::of(error) {
            Ending::OutOf(Resource::Ports, words) => writeln!(out, "{OUT_OF_PORTS}{words}")?,
            Ending::OutOf(_, words) => writeln!(out, "{OUT_OF_DESCRIPTORS}{words}")?,
            Ending::Failed(error) => writeln!(out, "{error}")?,
            Ending::Wanted | Ending::NearlyOutOf(_) => {}
        }
    }
    loop {
        thread::park();
    }
}

fn bills(held: usize, before: &[Option<u64>]) -> Vec<Bill> {
    let connections = held.max(1) as u64;
    let bill = |(resource, before): (Resource, &Option<u64>)| {
        let used = match resource {
            Resource::Ports => Some(held as u64),
            _ => resource.used(),
        };
        let taken = || Some(used?.saturating_sub((*before)?).div_ceil(connections));
        let each = match resource {
            Resource::AddressSpace | Resource::Memory => taken(),
            Resource::MemoryMaps => Some(4),
            _ => Some(1),
        };
        let limit = resource.limit();
        let room = || limit?.saturating_sub(used?).checked_div(each?);
        Bill {
            resource: resource.name(),
            used,
            limit,
            each,
            room: room(),
            how_to_raise: resource.how_to_raise(),
            is_bytes: resource.is_bytes(),
        }
    };
    Resource::ALL.into_iter().zip(before).map(bill).collect()
}

impl Outcome {
    fn summary(&self) -> Summary<'_> {
        let (ended_by, words) = match &self.ending {
            None => ("interrupted", None),
            Some(Ending::Wanted) => ("wanted", None),
            Some(Ending::OutOf(resource, words)) => (resource.name(), Some(words.as_str())),
            Some(Ending::NearlyOutOf(resource)) => (resource.name(), None),
            Some(Ending::Failed(_)) => ("failure", None),
        };
        Summary {
            wanted: self.wanted,
            held: self.held,
            ended_by,
            words,
            seconds: self.took.as_secs_f64(),
        }
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let held = HumanCount(self.held as u64);
        writeln!(
            out,
            "{held} connections at once, each with a thread of its own ({:.1?})",
            self.took
        )?;
        match &self.ending {
            None => writeln!(out, "You ended it; of {} wanted.", HumanCount(self.wanted as u64))?,
            Some(Ending::Wanted | Ending::Failed(_)) => {}
            Some(Ending::OutOf(resource, words)) => {
                writeln!(out, "Then {} ran out: {words}", resource.name())?;
            }
            Some(Ending::NearlyOutOf(resource)) => writeln!(
                out,
                "A few more, and the {} would run out. The system ends a program for that without a word; this one stops before.",
                resource.name()
            )?,
        }
        writeln!(out)?;
        writeln!(
            out,
            "{:14}{:>12}{:>12}{:>12}{:>10}  how to raise it",
            "", "each takes", "in use", "limit", "room for"
        )?;
        for bill in &self.bills {
            bill.print(out)?;
        }
        if let Some(longest) = limits::longest_queue() {
            writeln!(
                out,
                "\nCallers who may wait in line to be accepted: {}",
                HumanCount(longest)
            )?;
        }
        Ok(())
    }
}

impl Bill {
    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let amount = |number: Option<u64>| match number {
            None => "-".to_owned(),
            Some(bytes) if self.is_bytes => BinaryBytes(bytes).to_string(),
            Some(count) => HumanCount(count).to_string(),
        };
        let room = self
            .room
            .map_or("-".to_owned(), |room| HumanCount(room).to_string());
        writeln!(
            out,
            "{:14}{:>12}{:>12}{:>12}{:>10}  {}",
            self.resource,
            amount(self.each),
            amount(self.used),
            amount(self.limit),
            room,
            self.how_to_raise
        )
    }
}
