//! The attempts of a race, made for real: each is a thread that blocks in one `connect`.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use crate::happy_eyeballs::{Next, Race};
use crate::{Call, Deadline, Error, TcpSocket};

/// How an attempt on an address ended.
type Report = (SocketAddr, Result<TcpSocket, Error>);

/// Attempts under way, and the line on which they report.
pub(crate) struct Attempts {
    deadline: Deadline,
    report: Sender<Report>,
    reports: Receiver<Report>,
    /// A second handle on each socket that is still connecting.
    running: Vec<TcpSocket>,
}

impl Attempts {
    pub(crate) fn new(deadline: Deadline) -> Self {
        let (report, reports) = mpsc::channel();
        Self {
            deadline,
            report,
            reports,
            running: Vec::new(),
        }
    }

    /// Does what the race says until one attempt has connected or all have failed.
    pub(crate) fn race(mut self, addresses: &[SocketAddr]) -> Result<TcpSocket, Error> {
        let mut race = Race::new(addresses.iter().copied());
        let mut failure = None;
        loop {
            let ended = match race.next(self.deadline.elapsed()) {
                Next::Start(address) => self.start(address).err().map(Err),
                Next::Wait { until } => self.wait(until),
                Next::Lost => return Err(failure.unwrap_or_else(nobody_to_call)),
            };
            match ended {
                Some(Ok(socket)) => return Ok(socket),
                Some(Err(error)) => {
                    race.failed();
                    failure = Some(more_telling(failure, error));
                }
                None => {}
            }
        }
    }

    /// Begins one attempt. It ends with the deadline at the latest.
    fn start(&mut self, address: SocketAddr) -> Result<(), Error> {
        let (report, deadline) = (self.report.clone(), self.deadline);
        let socket = TcpSocket::unconnected(address, deadline)?;
        self.running.push(socket.try_clone()?);
        thread::Builder::new()
            // When the race is over nobody hears this, and the socket closes.
            .spawn(move || report.send((address, socket.call_peer(deadline))))
            .map_err(|source| Error::from_io(Call::Connect, address, deadline.elapsed(), source))?;
        Ok(())
    }

    /// Waits for an attempt to end, no longer than `until`.
    fn wait(&mut self, until: Option<Duration>) -> Option<Result<TcpSocket, Error>> {
        let report = match until {
            Some(until) => self
                .reports
                .recv_timeout(until.saturating_sub(self.deadline.elapsed()))
                .ok(),
            None => self.reports.recv().ok(),
        };
        let (address, result) = report?;
        self.running.retain(|socket| socket.peer_address() != address);
        Some(result)
    }
}

/// The losers hang up. Linux ends a `connect` under way for that; elsewhere its thread waits for the deadline.
impl Drop for Attempts {
    fn drop(&mut self) {
        for socket in &self.running {
            // Not yet connected, or no longer: either way there is nothing to hang up.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// That one family is missing here says little about a peer that has both.
fn more_telling(before: Option<Error>, now: Error) -> Error {
    match (before, now) {
        (Some(before), Error::Unreachable { .. } | Error::AddressNotAvailable { .. }) => before,
        (_, now) => now,
    }
}

fn nobody_to_call() -> Error {
    let source = io::Error::new(ErrorKind::InvalidInput, "no address was given");
    Error::from_io(Call::Connect, "nobody", Duration::ZERO, source)
}
