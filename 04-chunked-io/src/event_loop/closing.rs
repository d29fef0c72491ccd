//! How a connection ends, and how all of them do.

use std::io;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use socket2::SockRef;
use tcp_socket::{Call, Error};

use super::connection::{Slot, State};
use super::io::Said;
use super::mailbox::Admission;
use super::worker::{Worker, id};
use super::{Closed, Io, Protocol};

impl<P: Protocol> Worker<P> {
    /// This end has closed: once all has left it says so to the peer (a FIN), and then it waits for the peer's end.
    pub(super) fn closing(&mut self, slot: usize) {
        let Slot { connection, .. } = &mut self.slots[slot];
        if connection.queue.is_none() {
            if connection.peer_finished {
                return self.remove(slot, &Closed::Done);
            }
            // A connection that is gone already shows it at the next read.
            let _: io::Result<()> = connection.stream.shutdown(std::net::Shutdown::Write);
            connection.state = State::Finished;
        }
        // Bytes that nobody wanted may lie before the peer's FIN.
        if connection.unread {
            self.again.push(slot);
        }
        let patience = self.now.checked_add(self.settings.closing_time);
        let id = id(self.thread, slot, connection);
        self.timers
            .set(id, connection.timer.get_or_insert_default(), patience);
    }

    pub(super) fn abort(&mut self, slot: usize) {
        self.remove(slot, &Closed::Aborted);
    }

    pub(super) fn too_late(&mut self, slot: usize) {
        let unsent = self.slots.get(slot).map_or(0, |slot| slot.connection.queued());
        self.remove(slot, &Closed::Late { unsent });
    }

    pub(super) fn fail(&mut self, slot: usize, call: Call, error: io::Error) {
        if let Some(Slot { connection, .. }) = self.slots.get(slot) {
            let error = Error::from_io(call, connection.peer, Duration::ZERO, error);
            self.remove(slot, &Closed::Failed(error));
        }
    }

    /// The connection is over: its slot is free, and its protocol hears why.
    pub(super) fn remove(&mut self, slot: usize, why: &Closed) {
        let Some(Slot {
            mut protocol,
            mut connection,
        }) = self.slots.try_remove(slot)
        else {
            return;
        };
        if connection.timer.as_ref().is_some_and(|timer| timer.has_entry()) {
            self.orphan_timer();
        }
        if connection.admission == Admission::Admitted {
            self.handle.tally().connections.fetch_sub(1, Ordering::Relaxed);
        }
        if why.is_hard() {
            // What still waits in the system is thrown away, too, and the peer gets a reset.
            let _: io::Result<()> = SockRef::from(&connection.stream).set_linger(Some(Duration::ZERO));
        }
        // It fails only if the connection was never registered.
        let _: io::Result<()> = self.poll.registry().deregister(&mut connection.stream);
        self.said.clear();
        let mut io = Io {
            id: id(self.thread, slot, &connection),
            now: self.now,
            connection: &mut connection,
            said: Said::ToPeer(&mut self.said),
            timers: &mut self.timers,
            inbox: &mut self.inbox,
            handle: &self.handle,
        };
        protocol.closed(why, &mut io);
        self.said.clear();
    }

    /// The server ends: nobody is let in, and every protocol says goodbye.
    pub(super) fn shut_down(&mut self, deadline: Instant) {
        let ends = self.ends.map_or(deadline, |ends| ends.min(deadline));
        if self.ends.replace(ends).is_some() {
            return;
        }
        self.acceptor = None;
        for slot in self.occupied() {
            match self.slots[slot].connection.state {
                State::Open => {
                    self.call(slot, Protocol::shutdown);
                    self.settle(slot);
                }
                State::Calling => self.abort(slot),
                State::Closing | State::Finished | State::Aborted => {}
            }
        }
    }

    /// What has not left when the server's last moment comes is given up.
    pub(super) fn end_in_time(&mut self) {
        if self.ends.is_some_and(|ends| ends <= self.now) {
            for slot in self.occupied() {
                self.too_late(slot);
            }
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.ends.is_some() && self.slots.is_empty() && self.inbox.is_empty()
    }

    pub(super) fn occupied(&self) -> Vec<usize> {
        self.slots.iter().map(|(slot, _)| slot).collect()
    }
}

impl Closed {
    /// Whether bytes are given up, so that an orderly end would tell the peer a lie.
    fn is_hard(&self) -> bool {
        match self {
            Self::Aborted | Self::TooSlow { .. } => true,
            Self::Late { unsent } => *unsent > 0,
            Self::Done | Self::Unanswered | Self::Failed(_) => false,
        }
    }
}
