//! A queue: messages that wait for a consumer, and consumers that take turns.
//!
//! The life of a message in it, and who says so:
//!
//! | | where |
//! | --- | --- |
//! | it becomes part of the queue | `Broker::enqueue` |
//! | a consumer gets it, and owes an answer | `Broker::dispatch` |
//! | it comes back: refused, or its consumer is lost | `Broker::put_back` |
//! | it is gone for good: acknowledged | `Broker::settle` |
//! | it is gone for good: given to a consumer with `ack:auto`, who owes no answer | `Broker::dispatch` |

use std::collections::VecDeque;
use std::sync::Arc;

use super::subscription::Key;
use crate::codec::PlainSend;
use crate::{Destination, Message};

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) message: Arc<Message>,
    pub(super) redelivered: bool,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    /// In the order in which they were sent.
    messages: VecDeque<Waiting>,
    /// What they take.
    bytes: usize,
    /// Whoever is in front is next.
    consumers: VecDeque<Key>,
    /// Whether a store knows what it has given out.
    pub(super) is_marked: bool,
}

impl Queue {
    pub(super) fn push(&mut self, waiting: Waiting) {
        self.bytes += waiting.message.size();
        self.messages.push_back(waiting);
    }

    /// Puts a message back where it was: before all that were sent after it.
    pub(super) fn put_back(&mut self, waiting: Waiting) {
        self.bytes += waiting.message.size();
        let place = self
            .messages
            .partition_point(|other| other.message.number < waiting.message.number);
        self.messages.insert(place, waiting);
    }

    pub(super) fn add_consumer(&mut self, key: Key) {
        self.consumers.push_back(key);
    }

    pub(super) fn remove_consumer(&mut self, key: Key) {
        self.consumers.retain(|other| *other != key);
    }

    /// Whose turn it is among the consumers that are `ready`; `None` if no message waits, or nobody for one.
    pub(super) fn turn(&mut self, ready: impl Fn(Key) -> bool) -> Option<Key> {
        if self.messages.is_empty() {
            return None;
        }
        let turn = self.consumers.iter().position(|key| ready(*key))?;
        let key = self.consumers.remove(turn)?;
        self.consumers.push_back(key);
        Some(key)
    }

    /// Takes out the next message.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        let next = self.messages.pop_front()?;
        self.bytes -= next.message.size();
        Some(next)
    }

    pub(super) fn has_one_consumer(&self) -> bool {
        self.consumers.len() == 1
    }

    pub(super) fn has_consumers(&self) -> bool {
        !self.consumers.is_empty()
    }

    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// What its messages take, in bytes.
    pub(super) fn size(&self) -> usize {
        self.bytes
    }

    /// Whether the queue can be forgotten: nothing waits, on either side.
    pub(super) fn is_idle(&self) -> bool {
        self.messages.is_empty() && self.consumers.is_empty()
    }
}

/// Plain messages on their way into a queue: those of one read go in together.
#[derive(Debug)]
pub(super) struct Filling {
    pub(super) queue: Destination,
    pub(super) messages: Vec<Arc<Message>>,
    /// What they take.
    pub(super) bytes: usize,
}

impl Filling {
    pub(super) fn new(queue: Destination) -> Self {
        Self {
            queue,
            messages: Vec::new(),
            bytes: 0,
        }
    }

    pub(super) fn add(&mut self, epoch: &str, number: u64, send: &PlainSend<'_>) {
        let message = Message::plain(epoch, number, self.queue.clone(), send);
        self.bytes += message.size();
        self.messages.push(Arc::new(message));
    }
}
