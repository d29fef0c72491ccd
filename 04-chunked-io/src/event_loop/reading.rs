//! Readiness turned into bytes: read once for each event, and hand over what came.

use std::io::{ErrorKind, Read};
use std::mem;

use tcp_socket::Call;

use super::connection::{Slot, State};
use super::out_queue::SHORT_MEANS_BLOCKED;
use super::worker::Worker;
use super::{Closed, Protocol, WhenFull};

/// How often one connection is read before the others get their turn: nobody's flood may starve the rest.
const READS_A_TURN: usize = 4;

impl<P: Protocol> Worker<P> {
    /// Reads what has come. Readiness is reported at its edge, so what is not read now must be remembered.
    /// `to_the_end`: a short read does not mean that nothing is behind it.
    pub(super) fn read(&mut self, slot: usize, to_the_end: bool) {
        let mut buffer = mem::take(&mut self.buffer);
        self.read_into(&mut buffer, slot, to_the_end);
        self.buffer = buffer;
    }

    fn read_into(&mut self, buffer: &mut [u8], slot: usize, to_the_end: bool) {
        for _ in 0..READS_A_TURN {
            if !self.may_read(slot) {
                return;
            }
            let Slot { protocol, connection } = &mut self.slots[slot];
            let room = protocol
                .room()
                .filter(|room| !room.is_empty() && connection.is_open());
            let is_shared = room.is_none();
            let place = room.unwrap_or(buffer);
            let size = place.len();
            match connection.stream.read(place) {
                Ok(0) => return self.peer_finished(slot),
                Ok(count) => {
                    if is_shared {
                        self.received(slot, &mut buffer[..count]);
                    } else {
                        self.call(slot, |protocol, io| protocol.filled(count, io));
                        self.settle(slot);
                    }
                    if count < size && SHORT_MEANS_BLOCKED && !to_the_end {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.fail(slot, Call::Pull, error),
            }
        }
        self.read_later(slot);
    }

    /// Whether a read makes sense now. If it does not but will, that is remembered.
    fn may_read(&mut self, slot: usize) -> bool {
        let Some(slot_) = self.slots.get_mut(slot) else {
            return false;
        };
        let connection = &mut slot_.connection;
        let queued = connection.queued();
        let full = connection.state == State::Open && queued >= self.settings.queue_limit;
        if full && self.settings.when_full == WhenFull::Disconnect {
            self.remove(slot, &Closed::TooSlow { queued });
            return false;
        }
        let waits = full || (connection.paused && connection.state == State::Open);
        connection.unread = waits;
        !waits && !connection.peer_finished
    }

    fn read_later(&mut self, slot: usize) {
        if let Some(slot_) = self.slots.get_mut(slot) {
            slot_.connection.unread = true;
            self.again.push(slot);
        }
    }

    fn received(&mut self, slot: usize, bytes: &mut [u8]) {
        // What comes after the end is thrown away.
        if self.slots[slot].connection.state == State::Open {
            self.call(slot, |protocol, io| protocol.received(bytes, io));
            self.settle(slot);
        }
    }

    fn peer_finished(&mut self, slot: usize) {
        let connection = &mut self.slots[slot].connection;
        connection.peer_finished = true;
        match connection.state {
            State::Open => {
                self.call(slot, Protocol::peer_finished);
                self.settle(slot);
            }
            State::Calling | State::Closing | State::Aborted => {}
            State::Finished => self.remove(slot, &Closed::Done),
        }
    }
}
