//! What happens to messages, as the store sees it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::{Destination, Message};

/// A thing to write down.
#[derive(Debug, Clone)]
pub enum Change {
    /// A message has become part of its queue.
    Keep(Arc<Message>),
    /// The message of this number has been dealt with.
    Forget(u64),
    /// A queue has given out its messages up to this number.
    Delivered {
        /// Which queue.
        queue: Destination,
        /// The number of the message.
        number: u64,
    },
}

/// Changes that are written together. What has come and gone between two writes leaves no trace.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// By number, which is the order in which a sorted table is filled fastest.
    pub(super) kept: BTreeMap<u64, Arc<Message>>,
    pub(super) forgotten: Vec<u64>,
    pub(super) delivered: HashMap<Destination, u64>,
    /// How many changes they are.
    pub(super) count: u64,
    /// What the messages take that came with them, in bytes.
    pub(super) bytes: usize,
}

impl Changes {
    pub(super) fn add(&mut self, change: Change) {
        self.count += 1;
        match change {
            Change::Keep(message) => {
                self.bytes += message.size();
                self.kept.insert(message.number, message);
            }
            Change::Forget(number) => {
                if self.kept.remove(&number).is_none() {
                    self.forgotten.push(number);
                }
            }
            Change::Delivered { queue, number } => {
                // One that came back goes out again after higher ones.
                let last = self.delivered.entry(queue).or_default();
                *last = number.max(*last);
            }
        }
    }

    /// Whether there is nothing that a restart would miss: marks alone are worth nothing without messages.
    pub(super) fn are_void(&self) -> bool {
        self.kept.is_empty() && self.forgotten.is_empty() && self.delivered.is_empty()
    }
}
