//! What is there, for whoever looks after the broker.

use std::collections::BTreeMap;

use serde::Serialize;

pub use super::traffic::Flow;

use super::Broker;
use crate::Destination;

/// Who is interested in a destination, what waits there, and what has come and gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Interest {
    /// How many subscriptions there are.
    pub subscribers: usize,
    /// How many messages wait; for a topic none ever do.
    pub messages: usize,
    /// How many have come, and have been given out.
    #[serde(flatten)]
    pub flow: Flow,
}

/// What a broker holds, and has had to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// Messages that publishers have sent to it since it was started.
    pub received: u64,
    /// What all queues hold, in bytes.
    pub stored: usize,
    /// How many destinations somebody subscribes to, or hold something.
    pub in_use: usize,
    /// The destinations that are counted each by itself: the first of all that were used.
    pub destinations: BTreeMap<String, Interest>,
    /// All others together.
    pub others: Interest,
}

impl Broker {
    /// What there is now.
    #[must_use]
    pub fn overview(&mut self) -> Overview {
        let in_use = self.in_use();
        let mut overview = Overview {
            received: self.traffic.published,
            stored: self.stored,
            in_use: in_use.len(),
            ..Overview::default()
        };
        for (destination, (subscribers, messages)) in in_use {
            let interest = match self.traffic.name(destination.as_str()) {
                Some(name) => overview.destinations.entry(name.to_owned()).or_default(),
                None => &mut overview.others,
            };
            interest.subscribers += subscribers;
            interest.messages += messages;
        }
        for (name, flow) in self.traffic.named() {
            overview.destinations.entry(name.clone()).or_default().flow = flow;
        }
        overview.others.flow = self.traffic.others();
        overview
    }

    /// The subscribers and the messages of each destination that has any.
    fn in_use(&self) -> BTreeMap<Destination, (usize, usize)> {
        let mut in_use: BTreeMap<Destination, (usize, usize)> = BTreeMap::new();
        for subscription in self.subscriptions.values() {
            in_use.entry(subscription.destination.clone()).or_default().0 += 1;
        }
        for (queue, held) in &self.queues {
            in_use.entry(queue.clone()).or_default().1 = held.len();
        }
        in_use
    }

    /// Whether anybody would get a message to this topic.
    #[must_use]
    pub fn is_heard(&self, topic: &Destination) -> bool {
        self.topics.subscribers(topic).next().is_some()
    }
}
