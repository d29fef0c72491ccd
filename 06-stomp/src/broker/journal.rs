//! The journal: what has to be on the disk before something may be said.
//!
//! The broker notes here what happens to messages that must not be lost. Whoever has the disk takes the notes
//! ([`Broker::take_changes`](super::Broker::take_changes)) and tells when they have been synced
//! ([`Broker::synced`](super::Broker::synced)). Until then the receipts that promise it wait; nothing else does.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::Arc;

use super::{ConnectionId, Replies, Reply};
use crate::destination::Kind;
use crate::store::Change;
use crate::{Destination, Message};

/// With so much that has not been synced, in bytes, publishers are held back: the disk is slower than they are.
const MOST_BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug, Default)]
pub(super) struct Journal {
    /// Whether anybody writes anything down.
    is_kept: bool,
    changes: Vec<Change>,
    /// How many changes there have been, and how many of them are on the disk.
    noted: u64,
    synced: u64,
    /// What the messages take that are not on the disk yet, in bytes.
    bytes: usize,
    /// What is said once so many changes have been synced.
    waiting: VecDeque<(u64, ConnectionId, Reply)>,
    /// How many changes must be synced before a connection may be told that anything is done.
    owed: HashMap<ConnectionId, u64>,
}

impl Journal {
    /// From now on somebody writes everything down.
    pub(super) fn begin(&mut self) {
        self.is_kept = true;
    }

    /// A message has become part of a queue.
    pub(super) fn keep(&mut self, queue: &Destination, message: &Arc<Message>) {
        if self.concerns(queue, message) {
            self.bytes += message.size();
            let (queue, message) = (queue.clone(), Arc::clone(message));
            self.note(Change::Keep { queue, message });
        }
    }

    /// A message of a queue has been dealt with.
    pub(super) fn forget(&mut self, queue: &Destination, message: &Message) {
        if self.concerns(queue, message) {
            let (queue, number) = (queue.clone(), message.number);
            self.note(Change::Forget { queue, number });
        }
    }

    /// A message of a queue has been given to a consumer, who owes an answer.
    pub(super) fn deliver(&mut self, queue: &Destination, message: &Message) {
        if self.concerns(queue, message) {
            let (queue, number) = (queue.clone(), message.number);
            self.note(Change::Delivered { queue, number });
        }
    }

    /// A queue has ended that has given out something that is kept.
    pub(super) fn end(&mut self, queue: &Destination) {
        if self.is_kept {
            let queue = queue.clone();
            self.note(Change::Ended { queue });
        }
    }

    /// The queue is a durable subscription's, to this topic; to none any more if it has ended.
    pub(super) fn subscription(&mut self, queue: &Destination, topic: Option<&Destination>) {
        if self.is_kept {
            let (queue, topic) = (queue.clone(), topic.cloned());
            self.note(Change::Subscription { queue, topic });
        }
    }

    fn concerns(&self, queue: &Destination, message: &Message) -> bool {
        self.is_kept && message.is_persistent && queue.kind() == Kind::Queue
    }

    fn note(&mut self, change: Change) {
        self.noted += 1;
        self.changes.push(change);
    }

    /// How many changes there have been.
    pub(super) fn noted(&self) -> u64 {
        self.noted
    }

    /// Whether a connection waits for the disk.
    pub(super) fn owes(&self, connection: ConnectionId) -> bool {
        self.owed.get(&connection).is_some_and(|owed| *owed > self.synced)
    }

    /// What a connection asked for has been done, and led to all changes since there were `before`.
    pub(super) fn owe(&mut self, connection: ConnectionId, before: u64) {
        if self.noted > before {
            self.owed.insert(connection, self.noted);
        }
    }

    /// Says something, or keeps it until all that it promises is on the disk.
    pub(super) fn say(&mut self, connection: ConnectionId, reply: Reply, replies: &mut Replies) {
        if !self.owes(connection) {
            return replies.push((connection, reply));
        }
        // Its replies stay in order.
        self.owed.insert(connection, self.noted);
        self.waiting.push_back((self.noted, connection, reply));
    }

    /// A connection is gone, and what it was to be told.
    pub(super) fn disconnect(&mut self, connection: ConnectionId) {
        self.owed.remove(&connection);
    }

    /// What is to be written down, in the order in which it happened.
    pub(super) fn take(&mut self) -> Vec<Change> {
        mem::take(&mut self.changes)
    }

    /// So much more is on the disk.
    pub(super) fn synced(&mut self, changes: u64, bytes: usize, replies: &mut Replies) {
        self.synced += changes;
        self.bytes = self.bytes.saturating_sub(bytes);
        while let Some((owed, _, _)) = self.waiting.front()
            && *owed <= self.synced
        {
            let said = self.waiting.pop_front();
            replies.extend(said.map(|(_, connection, reply)| (connection, reply)));
        }
        if self.waiting.is_empty() {
            self.owed.retain(|_, owed| *owed > self.synced);
        }
    }

    /// Whether the disk is too far behind to take more.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > MOST_BYTES
    }

    /// Whether it is so far behind that publishers that wait had better wait on.
    pub(super) fn is_nearly_full(&self) -> bool {
        self.bytes > MOST_BYTES / 2
    }
}
