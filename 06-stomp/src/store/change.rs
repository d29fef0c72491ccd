//! What happens to messages and to durable subscriptions, as the store sees it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::{Destination, Message};

/// A thing to write down. A queue here may be the one behind a durable subscription.
#[derive(Debug, Clone)]
pub enum Change {
    /// A message has become part of a queue.
    Keep {
        /// Which queue.
        queue: Destination,
        /// The message.
        message: Arc<Message>,
    },
    /// A message of a queue has been dealt with.
    Forget {
        /// Which queue.
        queue: Destination,
        /// The number of the message.
        number: u64,
    },
    /// A queue has given out its messages up to this number.
    Delivered {
        /// Which queue.
        queue: Destination,
        /// The number of the message.
        number: u64,
    },
    /// A queue has ended: nothing waits in it, and nobody for it.
    Ended {
        /// Which queue.
        queue: Destination,
    },
    /// Somebody has made a durable subscription, or has ended it.
    Subscription {
        /// The queue behind it.
        queue: Destination,
        /// Its topic, perhaps with wildcards; `None` if it has ended.
        topic: Option<Destination>,
    },
}

/// Changes that are written together. What has come and gone between two writes leaves no trace.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// By number, which is the order in which a sorted table is filled fastest.
    pub(super) kept: BTreeMap<(u64, Destination), Arc<Message>>,
    pub(super) forgotten: Vec<(u64, Destination)>,
    /// `None` for a queue that has ended.
    pub(super) delivered: HashMap<Destination, Option<u64>>,
    /// Durable subscriptions, and what has become of them.
    pub(super) subscriptions: HashMap<Destination, Option<Destination>>,
    /// How many changes they are.
    pub(super) count: u64,
    /// What the messages take that came with them, in bytes.
    pub(super) bytes: usize,
}

impl Changes {
    pub(super) fn add(&mut self, change: Change) {
        self.count += 1;
        match change {
            Change::Keep { queue, message } => {
                self.bytes += message.size();
                self.kept.insert((message.number, queue), message);
            }
            Change::Forget { queue, number } => {
                let place = (number, queue);
                if self.kept.remove(&place).is_none() {
                    self.forgotten.push(place);
                }
            }
            Change::Delivered { queue, number } => {
                // One that came back goes out again after higher ones.
                let last = self.delivered.entry(queue).or_default();
                *last = (*last).max(Some(number));
            }
            Change::Ended { queue } => {
                self.delivered.insert(queue, None);
            }
            Change::Subscription { queue, topic } => {
                self.subscriptions.insert(queue, topic);
            }
        }
    }

    /// Whether there is nothing that a restart would miss.
    pub(super) fn are_void(&self) -> bool {
        self.kept.is_empty()
            && self.forgotten.is_empty()
            && self.delivered.is_empty()
            && self.subscriptions.is_empty()
    }
}
