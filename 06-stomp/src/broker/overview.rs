//! What is there, for whoever looks after the broker.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Broker;
use crate::Destination;

/// Who is interested in a destination, and what waits there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Interest {
    /// How many subscriptions there are.
    pub subscribers: usize,
    /// How many messages wait; for a topic none ever do.
    pub messages: usize,
}

/// What a broker holds, and has had to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// Messages that were sent to it, ever.
    pub received: u64,
    /// What all queues hold, in bytes.
    pub stored: usize,
    /// Every destination that somebody subscribes to, or where something waits.
    pub destinations: BTreeMap<String, Interest>,
}

impl Broker {
    /// What there is now.
    #[must_use]
    pub fn overview(&self) -> Overview {
        let mut destinations: BTreeMap<String, Interest> = BTreeMap::new();
        for subscription in self.subscriptions.values() {
            let name = subscription.destination.as_str().to_owned();
            destinations.entry(name).or_default().subscribers += 1;
        }
        for (queue, held) in &self.queues {
            let name = queue.as_str().to_owned();
            destinations.entry(name).or_default().messages = held.len();
        }
        Overview {
            received: self.last_message,
            stored: self.stored,
            destinations,
        }
    }

    /// Whether anybody would get a message to this topic.
    #[must_use]
    pub fn is_heard(&self, topic: &Destination) -> bool {
        self.topics.subscribers(topic).next().is_some()
    }
}
