//! Durable subscriptions to topics: what comes while the subscriber is away waits.
//!
//! Such a subscription is a queue that the topic's messages are put into, and the subscriber its consumer. So it is given
//! out, acknowledged and taken back as a queue is. Only its end is another one: a queue that is full makes publishers
//! wait, and a topic must not wait for somebody who is away. Here the oldest messages give way.

use crate::{Destination, Fault};

/// The durable subscriptions there are.
#[derive(Debug, Default)]
pub(super) struct Durable {
    /// Each one's topic, perhaps with wildcards, and its queue.
    bindings: Vec<(Destination, Destination)>,
}

impl Durable {
    /// From now on what goes to the topic goes into the queue too. Whether that is new.
    pub(super) fn bind(
        &mut self,
        topic: &Destination,
        queue: &Destination,
        limit: usize,
    ) -> Result<bool, Fault> {
        if self.bindings.iter().any(|(_, bound)| bound == queue) {
            return Ok(false);
        }
        if self.bindings.len() >= limit {
            let what = "durable subscriptions";
            return Err(Fault::TooMany { what, limit });
        }
        self.bindings.push((topic.clone(), queue.clone()));
        Ok(true)
    }

    /// No more than what is in it goes into the queue.
    pub(super) fn unbind(&mut self, queue: &Destination) {
        self.bindings.retain(|(_, bound)| bound != queue);
    }

    /// The queues that a message to this topic goes into.
    pub(super) fn queues(&self, topic: &Destination) -> impl Iterator<Item = &Destination> {
        let bindings = self.bindings.iter();
        bindings.filter_map(|(pattern, queue)| pattern.matches(topic).then_some(queue))
    }
}
