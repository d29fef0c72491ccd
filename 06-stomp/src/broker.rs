//! The broker: the one owner of all destinations.
//!
//! [`Session`](crate::Session)s know what their client wants, and nothing of each other; here they meet. Orders
//! come in, replies for any connection go out, one after the other, so there is nothing to lock and no race
//! to think about. Like a session the broker owns no socket, thread or clock.
//!
//! A topic forgets a message once it has been delivered. A queue keeps it until a consumer has taken it, and
//! takes it back, marked `redelivered:true`, if the consumer refuses it (NACK), unsubscribes or is lost.

mod batch;
mod durable;
mod fan_out;
mod journal;
pub mod overview;
mod queue;
mod subscription;
mod temp_queue;
mod topics;
mod traffic;

use std::collections::HashMap;
use std::sync::Arc;

use crate::codec::PlainSend;
use crate::destination::Kind;
use crate::request::{AckMode, DeliveryName, Order, Reply, Request, SubscriptionName};
use crate::store::{Change, Contents};
use crate::{Destination, Fault, Frame, Limits, Message};
use durable::Durable;
use fan_out::{FanOut, Route};
use journal::Journal;
use queue::{Filling, Queue, Waiting};
use subscription::{Key, Outstanding, Subscription};
use topics::Topics;
use traffic::Traffic;

/// A number that the owner of the sockets gives each connection, never twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// What the broker has to say, and to whom, in order.
pub type Replies = Vec<(ConnectionId, Reply)>;

/// What a publisher waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The disk is behind with what it has to take.
    ForDisk,
    /// The queues are nearly full.
    ForRoom,
}

/// The settings of a broker.
#[derive(Debug, Clone)]
pub struct BrokerOptions {
    /// The beginning of every `message-id`. A broker that was restarted needs another one, or its
    /// ids would name two messages.
    pub epoch: String,
    /// What a connection may ask for.
    pub limits: Limits,
    /// The most that all queues together hold, in bytes.
    pub stored_bytes: usize,
    /// A queue gives no more to a connection while this much, in bytes, has not been written to it.
    pub window_bytes: usize,
}

impl Default for BrokerOptions {
    fn default() -> Self {
        Self {
            epoch: "m".to_owned(),
            limits: Limits::default(),
            stored_bytes: 64 * 1024 * 1024,
            window_bytes: 1024 * 1024,
        }
    }
}

/// What the broker knows of a connection.
#[derive(Debug, Default)]
struct Connection {
    /// In the order of their making.
    subscriptions: Vec<Key>,
    /// What queues have given it and has not been written yet, in bytes.
    unwritten: usize,
}

/// The one owner of all destinations.
#[derive(Debug)]
pub struct Broker {
    options: BrokerOptions,
    connections: HashMap<ConnectionId, Connection>,
    /// Boxed: a table has room for more than there are, and that room is to be small.
    subscriptions: HashMap<Key, Box<Subscription>>,
    topics: Topics,
    fan_out: FanOut,
    durable: Durable,
    queues: HashMap<Destination, Queue>,
    temp_queues: temp_queue::Names,
    /// What is on its way into a queue.
    filling: Option<Filling>,
    journal: Journal,
    traffic: Traffic,
    /// What all queues hold, in bytes.
    stored: usize,
    last_message: u64,
    last_delivery: u64,
    last_key: Key,
}

impl Broker {
    /// A broker without messages and subscriptions.
    #[must_use]
    pub fn new(options: BrokerOptions) -> Self {
        Self {
            options,
            connections: HashMap::new(),
            subscriptions: HashMap::new(),
            topics: Topics::default(),
            fan_out: FanOut::default(),
            durable: Durable::default(),
            queues: HashMap::new(),
            temp_queues: temp_queue::Names::default(),
            filling: None,
            journal: Journal::default(),
            traffic: Traffic::default(),
            stored: 0,
            last_message: 0,
            last_delivery: 0,
            last_key: 0,
        }
    }

    /// Goes on where a broker before it ended, and from now on asks to have written down what becomes of persistent messages:
    /// see [`take_changes`](Broker::take_changes).
    pub fn recover(&mut self, contents: Contents) {
        self.journal.begin();
        self.last_message = self.last_message.max(contents.last_number);
        for (queue, topic) in contents.subscriptions {
            self.durable.bind(topic, queue);
        }
        for kept in contents.messages {
            if self.has_ended(&kept.queue) {
                self.journal.forget(&kept.queue, &kept.message);
                continue;
            }
            self.stored += kept.message.size();
            let queue = self.queue(kept.queue);
            queue.is_marked |= kept.was_delivered;
            queue.push(Waiting {
                message: kept.message,
                redelivered: kept.was_delivered,
            });
        }
    }

    /// What has to be written down, all of it or nothing, and in this order. Receipts that promise it wait until
    /// [`synced`](Broker::synced) says that it is safe.
    #[must_use]
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.journal.take()
    }

    /// So many more of the changes are on the disk, and with them messages of this size, in bytes.
    pub fn synced(&mut self, changes: u64, bytes: usize, replies: &mut Replies) {
        self.journal.synced(changes, bytes, replies);
    }

    /// Whether a connection waits to be told that something is on the disk.
    #[must_use]
    pub fn owes(&self, connection: ConnectionId) -> bool {
        self.journal.owes(connection)
    }

    /// Publishes a plain SEND. What it makes the broker say waits for the next [flush](Broker::flush), because more of the
    /// same may follow. False if it has to go the long way: as an order.
    pub fn publish(&mut self, send: &PlainSend<'_>, replies: &mut Replies) -> bool {
        if let Some(filling) = self.filling.as_ref()
            && filling.queue.as_str() == send.destination
        {
            return self.fill(filling.queue.clone(), send);
        }
        if !self.fan_out.runs_to(send.destination) {
            self.flush(replies);
            if let Some(queue) = Destination::queue(send.destination) {
                return self.fill(queue, send);
            }
            let has_route = self.fan_out.begin(send.destination).unwrap_or_else(|| {
                let route = self.route(send.destination);
                self.fan_out.learn(send.destination, route);
                self.fan_out.begin(send.destination).unwrap_or_default()
            });
            if !has_route {
                return false;
            }
        }
        self.last_message += 1;
        self.fan_out.add(&self.options.epoch, self.last_message, send);
        true
    }

    /// Says what was [published](Broker::publish).
    pub fn flush(&mut self, replies: &mut Replies) {
        self.fan_out.flush(&mut self.traffic, replies);
        if let Some(Filling { queue, messages, .. }) = self.filling.take() {
            self.traffic.publish(queue.as_str(), messages.len());
            self.enqueue(&queue, messages);
            self.dispatch(&queue, replies);
        }
    }

    /// Takes a plain message for a queue, which gets it at the next flush.
    fn fill(&mut self, queue: Destination, send: &PlainSend<'_>) -> bool {
        let under_way = self.filling.as_ref().map_or(0, |filling| filling.bytes);
        let limit = self.options.stored_bytes;
        // The long way knows who has to wait for room.
        if self.stored + under_way + send.body.len() > limit / 4 * 3 || self.journal.is_full() {
            return false;
        }
        self.last_message += 1;
        let filling = self.filling.get_or_insert_with(|| Filling::new(queue));
        filling.add(&self.options.epoch, self.last_message, send);
        true
    }

    /// The short way to a destination, if there is one.
    fn route(&self, destination: &str) -> Option<Route> {
        let destination = Destination::to_send(destination).ok()?;
        if destination.kind() != Kind::Topic || self.durable.queues(&destination).next().is_some() {
            return None;
        }
        let keys = self.topics.subscribers(&destination);
        Route::to(keys.filter_map(|key| self.subscriptions.get(&key).map(Box::as_ref)))
    }

    /// What a connection has to wait for before its request can be done, if anything. One that could never be done is not
    /// held back: it gets an answer.
    #[must_use]
    pub fn wait_before(&self, connection: ConnectionId, request: &Request) -> Option<Wait> {
        let size = match request {
            // A topic waits for nobody; only what it writes down must not be more than the disk can take.
            Request::Send { destination, .. } if destination.kind() == Kind::Topic => {
                let is_kept = || self.durable.queues(destination).next().is_some();
                return (self.journal.is_full() && is_kept()).then_some(Wait::ForDisk);
            }
            Request::Send { frame, .. } => frame.body.len(),
            Request::Commit(requests) => requests.iter().map(Request::size).sum(),
            _ => return None,
        };
        let limit = self.options.stored_bytes;
        if size > limit || self.would_wait_for_itself(connection, request) {
            return None;
        }
        if self.journal.is_full() {
            return Some(Wait::ForDisk);
        }
        let fits = self.stored <= self.room_for(connection) && self.stored + size <= limit;
        (!fits).then_some(Wait::ForRoom)
    }

    /// Whether a connection that was held back may go on.
    #[must_use]
    pub fn is_over(&self, wait: Wait, connection: ConnectionId) -> bool {
        match wait {
            Wait::ForDisk => !self.journal.is_nearly_full(),
            Wait::ForRoom => self.stored + self.options.stored_bytes / 8 <= self.room_for(connection),
        }
    }

    /// How full the queues may be for a connection to send more. The last quarter is for those who owe an answer: to hold
    /// them back would hold back their ACK too, and with it perhaps the very thing that makes room.
    fn room_for(&self, connection: ConnectionId) -> usize {
        let limit = self.options.stored_bytes;
        let owes = self.subscriptions_of(connection).any(Subscription::owes_answer);
        if owes { limit } else { limit / 4 * 3 }
    }

    /// Whether only an ACK of this very connection can make room in the queue that it sends to.
    fn would_wait_for_itself(&self, connection: ConnectionId, request: &Request) -> bool {
        match request {
            Request::Send { destination, .. } => self
                .subscriptions_of(connection)
                .any(|own| own.destination == *destination && own.owes_answer()),
            Request::Commit(requests) => requests
                .iter()
                .any(|request| self.would_wait_for_itself(connection, request)),
            _ => false,
        }
    }

    fn subscriptions_of(&self, connection: ConnectionId) -> impl Iterator<Item = &Subscription> {
        let known = self.connections.get(&connection).into_iter();
        let keys = known.flat_map(|known| &known.subscriptions);
        keys.filter_map(|key| self.subscriptions.get(key).map(Box::as_ref))
    }

    /// Does what a connection asks, and adds to `replies` what is to be said to whom.
    pub fn handle(&mut self, connection: ConnectionId, order: Order, replies: &mut Replies) {
        self.flush(replies);
        let Order { request, receipt } = order;
        let leaving = request == Request::Disconnect;
        // Whoever leaves is told when all is done that it has ever sent, and plain messages are noted under nobody's name.
        let before = if leaving { 0 } else { self.journal.noted() };
        if let Err(fault) = self.request(connection, request, replies) {
            replies.push((connection, Reply::Fault { fault, receipt }));
            return;
        }
        // Only now: a receipt says that the work is done.
        self.journal.owe(connection, before);
        if let Some(receipt) = receipt {
            self.journal.say(connection, Reply::Receipt(receipt), replies);
        }
        if leaving {
            self.journal.say(connection, Reply::Goodbye, replies);
        }
    }

    /// A connection is gone: its subscriptions end, and what it has not acknowledged goes to others.
    pub fn disconnect(&mut self, connection: ConnectionId, replies: &mut Replies) {
        self.journal.disconnect(connection);
        self.leave(connection, replies);
    }

    fn leave(&mut self, connection: ConnectionId, replies: &mut Replies) {
        self.flush(replies);
        let Some(known) = self.connections.remove(&connection) else {
            return;
        };
        for key in known.subscriptions {
            self.end_subscription(key, replies);
        }
    }

    /// This many bytes of [credit](crate::Delivery::credit) have been written to a connection: there is room for more.
    pub fn written(&mut self, connection: ConnectionId, credit: usize, replies: &mut Replies) {
        let Some(known) = self.connections.get_mut(&connection) else {
            return;
        };
        let was_full = known.unwritten >= self.options.window_bytes;
        known.unwritten = known.unwritten.saturating_sub(credit);
        if !was_full {
            return;
        }
        for key in known.subscriptions.clone() {
            self.dispatch_to(key, replies);
        }
    }

    fn request(
        &mut self,
        connection: ConnectionId,
        request: Request,
        replies: &mut Replies,
    ) -> Result<(), Fault> {
        match request {
            Request::Send { destination, frame } => {
                if destination.kind() != Kind::Topic {
                    self.check_room(frame.body.len())?;
                }
                let destination = self.target(connection, destination)?;
                self.send(connection, destination, frame, replies);
                Ok(())
            }
            Request::Subscribe {
                name,
                destination,
                ack,
                durable,
            } => self.subscribe(connection, name, (destination, durable), ack, replies),
            Request::Unsubscribe { name, for_good } => {
                let queue = self.unsubscribe(connection, name, replies)?;
                if for_good {
                    self.end_durable(&queue);
                }
                Ok(())
            }
            Request::Settle { delivery, accepted } => {
                let found = self.find_outstanding(connection, &delivery)?;
                self.settle(found, accepted, replies);
                Ok(())
            }
            Request::Commit(requests) => self.commit(connection, requests, replies),
            Request::Disconnect => {
                self.leave(connection, replies);
                Ok(())
            }
            Request::Nothing => Ok(()),
        }
    }

    /// Whether the queues have room for a body of this length.
    fn check_room(&self, length: usize) -> Result<(), Fault> {
        let limit = self.options.stored_bytes;
        if self.stored + length > limit {
            return Err(Fault::QueuesFull { limit });
        }
        Ok(())
    }

    /// What a connection means by its own name for a temporary queue.
    fn own_temp_queue(&self, name: &Destination, owner: ConnectionId) -> Destination {
        self.temp_queues.owned(name, &self.options.epoch, owner)
    }

    /// The destination that a client means: its own temporary queues have longer names here.
    fn target(&self, connection: ConnectionId, destination: Destination) -> Result<Destination, Fault> {
        if destination.kind() != Kind::TempQueue || self.queues.contains_key(&destination) {
            return Ok(destination);
        }
        let owned = self.own_temp_queue(&destination, connection);
        if !self.queues.contains_key(&owned) {
            let name = destination.to_string();
            return Err(Fault::NoTempQueue { name });
        }
        Ok(owned)
    }

    fn send(
        &mut self,
        connection: ConnectionId,
        destination: Destination,
        frame: Frame,
        replies: &mut Replies,
    ) {
        let frame = temp_queue::with_public_reply(frame, |reply_to| {
            // One that is known already was made public by whoever owns it.
            let owned = self.own_temp_queue(&reply_to, connection);
            self.target(connection, reply_to).unwrap_or(owned)
        });
        // The broker's own do not count.
        if !destination.is_system() {
            self.traffic.publish(destination.as_str(), 1);
        }
        self.last_message += 1;
        let number = self.last_message;
        let message = Arc::new(Message::new(&self.options.epoch, number, destination, frame));
        match message.destination.kind() {
            Kind::Topic => {
                self.fan_out(&message, replies);
                self.collect(&message, replies);
            }
            Kind::Queue | Kind::TempQueue => {
                let queue = message.destination.clone();
                self.enqueue(&queue, [message]);
                self.dispatch(&queue, replies);
            }
        }
    }

    /// Messages become part of their queue: from here on the broker owes them to somebody.
    fn enqueue(&mut self, queue: &Destination, messages: impl IntoIterator<Item = Arc<Message>>) {
        let held = self.queues.entry(queue.clone()).or_default();
        for message in messages {
            self.stored += message.size();
            self.journal.keep(queue, &message);
            held.push(Waiting {
                message,
                redelivered: false,
            });
        }
    }

    /// The queue of this name; a new one if there is none.
    fn queue(&mut self, name: Destination) -> &mut Queue {
        self.queues.entry(name).or_default()
    }

    /// Gives a message to everyone who is subscribed to its topic.
    fn fan_out(&mut self, message: &Arc<Message>, replies: &mut Replies) {
        let mut delivered = 0;
        for key in self.topics.subscribers(&message.destination) {
            let Some(subscription) = self.subscriptions.get_mut(&key) else {
                continue;
            };
            let limit = self.options.limits.unacknowledged;
            let reply = if subscription.outstanding.len() >= limit {
                let what = "unacknowledged messages";
                Reply::Fault {
                    fault: Fault::TooMany { what, limit },
                    receipt: None,
                }
            } else {
                let delivery = subscription.deliver(message, &mut self.last_delivery, false, 0);
                delivered += 1;
                Reply::Message(delivery)
            };
            replies.push((subscription.connection, reply));
        }
        self.traffic.deliver(message.destination.as_str(), delivered);
    }

    /// Gives the messages of a queue to its consumers in turn, as long as one is ready for more.
    fn dispatch(&mut self, name: &Destination, replies: &mut Replies) {
        let Some(queue) = self.queues.get_mut(name) else {
            return;
        };
        let (limits, window) = (&self.options.limits, self.options.window_bytes);
        let is_ready = |subscription: &Subscription, connection: &Connection| {
            subscription.outstanding.len() < limits.unacknowledged && connection.unwritten < window
        };
        // A consumer alone takes all that it can at once.
        let turn_length = if queue.has_one_consumer() { usize::MAX } else { 1 };
        let (mut served, before) = (Vec::new(), queue.len());
        while let Some(key) = queue.turn(|key| {
            let subscription = self.subscriptions.get(&key);
            let connection = subscription.and_then(|found| self.connections.get(&found.connection));
            subscription
                .zip(connection)
                .is_some_and(|(found, its)| is_ready(found, its))
        }) {
            let Some(subscription) = self.subscriptions.get_mut(&key) else {
                break;
            };
            let Some(connection) = self.connections.get_mut(&subscription.connection) else {
                break;
            };
            if subscription.is_flushed() {
                served.push(key);
            }
            for _ in 0..turn_length {
                let ready = is_ready(subscription, connection);
                let Some(waiting) = ready.then(|| queue.pop()).flatten() else {
                    break;
                };
                self.stored -= waiting.message.size();
                connection.unwritten += subscription.take(&waiting, &mut self.last_delivery, replies);
                match subscription.ack {
                    AckMode::Auto => self.journal.forget(name, &waiting.message),
                    _ if waiting.redelivered => {}
                    _ => {
                        queue.is_marked |= waiting.message.is_persistent;
                        self.journal.deliver(name, &waiting.message);
                    }
                }
            }
        }
        self.traffic.deliver(name.as_str(), before - queue.len());
        self.end_if_idle(name);
        for key in served {
            if let Some(subscription) = self.subscriptions.get_mut(&key) {
                subscription.flush(replies);
            }
        }
    }

    /// Forgets a queue that nothing waits in, and nobody for.
    fn end_if_idle(&mut self, name: &Destination) {
        if self.queues.get(name).is_some_and(Queue::is_idle)
            && let Some(queue) = self.queues.remove(name)
            && queue.is_marked
        {
            self.journal.end(name);
        }
    }

    /// Gives more to a subscription, if it is one to a queue.
    fn dispatch_to(&mut self, key: Key, replies: &mut Replies) {
        if let Some(subscription) = self.subscriptions.get(&key)
            && subscription.destination.kind() != Kind::Topic
        {
            let queue = subscription.destination.clone();
            self.dispatch(&queue, replies);
        }
    }

    fn subscribe(
        &mut self,
        connection: ConnectionId,
        name: SubscriptionName,
        (destination, durable): (Destination, Option<Destination>),
        ack: AckMode,
        replies: &mut Replies,
    ) -> Result<(), Fault> {
        let destination = match destination.kind() {
            Kind::TempQueue => self.own_temp_queue(&destination, connection),
            Kind::Topic | Kind::Queue => destination,
        };
        if self.subscriptions_of(connection).any(|known| known.name == name) {
            let name = name.to_string();
            return Err(Fault::SubscriptionExists { name });
        }
        let limit = self.options.limits.subscriptions;
        if self.subscriptions_of(connection).count() >= limit {
            let what = "subscriptions";
            return Err(Fault::TooMany { what, limit });
        }
        let destination = match durable {
            Some(queue) => {
                self.begin_durable(&destination, &queue)?;
                queue
            }
            None => destination,
        };
        self.last_key += 1;
        let key = self.last_key;
        let known = self.connections.entry(connection).or_default();
        known.subscriptions.push(key);
        let destination = match destination.kind() {
            Kind::Topic => {
                self.fan_out.forget();
                self.topics.add(destination, key)
            }
            Kind::Queue | Kind::TempQueue => {
                self.queue(destination.clone()).add_consumer(key);
                destination
            }
        };
        let subscription = Subscription::new(connection, name, destination, ack);
        self.subscriptions.insert(key, Box::new(subscription));
        self.dispatch_to(key, replies);
        Ok(())
    }

    /// Ends a subscription. Returns what it was to.
    fn unsubscribe(
        &mut self,
        connection: ConnectionId,
        name: SubscriptionName,
        replies: &mut Replies,
    ) -> Result<Destination, Fault> {
        let is_meant = |key: &&Key| {
            self.subscriptions
                .get(key)
                .is_some_and(|known| known.name == name)
        };
        let known = self.connections.get(&connection).into_iter();
        let key = known
            .flat_map(|known| &known.subscriptions)
            .find(is_meant)
            .copied();
        let key = key.ok_or_else(|| Fault::NoSubscription {
            name: name.to_string(),
        })?;
        if let Some(known) = self.connections.get_mut(&connection) {
            known.subscriptions.retain(|other| *other != key);
        }
        let destination = self
            .subscriptions
            .get(&key)
            .map(|known| known.destination.clone());
        self.end_subscription(key, replies);
        destination.ok_or_else(|| Fault::NoSubscription {
            name: name.to_string(),
        })
    }

    /// Takes a subscription out of its destination; what it has not acknowledged goes back to the queue.
    fn end_subscription(&mut self, key: Key, replies: &mut Replies) {
        let Some(subscription) = self.subscriptions.remove(&key) else {
            return;
        };
        match subscription.destination.kind() {
            Kind::Topic => {
                self.fan_out.forget();
                self.topics.remove(&subscription.destination, key);
            }
            Kind::Queue | Kind::TempQueue => {
                let name = &subscription.destination;
                if let Some(queue) = self.queues.get_mut(name) {
                    queue.remove_consumer(key);
                }
                self.put_back(name, subscription.outstanding, replies);
                if subscription.destination.kind() == Kind::TempQueue {
                    self.end_with_consumers(name);
                }
            }
        }
    }

    /// A temporary queue ends with the last subscription to it, and its messages too.
    fn end_with_consumers(&mut self, name: &Destination) {
        if self.queues.get(name).is_some_and(|queue| !queue.has_consumers())
            && let Some(queue) = self.queues.remove(name)
        {
            self.stored -= queue.size();
        }
    }

    /// Whether it is the queue of a durable subscription that has ended. One who listened to it as well may still have
    /// something to give back.
    fn has_ended(&self, queue: &Destination) -> bool {
        queue.is_durable() && !self.durable.has(queue)
    }

    /// Puts messages back into their queue, and gives them out again. A topic has nothing to take them back to.
    fn put_back(
        &mut self,
        name: &Destination,
        refused: impl IntoIterator<Item = Outstanding>,
        replies: &mut Replies,
    ) {
        if name.kind() == Kind::Topic {
            return;
        }
        for Outstanding { message, .. } in refused {
            if self.has_ended(name) {
                self.journal.forget(name, &message);
                continue;
            }
            self.stored += message.size();
            self.queue(name.clone()).put_back(Waiting {
                message,
                redelivered: true,
            });
        }
        self.dispatch(name, replies);
    }

    /// The subscription and the place in it of a message that waits to be acknowledged.
    fn find_outstanding(
        &self,
        connection: ConnectionId,
        delivery: &DeliveryName,
    ) -> Result<(Key, usize), Fault> {
        let known = self.connections.get(&connection);
        let keys = known.into_iter().flat_map(|known| &known.subscriptions);
        let found = keys.copied().find_map(|key| {
            let position = self.subscriptions.get(&key)?.position(delivery)?;
            Some((key, position))
        });
        found.ok_or_else(|| Fault::NoDelivery {
            name: delivery.to_string(),
        })
    }

    /// ACK or NACK. A topic has nothing to take a refused message back to, so there it is dropped.
    fn settle(&mut self, (key, position): (Key, usize), accepted: bool, replies: &mut Replies) {
        let Some(subscription) = self.subscriptions.get_mut(&key) else {
            return;
        };
        let settled = subscription.settle(position);
        if accepted {
            for done in &settled {
                self.journal.forget(&subscription.destination, &done.message);
            }
            self.dispatch_to(key, replies);
        } else {
            let name = subscription.destination.clone();
            self.put_back(&name, settled, replies);
        }
    }

    /// Does everything in a transaction. Nothing is done unless all of it can be.
    fn commit(
        &mut self,
        connection: ConnectionId,
        requests: Vec<Request>,
        replies: &mut Replies,
    ) -> Result<(), Fault> {
        let mut sent = 0;
        for request in &requests {
            match request {
                Request::Settle { delivery, .. } => drop(self.find_outstanding(connection, delivery)?),
                Request::Send { destination, frame } => {
                    self.target(connection, destination.clone())?;
                    sent += frame.body.len();
                }
                _ => {}
            }
        }
        self.check_room(sent)?;
        for request in requests {
            match request {
                // An earlier ACK of the same transaction may have settled this one too.
                Request::Settle { delivery, accepted } => {
                    if let Ok(found) = self.find_outstanding(connection, &delivery) {
                        self.settle(found, accepted, replies);
                    }
                }
                Request::Send { destination, frame } => {
                    let destination = self.target(connection, destination)?;
                    self.send(connection, destination, frame, replies);
                }
                _ => {}
            }
        }
        Ok(())
    }
}
