//! A connect scan: knock at each port, and tell open, closed and filtered apart.
//!
//! Knocking at a stranger's doors is rude, and in some countries an offence. [`may_be_scanned`] draws the line at
//! addresses that cannot be a stranger's, and a [`Plan`] bounds how fast and how broadly it knocks.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ip::{Class, classify};

/// What is behind a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Somebody took the call.
    Open,
    /// The machine answered that nobody listens (a reset).
    Closed,
    /// No answer in time, or a router's word that there is no way: a firewall, mostly. A server whose queue is full
    /// looks the same.
    Filtered,
}

impl Verdict {
    /// One word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Filtered => "filtered",
        }
    }
}

/// Whom to knock at, and how gently.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The machine. Its port is not looked at; its zone, for a link-local address, is.
    pub target: SocketAddr,
    /// The ports, in the order of knocking.
    pub ports: Vec<u16>,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// How many knocks may wait for an answer at once. Each costs a descriptor and a thread.
    pub at_once: usize,
    /// How many knocks there may be in a second.
    pub per_second: u32,
}

/// The scan cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("cannot go on at port {port} of {address}: {source}")]
pub struct ScanError {
    /// Whose port it was.
    pub address: IpAddr,
    /// The port that was knocked at.
    pub port: u16,
    /// What the system said.
    pub source: io::Error,
}

/// Whether `address` is this machine's or of a network that its owner can walk through: loopback, link-local, private
/// (RFC 1918) and unique local (RFC 4193). For any other address, somebody else has to be asked first.
#[must_use]
pub fn may_be_scanned(address: IpAddr) -> bool {
    let class = classify(address.to_canonical()).class();
    matches!(
        class,
        Class::Loopback | Class::LinkLocal | Class::Private | Class::UniqueLocal
    )
}

/// Knocks at every port of `plan`, and reports each verdict as it comes, in no certain order.
///
/// # Errors
///
/// [`ScanError`] when the system gives no more descriptors or ports.
pub fn scan(plan: &Plan, mut report: impl FnMut(u16, Verdict)) -> Result<(), ScanError> {
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    let (found, findings) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..plan.at_once.clamp(1, plan.ports.len().max(1)) {
            let (found, next) = (found.clone(), &next);
            scope.spawn(move || work(plan, begin, next, &found));
        }
        drop(found);
        for (port, outcome) in findings {
            let verdict = outcome.map_err(|source| ScanError {
                address: plan.target.ip(),
                port,
                source,
            })?;
            report(port, verdict);
        }
        Ok(())
    })
}

/// One worker: takes the next port, waits for its turn, knocks, and tells. It stops when nobody hears it any more.
fn work(plan: &Plan, begin: Instant, next: &AtomicUsize, found: &Sender<(u16, io::Result<Verdict>)>) {
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(&port) = plan.ports.get(index) else {
            return;
        };
        // The knock number `index` is due at its place in the second, whoever does it.
        let due = Duration::from_secs_f64(index as f64 / f64::from(plan.per_second.max(1)));
        thread::sleep(due.saturating_sub(begin.elapsed()));
        let mut address = plan.target;
        address.set_port(port);
        if found.send((port, knock(address, plan.timeout))).is_err() {
            return;
        }
    }
}

/// Tries to connect, and hangs up at once.
fn knock(address: SocketAddr, timeout: Duration) -> io::Result<Verdict> {
    match TcpStream::connect_timeout(&address, timeout) {
        // The system may lend us, as client port, the very port that we knock at: TCP then connects us to ourselves.
        Ok(stream) if stream.local_addr()? == address => Ok(Verdict::Closed),
        Ok(_) => Ok(Verdict::Open),
        Err(error) => match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => Ok(Verdict::Closed),
            ErrorKind::TimedOut
            | ErrorKind::WouldBlock
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::PermissionDenied => Ok(Verdict::Filtered),
            _ => Err(error),
        },
    }
}
