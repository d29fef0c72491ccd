//! What goes to each destination and from it, counted for whoever looks after the broker.

use std::collections::HashMap;

use serde::Serialize;

use crate::destination::TEMP_QUEUE;

/// So many destinations are counted each by itself, and all later ones together: whoever chooses their names must choose
/// neither our memory nor how much somebody else has to keep of what we tell.
const MOST_NAMES: usize = 1_000;

/// All temporary queues. Each connection makes new ones, and none of them is seen again.
const TEMPORARY: &str = "/temp-queue/*";

/// How many messages, ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// To a destination. A durable subscription gets its topic's.
    pub received: u64,
    /// From it to subscribers, one for each receiver. Slow ones may have missed some of them.
    pub delivered: u64,
}

/// The flow of each destination.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// Messages that publishers have sent, wherever to.
    pub(super) published: u64,
    named: HashMap<String, Flow>,
    others: Flow,
}

impl Traffic {
    /// Publishers have sent so many messages to a destination.
    pub(super) fn publish(&mut self, destination: &str, messages: usize) {
        self.published += count(messages);
        self.receive(destination, messages);
    }

    /// So many messages have got to a destination.
    pub(super) fn receive(&mut self, destination: &str, messages: usize) {
        self.flow(destination).received += count(messages);
    }

    /// So many messages of a destination have been given to subscribers.
    pub(super) fn deliver(&mut self, destination: &str, messages: usize) {
        if messages > 0 {
            self.flow(destination).delivered += count(messages);
        }
    }

    /// The name that a destination is counted under; `None` if it is one of the others.
    pub(super) fn name<'d>(&mut self, destination: &'d str) -> Option<&'d str> {
        let name = match destination.starts_with(TEMP_QUEUE) {
            true => TEMPORARY,
            false => destination,
        };
        let is_known = self.named.contains_key(name);
        if !is_known && self.named.len() < MOST_NAMES {
            self.named.insert(name.to_owned(), Flow::default());
            return Some(name);
        }
        is_known.then_some(name)
    }

    /// Everything that is counted by itself.
    pub(super) fn named(&self) -> impl Iterator<Item = (&String, Flow)> {
        self.named.iter().map(|(name, flow)| (name, *flow))
    }

    /// What all others have in common.
    pub(super) fn others(&self) -> Flow {
        self.others
    }

    fn flow(&mut self, destination: &str) -> &mut Flow {
        let known = self.name(destination).and_then(|name| self.named.get_mut(name));
        known.unwrap_or(&mut self.others)
    }
}

fn count(messages: usize) -> u64 {
    u64::try_from(messages).unwrap_or(u64::MAX)
}
