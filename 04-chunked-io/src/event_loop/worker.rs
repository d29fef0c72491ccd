//! The loop itself: one thread, and all that happens on its connections.

use std::io::{self, ErrorKind};
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Poll, Token};
use slab::Slab;
use tcp_socket::Call;

use super::acceptor::Acceptor;
use super::connection::{Connection, Slot, State};
use super::io::Said;
use super::mailbox::Command;
use super::out_queue::OutQueue;
use super::timers::Timers;
use super::{Closed, ConnectionId, Handle, Io, Protocol, Settings};

/// How many events one question to the system may bring.
const EVENTS_A_TURN: usize = 1024;
/// What events are about: a connection's slot, or one of these.
pub(super) const LISTENER: Token = Token(usize::MAX);
pub(super) const BELL: Token = Token(usize::MAX - 1);

/// Makes the protocol of a connection with that peer.
pub(super) type Make<P> = Arc<dyn Fn(SocketAddr) -> P + Send + Sync>;

/// One thread of the server, with the connections that are its own.
pub(super) struct Worker<P: Protocol> {
    pub(super) thread: u32,
    pub(super) poll: Poll,
    pub(super) make: Make<P>,
    pub(super) settings: Settings,
    pub(super) handle: Handle<P::Message>,
    pub(super) acceptor: Option<Acceptor>,
    pub(super) slots: Slab<Slot<P>>,
    /// How many connections there ever were.
    pub(super) serial: u32,
    /// What one read brings, for whichever connection it is.
    pub(super) buffer: Box<[u8]>,
    /// What one callback says, for whichever connection it is.
    pub(super) said: OutQueue,
    pub(super) timers: Timers,
    /// How many of them are in the tally.
    timers_tallied: usize,
    /// Commands from this thread's own connections.
    pub(super) inbox: Vec<Command<P::Message>>,
    /// Storage for the commands of others, used again and again.
    pub(super) letters: Vec<Command<P::Message>>,
    /// The slots that want another look in the next turn, without an event.
    pub(super) again: Vec<usize>,
    /// The slots whose queues wait to be written at the end of the turn.
    pub(super) unwritten: Vec<usize>,
    /// When the turn began.
    pub(super) now: Instant,
    /// The server ends, at this time at the latest.
    pub(super) ends: Option<Instant>,
}

impl<P: Protocol> Worker<P> {
    pub(super) fn new(
        thread: u32,
        poll: Poll,
        make: Make<P>,
        settings: Settings,
        handle: Handle<P::Message>,
        acceptor: Option<Acceptor>,
    ) -> Self {
        Self {
            thread,
            poll,
            make,
            handle,
            acceptor,
            slots: Slab::new(),
            serial: 0,
            buffer: vec![0; settings.read_buffer.max(1)].into_boxed_slice(),
            settings,
            said: OutQueue::default(),
            timers: Timers::default(),
            timers_tallied: 0,
            inbox: Vec::new(),
            letters: Vec::new(),
            again: Vec::new(),
            unwritten: Vec::new(),
            now: Instant::now(),
            ends: None,
        }
    }

    /// Turns until the server has ended.
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS_A_TURN);
        while !self.is_over() {
            match self.poll.poll(&mut events, self.patience()) {
                Ok(()) => self.turn(&events),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.handle.shutdown(Duration::ZERO);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// One turn of the loop.
    fn turn(&mut self, events: &Events) {
        self.now = Instant::now();
        let mut bell = false;
        for event in events {
            match event.token() {
                BELL => bell = true,
                LISTENER => self.callers_are_there(),
                Token(slot) => self.happened(slot, event),
            }
        }
        self.look_again();
        self.let_callers_in();
        self.run_commands(bell);
        self.fire_timers();
        self.end_in_time();
        self.tally_timers();
    }

    /// How long the system may keep the thread asleep.
    fn patience(&self) -> Option<Duration> {
        let accepts_on = self
            .acceptor
            .as_ref()
            .is_some_and(|acceptor| acceptor.ready && acceptor.rests_until.is_none());
        if accepts_on || !self.again.is_empty() || !self.inbox.is_empty() {
            return Some(Duration::ZERO);
        }
        let rest_ends = self.acceptor.as_ref().and_then(|acceptor| acceptor.rests_until);
        let next = [self.timers.next(), rest_ends, self.ends]
            .into_iter()
            .flatten()
            .min();
        next.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Something has happened on a connection. (Or nothing: an event may be about the one that had the slot before.
    /// So events only say where to look.)
    fn happened(&mut self, slot: usize, event: &Event) {
        if self.is_calling(slot) {
            self.look_for_answer(slot);
            if self.is_calling(slot) {
                return;
            }
        }
        if event.is_writable() {
            self.write_queue(slot);
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            // The end of the stream makes no edge of its own if it came with the last bytes.
            self.read(slot, event.is_read_closed() || event.is_error());
        }
        // A connection that is not read shows its failure in no other way.
        if event.is_error() {
            self.look_for_error(slot);
        }
    }

    fn is_calling(&self, slot: usize) -> bool {
        let slot = self.slots.get(slot);
        slot.is_some_and(|slot| slot.connection.state == State::Calling)
    }

    fn look_for_error(&mut self, slot: usize) {
        let error = self
            .slots
            .get(slot)
            .map(|slot| slot.connection.stream.take_error());
        if let Some(Ok(Some(error))) = error {
            self.fail(slot, Call::Pull, error);
        }
    }

    fn callers_are_there(&mut self) {
        if let Some(acceptor) = &mut self.acceptor {
            acceptor.ready = true;
        }
    }

    fn let_callers_in(&mut self) {
        if let Some(acceptor) = &mut self.acceptor {
            acceptor.let_in(self.now, &self.handle, &mut self.inbox);
        }
    }

    /// Goes on with connections that had more to read than one turn allows, or asked to be told when drained.
    fn look_again(&mut self) {
        for slot in mem::take(&mut self.again) {
            self.report_drained(slot);
            if self.slots.get(slot).is_some_and(|slot| slot.connection.unread) {
                self.read(slot, true);
            }
        }
    }

    fn fire_timers(&mut self) {
        // No more than there are: one that is set to a time gone by must not keep the turn from ending.
        for _ in 0..self.timers.len() {
            let Some((at, id)) = self.timers.pop(self.now) else {
                return;
            };
            let Some(slot) = self.slot_of(id) else {
                self.timers.forget();
                continue;
            };
            let connection = &mut self.slots[slot].connection;
            let Some(timer) = &mut connection.timer else {
                continue;
            };
            if !self.timers.fires(id, timer, at, self.now) {
                continue;
            }
            match connection.state {
                State::Open => {
                    self.call(slot, |protocol, io| protocol.timer(io));
                    self.settle(slot);
                }
                State::Calling => self.remove(slot, &Closed::Unanswered),
                State::Closing | State::Finished | State::Aborted => self.too_late(slot),
            }
        }
    }

    fn tally_timers(&mut self) {
        let (before, count) = (self.timers_tallied, self.timers.len());
        if count != before {
            let tally = &self.handle.tally().timers;
            tally.fetch_add(count, Ordering::Relaxed);
            tally.fetch_sub(before, Ordering::Relaxed);
            self.timers_tallied = count;
        }
    }

    pub(super) fn orphan_timer(&mut self) {
        let Self { timers, slots, .. } = self;
        timers.orphan(|id| {
            slots
                .get(id.slot as usize)
                .is_some_and(|slot| slot.connection.serial == id.serial)
        });
    }

    /// Calls a protocol. What it has said waits in `said` until the connection is [settled](Worker::settle).
    pub(super) fn call(&mut self, slot: usize, callback: impl FnOnce(&mut P, &mut Io<'_, P::Message>)) {
        let Some(Slot { protocol, connection }) = self.slots.get_mut(slot) else {
            return;
        };
        let mut io = Io {
            id: id(self.thread, slot, connection),
            now: self.now,
            connection,
            said: Said::ToPeer(&mut self.said),
            timers: &mut self.timers,
            inbox: &mut self.inbox,
            handle: &self.handle,
        };
        callback(protocol, &mut io);
    }

    /// Where the connection of that name lives, if it still does.
    pub(super) fn slot_of(&self, id: ConnectionId) -> Option<usize> {
        let slot = id.slot as usize;
        let found = self.slots.get(slot)?;
        (found.connection.serial == id.serial).then_some(slot)
    }
}

/// However the thread ends, nobody is left waiting for it: not its mailbox, and after a panic not the other threads.
impl<P: Protocol> Drop for Worker<P> {
    fn drop(&mut self) {
        self.handle.mailboxes()[self.thread as usize].close();
        self.timers = Timers::default();
        self.tally_timers();
        if thread::panicking() {
            self.handle.shutdown(Duration::ZERO);
        }
    }
}

pub(super) fn id(thread: u32, slot: usize, connection: &Connection) -> ConnectionId {
    ConnectionId {
        serial: connection.serial,
        // A process has fewer descriptors than that.
        slot: u32::try_from(slot).unwrap_or(u32::MAX),
        thread,
    }
}
