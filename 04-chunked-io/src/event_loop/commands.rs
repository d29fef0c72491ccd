//! What other connections and threads have asked for.

use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use mio::net::TcpStream;
use mio::{Interest, Token};

use super::connection::{Connection, Slot, State};
use super::mailbox::{Admission, Command};
use super::worker::Worker;
use super::{Closed, ConnectionId, Protocol, Shared, WhenFull};

/// When what was said leaves.
#[derive(Clone, Copy)]
enum Leaves {
    Now,
    AtTheEnd,
}

impl<P: Protocol> Worker<P> {
    /// Does what this thread's own connections have asked for and, if the bell rang, what others have.
    pub(super) fn run_commands(&mut self, bell: bool) {
        let own = mem::take(&mut self.inbox);
        self.run_all(own);
        if bell {
            let letters = mem::take(&mut self.letters);
            let letters = self.handle.mailboxes()[self.thread as usize].collect(letters);
            self.letters = self.run_all(letters);
        }
        self.write_unwritten();
    }

    /// Gives the storage back, empty.
    fn run_all(&mut self, mut commands: Vec<Command<P::Message>>) -> Vec<Command<P::Message>> {
        // One command gives no connection more than one message.
        let leaves = if commands.len() > 1 {
            Leaves::AtTheEnd
        } else {
            Leaves::Now
        };
        for command in commands.drain(..) {
            self.run_command(command, leaves);
        }
        commands
    }

    fn run_command(&mut self, command: Command<P::Message>, leaves: Leaves) {
        match command {
            Command::Open {
                stream,
                peer,
                admission,
            } => self.open(stream, peer, admission),
            Command::Call {
                peer,
                within,
                message,
            } => self.call_peer(peer, within, message),
            Command::Tell(to, message) => {
                if let Some(slot) = self.slot_of(to) {
                    self.tell(slot, || message, leaves, false);
                }
            }
            Command::Send(to, bytes) => self.relay_to(to, &bytes, leaves),
            Command::SendTo(ids, bytes) => {
                for to in ids {
                    self.relay_to(to, &bytes, leaves);
                }
            }
            Command::SendToAll(bytes) => {
                for slot in self.occupied() {
                    self.relay(slot, &bytes, leaves);
                }
            }
            Command::OfferTo(ids, offer) => {
                for to in ids {
                    if let Some(slot) = self.slot_of(to) {
                        self.tell(slot, &*offer, leaves, true);
                    }
                }
            }
            Command::OfferToAll(offer) => {
                for slot in self.occupied() {
                    self.tell(slot, &*offer, leaves, true);
                }
            }
            Command::Shutdown(deadline) => self.shut_down(deadline),
        }
    }

    fn open(&mut self, stream: TcpStream, peer: SocketAddr, admission: Admission) {
        let Some(slot) = self.keep(stream, peer, admission, State::Open) else {
            if admission == Admission::Admitted {
                self.handle.tally().connections.fetch_sub(1, Ordering::Relaxed);
            }
            return;
        };
        if admission == Admission::Refused || self.ends.is_some() {
            self.call(slot, Protocol::refused);
        } else {
            self.call(slot, Protocol::opened);
        }
        self.settle(slot);
    }

    /// Gives a connection its slot and its protocol; `None` if the system cannot watch it.
    pub(super) fn keep(
        &mut self,
        mut stream: TcpStream,
        peer: SocketAddr,
        admission: Admission,
        state: State,
    ) -> Option<usize> {
        let entry = self.slots.vacant_entry();
        let slot = entry.key();
        let interest = match state {
            State::Calling => Interest::READABLE | Interest::WRITABLE,
            _ => Interest::READABLE,
        };
        let registered = self.poll.registry().register(&mut stream, Token(slot), interest);
        if registered.is_err() {
            self.handle.tally().not_accepted.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        self.serial = self.serial.wrapping_add(1);
        entry.insert(Slot {
            protocol: (self.make)(peer),
            connection: Connection::new(stream, peer, self.serial, admission, state),
        });
        Some(slot)
    }

    fn tell(&mut self, slot: usize, message: impl FnOnce() -> P::Message, leaves: Leaves, droppable: bool) {
        if self.has_room(slot, droppable) {
            self.call(slot, |protocol, io| protocol.told(message(), io));
            self.settle_when(slot, leaves);
        }
    }

    fn relay_to(&mut self, to: ConnectionId, bytes: &Shared, leaves: Leaves) {
        if let Some(slot) = self.slot_of(to) {
            self.relay(slot, bytes, leaves);
        }
    }

    fn relay(&mut self, slot: usize, bytes: &Shared, leaves: Leaves) {
        if self.has_room(slot, true) {
            self.call(slot, |protocol, io| protocol.relayed(bytes, io));
            self.settle_when(slot, leaves);
        }
    }

    fn settle_when(&mut self, slot: usize, leaves: Leaves) {
        match leaves {
            Leaves::Now => self.settle(slot),
            Leaves::AtTheEnd => self.settle_later(slot),
        }
    }

    /// Whether a connection can take a message from elsewhere. If its queue is full, the policy decides.
    fn has_room(&mut self, slot: usize, droppable: bool) -> bool {
        let Some(Slot { connection, .. }) = self.slots.get(slot) else {
            return false;
        };
        if !connection.is_open() {
            return false;
        }
        let (queued, limit) = (connection.queued(), self.settings.queue_limit);
        if queued < limit {
            return true;
        }
        match self.settings.when_full {
            WhenFull::Drop if droppable => {
                self.handle.tally().dropped.fetch_add(1, Ordering::Relaxed);
                false
            }
            WhenFull::Pause | WhenFull::Drop if queued < limit.saturating_mul(2) => true,
            _ => {
                self.remove(slot, &Closed::TooSlow { queued });
                false
            }
        }
    }
}
