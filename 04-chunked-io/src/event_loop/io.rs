//! What a protocol can do, while one of its callbacks runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::connection::{Connection, State};
use super::handle::by_thread;
use super::mailbox::{Command, Offer};
use super::out_queue::OutQueue;
use super::timers::Timers;
use super::{ConnectionId, Handle, Shared};

/// One connection, in the hands of its [`Protocol`](super::Protocol).
///
/// All that is said in one callback leaves together, in one write, when the callback returns.
pub struct Io<'a, M> {
    pub(super) id: ConnectionId,
    pub(super) now: Instant,
    pub(super) connection: &'a mut Connection,
    pub(super) said: Said<'a>,
    pub(super) timers: &'a mut Timers,
    /// Commands for this very thread: they need no lock.
    pub(super) inbox: &'a mut Vec<Command<M>>,
    pub(super) handle: &'a Handle<M>,
}

/// Where the bytes go that a protocol says.
pub(super) enum Said<'a> {
    ToPeer(&'a mut OutQueue),
    ToLayer(&'a mut Vec<u8>, usize),
}

impl<M> Io<'_, M> {
    /// Says `bytes` to the peer. They are copied.
    pub fn send(&mut self, bytes: &[u8]) {
        match &mut self.said {
            Said::ToPeer(queue) => queue.push(bytes),
            Said::ToLayer(layer, _) => layer.extend_from_slice(bytes),
        }
    }

    /// Says `bytes` and leaves the vector empty. Its storage is taken and other storage given for it, so that a protocol
    /// that collects its words in a vector of its own pays for no copy.
    pub fn send_vec(&mut self, bytes: &mut Vec<u8>) {
        match &mut self.said {
            Said::ToPeer(queue) => queue.push_vec(bytes),
            Said::ToLayer(layer, _) => layer.append(bytes),
        }
    }

    /// Says bytes that are dropped, on this thread, when they have left: whoever lends them can use their storage again.
    pub fn send_lent(&mut self, bytes: impl AsRef<[u8]> + 'static) {
        match &mut self.said {
            Said::ToPeer(queue) => queue.push_lent(bytes),
            Said::ToLayer(layer, _) => layer.extend_from_slice(bytes.as_ref()),
        }
    }

    /// Says bytes that others may be sending, too. They are not copied, unless they are few.
    pub fn send_shared(&mut self, bytes: &Shared) {
        match &mut self.said {
            Said::ToPeer(queue) => queue.push_shared(bytes),
            Said::ToLayer(layer, _) => layer.extend_from_slice(bytes),
        }
    }

    /// How many bytes have been said and not left yet.
    #[must_use]
    pub fn queued(&self) -> usize {
        match &self.said {
            Said::ToPeer(queue) => self.connection.queued() + queue.len(),
            Said::ToLayer(layer, below) => below + layer.len(),
        }
    }

    /// Calls [`drained`](super::Protocol::drained), once, when all that was said has left. A protocol that sends a
    /// file says a few pieces, asks for this, and says the next ones then.
    pub fn tell_when_drained(&mut self) {
        self.connection.wants_drained = true;
    }

    /// Calls [`timer`](super::Protocol::timer) at this time, and not at the time set before. Cheap: an idle timeout
    /// may be moved with every read.
    pub fn set_timer(&mut self, at: Option<Instant>) {
        let was_set = self.connection.timer.is_some();
        if self.connection.is_open() && (at.is_some() || was_set) {
            let timer = self.connection.timer.get_or_insert_default();
            self.timers.set(self.id, timer, at);
        }
    }

    /// When this turn of the loop began: cheaper than asking the clock, and the same for all that happened in it.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Reads nothing more from the peer, who soon cannot send any more, until [`resume`](Io::resume).
    pub fn pause(&mut self) {
        self.connection.paused = true;
    }

    /// Reads again.
    pub fn resume(&mut self) {
        self.connection.paused = false;
    }

    /// Closes when all that was said has left, this callback's words included. No other callback follows but
    /// [`closed`](super::Protocol::closed); what the peer still sends is thrown away.
    pub fn close(&mut self) {
        self.connection.state = self.connection.state.max(State::Closing);
    }

    /// Drops the connection with a reset, and all that waits.
    pub fn abort(&mut self) {
        self.connection.state = State::Aborted;
    }

    /// Whether [`close`](Io::close) or [`abort`](Io::abort) was called: by the inner protocol, for one that wraps it.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.connection.state > State::Open
    }

    /// This connection's name, for others to send to.
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// The other end's address and port.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.connection.peer
    }

    /// The way to all other connections, also from other threads.
    #[must_use]
    pub fn handle(&self) -> &Handle<M> {
        self.handle
    }

    /// As [`Handle::tell`], and without a lock if the receiver lives on this thread.
    pub fn tell(&mut self, to: ConnectionId, message: M) {
        if to.thread == self.id.thread {
            self.inbox.push(Command::Tell(to, message));
        } else {
            self.handle.tell(to, message);
        }
    }

    /// As [`Handle::send_to`], and without a lock for receivers that live on this thread.
    pub fn send_to(&mut self, to: &[ConnectionId], bytes: &Shared) {
        for (thread, ids) in by_thread(to, self.handle.mailboxes().len()) {
            self.post(thread, Command::SendTo(ids, Shared::clone(bytes)));
        }
    }

    /// As [`Handle::offer_to`], and without a lock for receivers that live on this thread.
    pub fn offer_to(&mut self, to: &[ConnectionId], message: impl Fn() -> M + Send + Sync + 'static) {
        let offer: Offer<M> = Arc::new(message);
        for (thread, ids) in by_thread(to, self.handle.mailboxes().len()) {
            self.post(thread, Command::OfferTo(ids, Arc::clone(&offer)));
        }
    }

    /// To this very thread without a lock.
    fn post(&mut self, thread: u32, command: Command<M>) {
        if thread == self.id.thread {
            self.inbox.push(command);
        } else {
            // It comes back if that thread has ended, and then so have its connections.
            let _ = self.handle.post(thread, command);
        }
    }

    /// The same connection for an inner protocol, whose words go into `plain` and not to the peer. That is how a
    /// layer such as TLS stands between the two: it encrypts what it finds in `plain` and sends that.
    pub fn layer<'b>(&'b mut self, plain: &'b mut Vec<u8>) -> Io<'b, M> {
        let below = self.queued();
        Io {
            id: self.id,
            now: self.now,
            connection: self.connection,
            said: Said::ToLayer(plain, below),
            timers: self.timers,
            inbox: self.inbox,
            handle: self.handle,
        }
    }
}
