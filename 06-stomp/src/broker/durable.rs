//! Durable subscriptions to topics: what comes while the subscriber is away waits.
//!
//! Such a subscription is a queue that the topic's messages are put into, and the subscriber its consumer. So it is given
//! out, acknowledged, taken back and written down as a queue is. Only its end is another one: a queue that is full makes
//! publishers wait, and a topic must not wait for somebody who is away. Here the oldest messages give way.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::queue::Waiting;
use super::{Broker, Replies};
use crate::{Destination, Fault, Message};

/// The durable subscriptions there are.
#[derive(Debug, Default)]
pub(super) struct Durable {
    /// Each one's queue, and its topic, perhaps with wildcards.
    topics: BTreeMap<Destination, Destination>,
}

impl Durable {
    /// From now on what goes to the topic goes into the queue too.
    pub(super) fn bind(&mut self, topic: Destination, queue: Destination) {
        self.topics.insert(queue, topic);
    }

    /// Whether there is a subscription with this queue.
    pub(super) fn has(&self, queue: &Destination) -> bool {
        self.topics.contains_key(queue)
    }

    /// The queues that a message to this topic goes into.
    pub(super) fn queues(&self, topic: &Destination) -> impl Iterator<Item = &Destination> {
        let all = self.topics.iter();
        all.filter_map(|(queue, pattern)| pattern.matches(topic).then_some(queue))
    }
}

impl Broker {
    /// Makes a durable subscription, if there is none with this queue yet.
    pub(super) fn begin_durable(&mut self, topic: &Destination, queue: &Destination) -> Result<(), Fault> {
        if self.durable.has(queue) {
            return Ok(());
        }
        let limit = self.options.limits.subscriptions;
        // They outlive their connection: a user who makes too many must leave some for the others.
        let share = limit.div_ceil(10);
        let of_owner = self
            .durable
            .topics
            .keys()
            .filter(|other| other.owner() == queue.owner());
        if queue.owner().is_some() && of_owner.count() >= share {
            let (what, limit) = ("durable subscriptions of one user", share);
            return Err(Fault::TooMany { what, limit });
        }
        if self.durable.topics.len() >= limit {
            let what = "durable subscriptions";
            return Err(Fault::TooMany { what, limit });
        }
        self.fan_out.forget();
        self.durable.bind(topic.clone(), queue.clone());
        self.journal.subscription(queue, Some(topic));
        Ok(())
    }

    /// Ends a durable subscription, if it is one, and forgets what it has collected.
    pub(super) fn end_durable(&mut self, queue: &Destination) {
        if self.durable.has(queue) {
            self.fan_out.forget();
            self.durable.topics.remove(queue);
            self.journal.subscription(queue, None);
            while self.forget_oldest(queue) {}
            self.end_if_idle(queue);
        }
    }

    /// Keeps a message for everyone who has a durable subscription to its topic.
    pub(super) fn collect(&mut self, message: &Arc<Message>, replies: &mut Replies) {
        let queues: Vec<Destination> = self.durable.queues(&message.destination).cloned().collect();
        for queue in queues {
            self.traffic.receive(queue.as_str(), 1);
            self.enqueue(&queue, [Arc::clone(message)]);
            self.dispatch(&queue, replies);
            self.give_way(&queue);
        }
    }

    /// A durable subscription keeps no more than a slow subscriber may have waiting, and all of them no more than half of
    /// what the queues may hold: then the fullest gives way first, so that nobody who is away can crowd out the others.
    fn give_way(&mut self, queue: &Destination) {
        let (most, most_of_all) = (self.options.limits.queued_bytes, self.options.stored_bytes / 2);
        while self.size_of(queue) > most && self.forget_oldest(queue) {}
        // While all queues together hold less, these do too, and nobody has to count.
        while self.stored > most_of_all && self.durable_size() > most_of_all {
            let queues = self.durable.topics.keys();
            let Some(fullest) = queues.max_by_key(|queue| self.size_of(queue)).cloned() else {
                return;
            };
            self.forget_oldest(&fullest);
        }
    }

    /// Whether there was one.
    fn forget_oldest(&mut self, queue: &Destination) -> bool {
        let Some(Waiting { message, .. }) = self.queues.get_mut(queue).and_then(|held| held.pop()) else {
            return false;
        };
        self.stored -= message.size();
        self.journal.forget(queue, &message);
        true
    }

    /// What all durable subscriptions have collected, in bytes.
    fn durable_size(&self) -> usize {
        let queues = self.durable.topics.keys();
        queues.map(|queue| self.size_of(queue)).sum()
    }

    fn size_of(&self, queue: &Destination) -> usize {
        self.queues.get(queue).map_or(0, |held| held.size())
    }
}
