//! Where all connections meet: the broker under its one lock, and what waits for each connection.
//!
//! A connection takes the lock once for everything that a read has brought. What the broker says to others it puts
//! into their outboxes and wakes them; each takes from its outbox only as much as its socket has room for. So all that
//! waits for a slow client waits here, where it can be counted and bounded:
//!
//! - A *queue* gives a connection no more than a window ([`BrokerOptions::window_bytes`]) and keeps the rest.
//! - A *topic* cannot hold back. First its publishers wait a moment for whoever is behind. Who does not catch
//!   up then keeps nobody waiting any more; when its outbox is full it loses messages or is sent away
//!   ([`SlowSubscriber`]).
//! - A publisher to queues that are nearly full waits until there is room. One that owes acknowledgements itself is read
//!   on for as long as there is room at all: its ACK, which would make room, lies behind its SEND in the same stream.
//!
//! "Wait" means that nothing is read from the publisher's socket: TCP's own flow control tells it.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::ServerOptions;
use super::service::Waker;
use crate::broker::Wait;
use crate::broker::overview::Overview;
use crate::store::{Store, StoreError, Synced, Writer};
use crate::users::gate::Gate;
use crate::{
    Broker, BrokerOptions, ConnectionId, Destination, Fault, Frame, Order, Replies, Reply, Request, Session,
    SessionOptions,
};

/// With this much in an outbox, in bytes, its owner is behind, and publishers wait for it.
const BEHIND: usize = 512 * 1024;

/// In the place of a connection that is being served, if none is. They are counted from 1.
const NOBODY: ConnectionId = ConnectionId(0);

/// What becomes of a subscriber to a topic whose outbox is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SlowSubscriber {
    /// It gets an ERROR that says so, and its connection is closed. It knows then that it has missed something.
    #[default]
    Disconnect,
    /// It misses messages, and never learns which. For prices, positions: what the next message makes old.
    Drop,
}

/// What a broker has had to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections with a session, now.
    pub connections: usize,
    /// Messages that were given to subscribers, one for each receiver.
    pub delivered: u64,
    /// Messages that slow subscribers have missed ([`SlowSubscriber::Drop`]), one for each receiver.
    pub dropped: u64,
    /// Connections that were closed because they read too slowly.
    pub disconnected: u64,
}

/// What the hub keeps for a connection.
struct Link {
    waker: Waker,
    outbox: VecDeque<Reply>,
    /// What is in the outbox, in bytes.
    waiting: usize,
    /// It has been woken, or its socket is full: it will look into its outbox by itself.
    busy: bool,
    /// Its ERROR is in the outbox: nothing may follow.
    is_over: bool,
    /// It has let publishers wait in vain.
    stalled: bool,
    /// The publishers that wait for it.
    awaited_by: Vec<ConnectionId>,
    /// For how many others it waits itself.
    waits_for: usize,
}

/// The broker, and the way to all its connections.
pub(super) struct Hub {
    pub(super) session: Arc<SessionOptions>,
    /// If only users are let in.
    pub(super) gate: Option<Gate>,
    /// Whether everyone who reaches the port may see how the broker is.
    pub(super) has_open_metrics: bool,
    epoch: String,
    inner: Mutex<Inner>,
}

/// What is under the lock.
pub(super) struct Inner {
    broker: Broker,
    /// Whoever writes down what the broker must not forget.
    writer: Option<Writer>,
    /// Why it no longer does.
    failure: Option<StoreError>,
    stop: Vec<Box<dyn Fn() + Send>>,
    /// Boxed: a table has room for more than there are, and that room is to be small.
    links: HashMap<ConnectionId, Box<Link>>,
    replies: Replies,
    last_connection: u64,
    /// What an outbox may hold, in bytes.
    limit: usize,
    slow_subscriber: SlowSubscriber,
    counts: Counts,
    /// Whoever the present batch has put behind.
    behind: Vec<ConnectionId>,
    /// The publishers that wait for room in the queues, or for the disk.
    wait_for_room: Vec<(ConnectionId, Wait)>,
}

impl Hub {
    pub(super) fn new(options: &ServerOptions) -> Self {
        let limit = options.session.limits.queued_bytes;
        let defaults = BrokerOptions::default();
        let broker = Broker::new(BrokerOptions {
            epoch: options.epoch.clone(),
            limits: options.session.limits.clone(),
            stored_bytes: options.stored_bytes,
            // A queue must never fill an outbox.
            window_bytes: defaults.window_bytes.min(limit / 2),
        });
        Self {
            session: Arc::new(SessionOptions {
                users_only: options.users.is_some(),
                ..options.session.clone()
            }),
            gate: options.users.clone().map(Gate::new),
            has_open_metrics: options.users.is_none() || options.open_metrics,
            epoch: options.epoch.clone(),
            inner: Mutex::new(Inner {
                broker,
                writer: None,
                failure: None,
                stop: Vec::new(),
                links: HashMap::new(),
                replies: Replies::new(),
                last_connection: 0,
                limit,
                slow_subscriber: options.slow_subscriber,
                counts: Counts::default(),
                behind: Vec::new(),
                wait_for_room: Vec::new(),
            }),
        }
    }

    /// A thread that panicked while it held the lock has left nothing half done that matters more than going on.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counts(&self) -> Counts {
        let inner = self.lock();
        Counts {
            connections: inner.links.len(),
            ..inner.counts
        }
    }

    /// What the broker holds, and what waits in the outboxes, in bytes.
    pub(super) fn overview(&self) -> (Overview, usize) {
        let mut inner = self.lock();
        let waiting = inner.links.values().map(|link| link.waiting).sum();
        (inner.broker.overview(), waiting)
    }

    /// Publishes what the broker itself has to say, if anybody listens.
    pub(super) fn announce(&self, topic: &Destination, make: impl FnOnce() -> Frame) {
        if !self.lock().broker.is_heard(topic) {
            return;
        }
        let request = Request::Send {
            destination: topic.clone(),
            frame: make(),
        };
        let order = Order {
            request,
            receipt: None,
        };
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.broker.handle(NOBODY, order, &mut inner.replies);
        inner.hand_out(NOBODY);
        // Nobody waits for whoever is behind.
        inner.behind.clear();
    }

    /// Goes on with what a store has kept, and keeps there what must not be lost.
    pub(super) fn keep_in(self: &Arc<Self>, store: &Arc<Store>) -> Result<(), StoreError> {
        let contents = store.load()?;
        let hub = Arc::downgrade(self);
        let tell = move |synced| {
            let Some(hub) = hub.upgrade() else {
                return;
            };
            let mut inner = hub.lock();
            match synced {
                Ok(synced) => inner.synced(synced),
                Err(failure) => {
                    inner.failure = Some(failure);
                    inner.stop.iter().for_each(|stop| stop());
                }
            }
        };
        let mut inner = self.lock();
        inner.broker.recover(contents);
        inner.writer = Some(Writer::start(Arc::clone(store), tell));
        Ok(())
    }

    /// How to stop, should the store fail: then the broker cannot hold what it promises.
    pub(super) fn on_failure(&self, stop: impl Fn() + Send + 'static) {
        let mut inner = self.lock();
        if inner.failure.is_some() {
            stop();
        }
        inner.stop.push(Box::new(stop));
    }

    /// Why the broker had to stop, if it had to.
    pub(super) fn failure(&self) -> Option<StoreError> {
        self.lock().failure.clone()
    }

    /// Puts into an outbox what does not come from the broker.
    pub(super) fn tell(&self, id: ConnectionId, reply: Reply) {
        self.lock().put(id, reply, NOBODY);
    }

    /// A new connection, and its session.
    pub(super) fn join(&self, waker: Waker, now: Instant) -> (ConnectionId, Session) {
        let mut inner = self.lock();
        inner.last_connection += 1;
        let id = ConnectionId(inner.last_connection);
        let link = Link {
            waker,
            outbox: VecDeque::new(),
            waiting: 0,
            busy: false,
            is_over: false,
            stalled: false,
            awaited_by: Vec::new(),
            waits_for: 0,
        };
        inner.links.insert(id, Box::new(link));
        let name = format!("{}-{}", self.epoch, id.0);
        (id, Session::new(name, Arc::clone(&self.session), now))
    }
}

impl Inner {
    /// Does everything that the client has asked for so far. Returns the order that has to wait for room, if one has.
    /// `room`: how much its socket can take, in bytes.
    pub(super) fn serve(
        &mut self,
        id: ConnectionId,
        session: &mut Session,
        mut next: Option<Order>,
        room: usize,
        now: Instant,
    ) -> Option<Order> {
        let mut wait = None;
        let held_back = loop {
            // The short way first: most frames by far are plain messages.
            while next.is_none()
                && let Some(send) = session.plain_send()
                && self.broker.publish(&send, &mut self.replies)
            {
                let length = send.length;
                session.skip(length);
            }
            // Before anything else is looked at: what was said first comes first.
            self.broker.flush(&mut self.replies);
            self.answer(id, session, room);
            let Some(order) = next.take().or_else(|| session.next_order(now)) else {
                break None;
            };
            wait = self.broker.wait_before(id, &order.request);
            if wait.is_some() {
                break Some(order);
            }
            self.broker.handle(id, order, &mut self.replies);
            // If it was at fault, the session takes no more frames.
            self.answer(id, session, room);
        };
        self.hold_publisher(id, wait);
        self.write_down();
        held_back
    }

    /// Gives to the writer what has changed since the last time.
    fn write_down(&mut self) {
        if let Some(writer) = &self.writer {
            let changes = self.broker.take_changes();
            if !changes.is_empty() {
                writer.write(changes);
            }
        }
    }

    /// More of it is on the disk: whoever waits for that is told.
    fn synced(&mut self, synced: Synced) {
        self.broker
            .synced(synced.changes, synced.bytes, &mut self.replies);
        self.hand_out(NOBODY);
        self.release_for_room(NOBODY);
    }

    /// Brings what the broker says to whom it concerns. What it says to the client being served goes to its session at
    /// once, as far as there is room; the rest waits as it does for others, so that a queue's window holds.
    fn answer(&mut self, id: ConnectionId, session: &mut Session, room: usize) {
        self.hand_out(id);
        while self.is_over(id) || session.output_len() < room {
            let mut replies = Vec::new();
            self.take(id, room.max(1), &mut replies);
            if replies.is_empty() {
                return;
            }
            for reply in replies {
                session.deliver(reply);
            }
        }
    }

    /// Whether an ERROR or the end waits in the outbox.
    fn is_over(&self, id: ConnectionId) -> bool {
        self.links.get(&id).is_some_and(|link| link.is_over)
    }

    /// Brings what the broker says to whom it concerns, in the broker's order.
    fn hand_out(&mut self, publisher: ConnectionId) {
        while !self.replies.is_empty() {
            let mut lost = Vec::new();
            let mut replies = mem::take(&mut self.replies);
            for (id, reply) in replies.drain(..) {
                if self.put(id, reply, publisher) {
                    lost.push(id);
                }
            }
            self.replies = replies;
            for id in lost {
                self.broker.disconnect(id, &mut self.replies);
            }
        }
    }

    /// Puts a reply into an outbox, and wakes its owner. Returns whether the owner is lost by that.
    fn put(&mut self, id: ConnectionId, reply: Reply, publisher: ConnectionId) -> bool {
        let Some(link) = self.links.get_mut(&id).filter(|link| !link.is_over) else {
            return false;
        };
        let size = reply.size();
        let mut is_lost = matches!(reply, Reply::Fault { .. } | Reply::Goodbye);
        if link.waiting > 0 && link.waiting + size > self.limit && !is_lost {
            if let (SlowSubscriber::Drop, Some(messages)) = (self.slow_subscriber, droppable(&reply)) {
                self.counts.dropped += messages;
                return false;
            }
            self.counts.disconnected += 1;
            is_lost = true;
            link.outbox.clear();
            let limit = self.limit;
            link.outbox.push_back(Reply::Fault {
                fault: Fault::TooSlow { limit },
                receipt: None,
            });
            // Its socket may be full for good.
            link.busy = false;
        } else {
            self.counts.delivered += u64::try_from(reply.messages()).unwrap_or_default();
            link.outbox.push_back(reply);
            link.waiting += size;
        }
        link.is_over = is_lost;
        if link.waiting > BEHIND && !link.stalled && id != publisher {
            self.behind.push(id);
        }
        if !link.busy && id != publisher {
            link.busy = true;
            (link.waker)();
        }
        is_lost
    }

    /// A publisher that is faster than its subscribers, or has filled the queues, waits.
    fn hold_publisher(&mut self, publisher: ConnectionId, wait: Option<Wait>) {
        let mut behind = mem::take(&mut self.behind);
        behind.sort_unstable();
        behind.dedup();
        let mut waits_for = 0;
        for id in behind.drain(..) {
            if let Some(link) = self.links.get_mut(&id).filter(|link| link.waiting > BEHIND) {
                link.awaited_by.push(publisher);
                waits_for += 1;
            }
        }
        self.behind = behind;
        if let Some(wait) = wait {
            self.wait_for_room.push((publisher, wait));
            waits_for += 1;
        }
        if let Some(link) = self.links.get_mut(&publisher) {
            link.waits_for += waits_for;
        }
    }

    /// Whether a publisher has to wait.
    pub(super) fn must_wait(&self, publisher: ConnectionId) -> bool {
        self.links.get(&publisher).is_some_and(|link| link.waits_for > 0)
    }

    /// A publisher has waited long enough. Those who are still behind keep nobody waiting any more, until they have
    /// caught up. For room in the queues it waits on.
    pub(super) fn wait_no_longer(&mut self, publisher: ConnectionId) {
        let late = self
            .links
            .iter_mut()
            .filter(|(_, link)| link.awaited_by.contains(&publisher));
        let mut released = Vec::new();
        for (_, link) in late {
            link.stalled = true;
            released.append(&mut link.awaited_by);
        }
        self.release(released, publisher);
    }

    fn release(&mut self, publishers: Vec<ConnectionId>, caller: ConnectionId) {
        for id in publishers {
            let Some(link) = self.links.get_mut(&id) else {
                continue;
            };
            link.waits_for = link.waits_for.saturating_sub(1);
            if link.waits_for == 0 && id != caller {
                link.busy = true;
                (link.waker)();
            }
        }
    }

    /// Takes about this many bytes out of an outbox. If it is empty then, its owner has to be woken for more.
    pub(super) fn take(&mut self, id: ConnectionId, bytes: usize, replies: &mut Vec<Reply>) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let (mut taken, mut credit) = (0, 0);
        while taken < bytes
            && let Some(reply) = link.outbox.pop_front()
        {
            taken += reply.size();
            credit += reply.credit();
            replies.push(reply);
        }
        link.waiting = link.waiting.saturating_sub(taken);
        link.busy = !link.outbox.is_empty();
        if !link.busy {
            // Most connections are silent most of the time.
            link.outbox = VecDeque::new();
        }
        link.stalled &= link.busy;
        if link.waiting <= BEHIND / 2 && !link.awaited_by.is_empty() {
            let publishers = mem::take(&mut link.awaited_by);
            self.release(publishers, id);
        }
        if credit > 0 {
            self.broker.written(id, credit, &mut self.replies);
            self.hand_out(id);
        }
        self.release_for_room(id);
        self.write_down();
    }

    /// Publishers that waited for room in the queues go on, if there is enough again.
    fn release_for_room(&mut self, caller: ConnectionId) {
        if self.wait_for_room.is_empty() {
            return;
        }
        let is_over = |(id, wait): &mut (ConnectionId, Wait)| self.broker.is_over(*wait, *id);
        let over = self.wait_for_room.extract_if(.., is_over);
        let publishers = over.map(|(id, _)| id).collect();
        self.release(publishers, caller);
    }

    /// Whether a connection waits to be told that something is on the disk.
    pub(super) fn owes(&self, id: ConnectionId) -> bool {
        self.broker.owes(id)
    }

    /// A connection's socket is full: it will come back by itself when there is room.
    pub(super) fn will_come_back(&mut self, id: ConnectionId) {
        if let Some(link) = self.links.get_mut(&id) {
            link.busy = true;
        }
    }

    /// A connection is over. What it had not acknowledged goes to others.
    pub(super) fn leave(&mut self, id: ConnectionId) {
        if let Some(link) = self.links.remove(&id) {
            self.release(link.awaited_by, id);
            self.wait_for_room.retain(|(waiting, _)| *waiting != id);
            self.broker.disconnect(id, &mut self.replies);
            self.hand_out(id);
            self.write_down();
        }
    }
}

/// How many messages are lost if a reply is left out; `None` if it must not be.
fn droppable(reply: &Reply) -> Option<u64> {
    match reply {
        // A queue's message is the only one there is, and one to be acknowledged is counted already.
        _ if reply.credit() > 0 => None,
        Reply::Fanned(fan) => u64::try_from(fan.ends().len()).ok(),
        Reply::Message(delivery) if delivery.ack.is_none() => Some(1),
        _ => None,
    }
}
