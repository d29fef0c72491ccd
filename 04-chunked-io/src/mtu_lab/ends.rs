//! The sender and the receiver, each a process in a namespace of its own.
//!
//! First a short message, which every link carries, and its answer; then a long one, which needs full packets.

use std::net::SocketAddr;
use std::time::Duration;

use tcp_socket::{Deadline, Listener, TcpSocket};

use super::LabError;
use crate::{PathFacts, pull_exact, pull_to_end, send_all};

/// The length of the first message, in bytes.
pub const SHORT: usize = 100;

/// The length of the second message, in bytes.
pub const LONG: usize = 300_000;

/// What the sender saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What its system knew when the connection was open.
    pub opened: PathFacts,
    /// What it knew at the end.
    pub ended: PathFacts,
    /// How many bytes `send` has taken.
    pub taken: usize,
    /// From the first call to the last.
    pub time: Duration,
    /// What failed, if something did.
    pub failure: Option<String>,
}

/// Sends both messages to a receiver, and waits until it has them.
///
/// # Errors
///
/// [`LabError`] if there was no connection, or not even the short message got through.
pub fn send(receiver: SocketAddr, patience: Duration) -> Result<Sent, LabError> {
    let deadline = Deadline::after(patience);
    let mut socket = TcpSocket::connect_address(receiver, deadline)?;
    let opened = PathFacts::of(&socket);
    send_all(&mut socket, &[b'x'; SHORT], deadline)?;
    pull_exact(&mut socket, &mut [0; 2], deadline)?;
    let (taken, failure) = match send_all(&mut socket, &vec![b'x'; LONG], deadline) {
        Ok(()) => (LONG, pull_exact(&mut socket, &mut [0; 2], deadline).err()),
        Err(error) => (error.moved(), Some(error)),
    };
    Ok(Sent {
        opened,
        ended: PathFacts::of(&socket),
        taken: SHORT + taken,
        time: deadline.elapsed(),
        failure: failure.map(|error| error.to_string()),
    })
}

/// Receives both messages from one sender, answers each, and says how many bytes came before `patience` was over.
///
/// # Errors
///
/// [`LabError::Socket`] if nobody could be accepted.
pub fn receive(listener: &Listener, patience: Duration) -> Result<usize, LabError> {
    let mut socket = listener.accept()?;
    let deadline = Deadline::after(patience);
    let mut arrived = 0;
    for length in [SHORT, LONG] {
        match pull_exact(&mut socket, &mut vec![0; length], deadline) {
            Ok(()) => arrived += length,
            Err(error) => return Ok(arrived + error.moved()),
        }
        // A sender that has gone needs no answer.
        let _ = send_all(&mut socket, b"OK", deadline);
    }
    // The sender closes first, and keeps TIME_WAIT.
    let _ = pull_to_end(&mut socket, 0, deadline);
    Ok(arrived)
}
