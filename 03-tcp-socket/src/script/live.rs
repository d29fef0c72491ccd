//! The scripted peer on a real socket: the same script, played on loopback by a thread of its own.

use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::panic;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{ScriptedPeer, Step};
use crate::{Call, Deadline, Error, ListenOptions, Listener, TcpSocket};

/// Long enough for loopback on a busy machine; a script waits this long to hear something, and no longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How soon a caller is sure that the queue of a peer that never accepts is full.
const FULL_AFTER: Duration = Duration::from_millis(50);
/// More callers than this never fit into a queue of none.
const MOST_IN_LINE: usize = 16;

/// A scripted peer that listens on loopback and plays its script for the first caller.
#[derive(Debug)]
pub struct LivePeer {
    address: SocketAddr,
    player: JoinHandle<Result<Vec<u8>, Error>>,
    /// The player of a peer that does not read keeps the connection open until this is dropped.
    over: Sender<()>,
    /// Callers that fill the queue of a peer that never accepts.
    in_line: Vec<TcpSocket>,
}

impl LivePeer {
    pub(super) fn start(script: ScriptedPeer) -> Result<Self, Error> {
        let options = ListenOptions {
            backlog: if script.never_accepts { 0 } else { 1 },
            ..ListenOptions::default()
        };
        let listener = Listener::open((Ipv4Addr::LOCALHOST, 0).into(), options)?;
        let address = listener.local_address();
        let in_line = if script.never_accepts {
            fill_queue(address)
        } else {
            Vec::new()
        };
        let (over, finished) = mpsc::channel();
        let player = thread::Builder::new()
            .spawn(move || play(script, &listener, &finished))
            .map_err(|source| Error::from_io(Call::Listen, address, Duration::ZERO, source))?;
        Ok(Self {
            address,
            player,
            over,
            in_line,
        })
    }

    /// Where to call.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the script is through and the caller has closed, and returns what the peer has read.
    ///
    /// # Errors
    ///
    /// What kept the peer from playing its script to the end.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        drop((self.over, self.in_line));
        self.player
            .join()
            .unwrap_or_else(|cause| panic::resume_unwind(cause))
    }
}

/// Callers whose handshake was completed and whom nobody accepts; the last one found no room.
fn fill_queue(address: SocketAddr) -> Vec<TcpSocket> {
    (0..MOST_IN_LINE)
        .map_while(|_| TcpSocket::connect_address(address, FULL_AFTER).ok())
        .collect()
}

fn play(script: ScriptedPeer, listener: &Listener, finished: &Receiver<()>) -> Result<Vec<u8>, Error> {
    let mut received = Vec::new();
    let wait_for_the_end = || {
        // The sender never sends; it is dropped.
        let _ = finished.recv();
    };
    if script.never_accepts {
        wait_for_the_end();
        return Ok(received);
    }
    let socket = listener.accept()?;
    // Each piece is to leave by itself.
    socket.set_no_delay(true)?;
    for step in script.gives {
        match step {
            Step::Give(bytes) => give(&socket, &bytes)?,
            Step::Pause(pause) => thread::sleep(pause),
            Step::Hear(count) => hear(&socket, &mut received, Some(count))?,
            // Only the caller's own system can interrupt the caller.
            Step::Interrupt => {}
            Step::Close => socket.shutdown(Shutdown::Write)?,
            Step::Reset => {
                socket.set_linger(Some(Duration::ZERO))?;
                return Ok(received);
            }
        }
    }
    if script.never_reads {
        wait_for_the_end();
    } else {
        hear(&socket, &mut received, None)?;
    }
    Ok(received)
}

fn give(socket: &TcpSocket, mut bytes: &[u8]) -> Result<(), Error> {
    let deadline = Deadline::after(PATIENCE);
    while !bytes.is_empty() {
        let sent = socket.send(bytes, deadline)?;
        bytes = &bytes[sent..];
    }
    Ok(())
}

/// Reads `count` bytes, or until the caller closes.
fn hear(socket: &TcpSocket, received: &mut Vec<u8>, count: Option<usize>) -> Result<(), Error> {
    let deadline = Deadline::after(PATIENCE);
    let enough = count.map(|count| received.len() + count);
    let mut buffer = [0; 8 * 1024];
    while enough.is_none_or(|enough| received.len() < enough) {
        let room = enough.map_or(buffer.len(), |enough| buffer.len().min(enough - received.len()));
        match socket.pull(&mut buffer[..room], deadline)? {
            0 => break,
            count => received.extend_from_slice(&buffer[..count]),
        }
    }
    Ok(())
}
