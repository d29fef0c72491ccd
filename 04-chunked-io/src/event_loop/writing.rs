//! What a callback has said leaves at once, in one write. Only what the system does not take is kept.

use std::io;

use mio::{Interest, Token};
use tcp_socket::Call;

use super::Protocol;
use super::connection::{Slot, State};
use super::out_queue::{OutQueue, Written};
use super::worker::Worker;

impl<P: Protocol> Worker<P> {
    /// Does what a callback wanted: sends what it said, closes if it closed.
    pub(super) fn settle(&mut self, slot: usize) {
        match self.write_said(slot) {
            Ok(()) => self.go_on(slot),
            Err(error) => self.fail(slot, Call::Send, error),
        }
    }

    /// As [`settle`](Worker::settle), but what was said waits for the end of the turn. More may be on its way to the same
    /// peer, and then all of it leaves in one write.
    pub(super) fn settle_later(&mut self, slot: usize) {
        let Some(Slot { connection, .. }) = self.slots.get_mut(slot) else {
            return;
        };
        if !self.said.is_empty() {
            if connection.queue.is_none() {
                self.unwritten.push(slot);
            }
            connection.keep(&mut self.said);
        }
        self.go_on(slot);
    }

    fn write_said(&mut self, slot: usize) -> io::Result<()> {
        let Some(Slot { connection, .. }) = self.slots.get_mut(slot) else {
            return Ok(());
        };
        if self.said.is_empty() {
            return Ok(());
        }
        if connection.state == State::Aborted {
            self.said.clear();
            return Ok(());
        }
        // What waits already comes first.
        if connection.queue.is_none() && self.said.write_to(&mut connection.stream)? == Written::All {
            return Ok(());
        }
        connection.keep(&mut self.said);
        self.watch_room(slot)
    }

    /// Writes what waits: there is room again, or the turn ends.
    pub(super) fn write_queue(&mut self, slot: usize) {
        let Some(Slot { connection, .. }) = self.slots.get_mut(slot) else {
            return;
        };
        let Some(queue) = &mut connection.queue else {
            return;
        };
        let result = match queue.write_to(&mut connection.stream) {
            Ok(Written::All) => {
                connection.queue = None;
                return self.go_on(slot);
            }
            Ok(Written::Part) => self.watch_room(slot),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            self.fail(slot, Call::Send, error);
        }
    }

    /// Has the system report when there is room. Most connections never need it, and those that do are likely to
    /// need it again, so it stays.
    fn watch_room(&mut self, slot: usize) -> io::Result<()> {
        let connection = &mut self.slots[slot].connection;
        if connection.watches_room {
            return Ok(());
        }
        connection.watches_room = true;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .reregister(&mut connection.stream, Token(slot), interest)
    }

    /// After a callback, and after the queue has emptied: what comes next?
    fn go_on(&mut self, slot: usize) {
        let Some(Slot { connection, .. }) = self.slots.get_mut(slot) else {
            return;
        };
        match connection.state {
            State::Open if connection.wants_look(self.settings.queue_limit) => self.again.push(slot),
            State::Open | State::Calling | State::Finished => {}
            State::Closing => self.closing(slot),
            State::Aborted => self.abort(slot),
        }
    }

    /// Tells the protocol that all has left, if it wants to know.
    pub(super) fn report_drained(&mut self, slot: usize) {
        let Some(Slot { connection, .. }) = self.slots.get_mut(slot) else {
            return;
        };
        if connection.is_drained() {
            connection.wants_drained = false;
            self.call(slot, Protocol::drained);
            self.settle(slot);
        }
    }

    /// Writes the queues that waited for the end of the turn.
    pub(super) fn write_unwritten(&mut self) {
        while let Some(slot) = self.unwritten.pop() {
            self.write_queue(slot);
        }
    }
}

impl super::connection::Connection {
    /// Keeps what was said until it can leave.
    fn keep(&mut self, said: &mut OutQueue) {
        self.queue.get_or_insert_default().append(said);
    }
}
