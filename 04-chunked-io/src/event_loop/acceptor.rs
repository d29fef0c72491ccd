//! Who lets callers in: one thread accepts for all, and gives the connections out in turn.
//!
//! A listener for each thread (`SO_REUSEPORT`) would save a step, but only Linux spreads callers over such
//! listeners, and it spreads them by chance. Waking all threads for one caller helps nobody.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use socket2::SockRef;
use tcp_socket::listener::concerns_one_caller;
use tcp_socket::socket::plain;

use super::mailbox::{Admission, Command};
use super::{Handle, Settings};

/// How many callers are let in before the connections get their turn.
const CALLERS_A_TURN: usize = 512;
/// How long to wait before the system is asked again for a descriptor that it did not have.
const REST: Duration = Duration::from_millis(50);

/// The thread that accepts.
pub(super) const ACCEPTS: u32 = 0;

pub(super) struct Acceptor {
    listener: TcpListener,
    /// The most connections.
    limit: usize,
    send_buffer: Option<usize>,
    /// There may be callers that no event will report again.
    pub(super) ready: bool,
    /// The system had no descriptor left. The callers stay in line, and no event reports them again: an edge
    /// is reported once. So the clock has to. (Level-triggered readiness would report them without end.)
    pub(super) rests_until: Option<Instant>,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, settings: &Settings) -> Self {
        Self {
            listener,
            limit: settings.connections,
            send_buffer: settings.send_buffer,
            ready: true,
            rests_until: None,
        }
    }

    /// Lets in those who wait in line, up to a number.
    pub(super) fn let_in<M>(&mut self, now: Instant, handle: &Handle<M>, inbox: &mut Vec<Command<M>>) {
        if !self.ready || self.rests_until.is_some_and(|end| now < end) {
            return;
        }
        self.rests_until = None;
        for _ in 0..CALLERS_A_TURN {
            match self.listener.accept() {
                Ok((stream, peer)) => self.give_out(stream, plain(peer), handle, inbox),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.ready = false;
                    return;
                }
                Err(error) if concerns_one_caller(&error) => {}
                Err(_) => {
                    handle.tally().not_accepted.fetch_add(1, Ordering::Relaxed);
                    self.rests_until = Some(now + REST);
                    return;
                }
            }
        }
    }

    fn give_out<M>(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        handle: &Handle<M>,
        inbox: &mut Vec<Command<M>>,
    ) {
        let tally = handle.tally();
        let admission = if tally.connections.load(Ordering::Relaxed) < self.limit {
            tally.connections.fetch_add(1, Ordering::Relaxed);
            tally.accepted.fetch_add(1, Ordering::Relaxed);
            Admission::Admitted
        } else {
            tally.refused.fetch_add(1, Ordering::Relaxed);
            Admission::Refused
        };
        // One write carries all that was said, so nothing is gained by waiting for more (Nagle's algorithm).
        // A connection that is gone already says so here; its first read will tell the protocol.
        let _: io::Result<()> = stream.set_nodelay(true);
        if let Some(size) = self.send_buffer {
            let _: io::Result<()> = SockRef::from(&stream).set_send_buffer_size(size);
        }
        let command = Command::Open {
            stream,
            peer,
            admission,
        };
        match handle.next_thread() {
            // This one's own: no lock, no bell.
            ACCEPTS => inbox.push(command),
            thread => {
                if handle.post(thread, command).is_err() && admission == Admission::Admitted {
                    tally.connections.fetch_sub(1, Ordering::Relaxed);
                }
            }
        }
    }
}
