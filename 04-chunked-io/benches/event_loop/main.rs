//! What does the event loop cost, beside the same server written for nothing but speed?
//!
//! `cargo bench -p chunked-io --features tokio --bench event_loop` measures, in turn and with server and clients in
//! processes of their own, each on a core of its own:
//!
//! - a bare epoll loop as one would write it in C ([`epoll`]): the measure of all others;
//! - the event loop of this course;
//! - a bare loop on `mio` ([`bare_mio`]), which the event loop stands on;
//! - tokio, on one thread and on one a core;
//! - a thread for each connection.
//!
//! `-- --quick` takes twenty seconds instead of five minutes. `-- --help` tells the rest.

#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

mod bare_mio;
mod cases;
#[cfg(target_os = "linux")]
mod epoll;
mod figures;
mod peers;
mod table;

use chunked_io::c10k::part;
use clap::Parser;

use cases::Bench;
use peers::Peer;

/// The event loop beside its peers.
#[derive(Debug, Parser)]
struct Arguments {
    /// Twenty seconds instead of five minutes: enough to see that all is well, not to quote
    #[arg(long)]
    quick: bool,
    /// How often each peer is measured; they take turns
    #[arg(long)]
    rounds: Option<usize>,
    /// How long each measurement of echoes takes
    #[arg(long)]
    seconds: Option<f64>,
    /// Only these peers; the first is what the others are compared with
    #[arg(long, value_delimiter = ',')]
    peers: Vec<Peer>,
    /// Only these measurements
    #[arg(long, value_delimiter = ',')]
    only: Vec<cases::Case>,
    /// Cargo adds this
    #[arg(long, hide = true)]
    bench: bool,
    /// What a process is to be that this program starts
    #[arg(hide = true)]
    role: Option<Role>,
    #[arg(hide = true)]
    peer: Option<Peer>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Role {
    /// The server, on the first core.
    Server,
    /// The clients, on the second.
    Clients,
    /// Clients on any core, for more connections than one process can have.
    Anywhere,
}

fn main() {
    let arguments = Arguments::parse();
    match (arguments.role, arguments.peer) {
        (None, _) => Bench::new(&arguments).run(),
        (Some(role), Some(peer)) => {
            if let Role::Server = role {
                pin(0);
            }
            part::be_server(|endpoint, options| peer.start(endpoint, options)).unwrap();
        }
        (Some(role), None) => {
            if let Role::Clients = role {
                pin(1);
            }
            part::be_clients().unwrap();
        }
    }
}

/// Keeps this process on one core, so that server and clients take nothing from each other.
fn pin(core: usize) {
    #[cfg(target_os = "linux")]
    {
        let mut cores = rustix::thread::CpuSet::new();
        cores.set(core);
        // A machine with one core has no second one: then they share.
        let _ = rustix::thread::sched_setaffinity(None, &cores);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = core;
}
