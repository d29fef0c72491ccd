//! One process of the lab. It takes orders on its standard input, one a line, and reports on its standard output.
//!
//! When its input ends, it ends. So nothing is left behind, even if the process that gives the orders is killed.

use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use ports::Endpoint;
use serde::{Deserialize, Serialize};
use tcp_socket::ListenOptions;

use super::clients::{Clients, Load};
use super::lab::LabError;
use super::latency::Latencies;

/// How often the clients say how far they are while they open connections.
const PROGRESS: Duration = Duration::from_millis(50);

/// How many callers may wait to be let in. Linux cuts it to its own limit, which is 4096.
const BACKLOG: i32 = 4096;

/// Windows, too, sends Ctrl-C to all processes of a group.
#[cfg(windows)]
const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;

/// What a process is told.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// To a server: listen on loopback and serve.
    Listen {
        /// The port; 0 takes a free one.
        port: u16,
        /// Whether other processes listen on the same port.
        shared: bool,
    },
    /// To clients: open connections.
    Open {
        /// To whom.
        server: SocketAddr,
        /// How many other clients have, or will have.
        first: usize,
        /// How many.
        count: usize,
    },
    /// To clients: echo for so many milliseconds.
    Echo {
        /// What, and on how many connections.
        load: Load,
        /// How long; 0 for one message each.
        milliseconds: u64,
    },
    /// To clients: end all connections.
    Close,
}

/// What a process answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Report {
    /// A server is ready.
    Listening(SocketAddr),
    /// So many connections are open, and more will be.
    Opening(usize),
    /// All of them are; how long each took.
    Opened(Latencies),
    /// The echoes that came.
    Echoed(Latencies),
    /// The connections have ended.
    Closed,
    /// It did not work, in a sentence.
    Failed(String),
}

/// What to run for a part: usually the program itself, with arguments that say which part it is to be.
#[derive(Debug, Clone)]
pub struct Program {
    /// The file.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// A process that was started.
#[derive(Debug)]
pub(super) struct Part {
    child: Child,
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
}

impl Part {
    pub(super) fn start(program: &Program) -> Result<Self, LabError> {
        let failed = |source| LabError::Start {
            program: program.path.clone(),
            source,
        };
        let mut command = Command::new(&program.path);
        command
            .args(&program.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // Ctrl-C at the terminal is for the process that gives the orders; it ends the others.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        #[cfg(windows)]
        std::os::windows::process::CommandExt::creation_flags(&mut command, CREATE_NEW_PROCESS_GROUP);
        let mut child = command.spawn().map_err(failed)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(orders), Some(reports)) => Ok(Self {
                child,
                orders,
                reports: BufReader::new(reports),
            }),
            _ => Err(failed(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// The number that the system knows it by.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn order(&mut self, order: &Order) -> Result<(), LabError> {
        let line = serde_json::to_string(order).map_err(|error| LabError::Gone(error.into()))?;
        writeln!(self.orders, "{line}").map_err(LabError::Gone)
    }

    /// Waits for the next report. One of failure comes as an error.
    pub(super) fn report(&mut self) -> Result<Report, LabError> {
        let mut line = String::new();
        self.reports.read_line(&mut line).map_err(LabError::Gone)?;
        match serde_json::from_str(&line).map_err(|error| LabError::Gone(error.into()))? {
            Report::Failed(what) => Err(LabError::Failed(what)),
            report => Ok(report),
        }
    }
}

/// A part has nothing worth keeping.
impl Drop for Part {
    fn drop(&mut self) {
        // Both fail only if it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tell(report: &Report) -> io::Result<()> {
    let line = serde_json::to_string(report)?;
    writeln!(io::stdout().lock(), "{line}")
}

/// What a server process does: it waits for the order to listen, starts a server with `start`, and ends with its input.
///
/// # Errors
///
/// If the orders cannot be read, or the reports cannot be written.
pub fn be_server(
    start: impl Fn(&Endpoint, ListenOptions) -> Result<SocketAddr, tcp_socket::Error>,
) -> io::Result<()> {
    for line in io::stdin().lines() {
        let report = match serde_json::from_str(&line?)? {
            Order::Listen { port, shared } => {
                let options = ListenOptions {
                    backlog: BACKLOG,
                    reuse_port: shared,
                };
                match start(&Endpoint::new("127.0.0.1", port), options) {
                    Ok(address) => Report::Listening(address),
                    Err(error) => Report::Failed(error.to_string()),
                }
            }
            other => Report::Failed(format!("a server does not {other:?}")),
        };
        tell(&report)?;
    }
    Ok(())
}

/// What a client process does: it follows orders until its input ends.
///
/// # Errors
///
/// If the orders cannot be read, or the reports cannot be written.
pub fn be_clients() -> io::Result<()> {
    let mut clients = match Clients::new() {
        Ok(clients) => clients,
        Err(error) => return tell(&Report::Failed(error.to_string())),
    };
    for line in io::stdin().lines() {
        let report = match serde_json::from_str(&line?)? {
            Order::Open { server, first, count } => open(&mut clients, server, first, count),
            Order::Echo { load, milliseconds } => {
                match clients.echo(load, Duration::from_millis(milliseconds)) {
                    Ok(latencies) => Report::Echoed(latencies),
                    Err(error) => Report::Failed(error.to_string()),
                }
            }
            Order::Close => {
                clients.close();
                Report::Closed
            }
            other @ Order::Listen { .. } => Report::Failed(format!("clients do not {other:?}")),
        };
        tell(&report)?;
    }
    Ok(())
}

fn open(clients: &mut Clients, server: SocketAddr, first: usize, count: usize) -> Report {
    let mut told = Instant::now();
    let progress = |open| {
        if told.elapsed() > PROGRESS {
            told = Instant::now();
            // If nobody listens any more, the report at the end says so.
            let _ = tell(&Report::Opening(open));
        }
    };
    match clients.open(server, first, count, progress) {
        Ok(latencies) => Report::Opened(latencies),
        Err(error) => Report::Failed(error.to_string()),
    }
}
