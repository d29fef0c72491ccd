//! The short way through the broker: from a plain SEND to everyone who is subscribed to its topic.
//!
//! Who receives a topic's messages is looked up once and remembered until somebody subscribes or unsubscribes. Subscribers
//! whose MESSAGE frames are equal form a group, for which each message is written once.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use super::batch::{Batch, Frames};
use super::subscription::Subscription;
use super::traffic::Traffic;
use super::{ConnectionId, Replies, Reply};
use crate::codec::PlainSend;
use crate::message::encode_plain;
use crate::request::AckMode;

/// So many routes are remembered; a publisher that sends to ever new topics must not fill the memory.
const MOST_ROUTES: usize = 10_000;

/// So much they may weigh together: those with ten thousand receivers are no longer many.
const MOST_WEIGHT: usize = 4_000_000;

/// What a group weighs, in members: a member takes 8 bytes, a group some 150.
const GROUP_WEIGHT: usize = 20;

/// Groups whose memory is kept for the next run.
const MOST_SPARE: usize = 16;

/// Subscribers whose MESSAGE frames are equal.
#[derive(Debug)]
struct Group {
    /// The frames of the present run.
    batch: Batch,
    members: Vec<ConnectionId>,
}

/// Everyone who receives the messages of one topic.
#[derive(Debug, Default)]
pub(super) struct Route {
    groups: Vec<Group>,
    /// What it takes to remember it, in members.
    weight: usize,
    /// How many messages the present run has brought.
    messages: usize,
}

impl Route {
    /// The route to these subscriptions. `None` if one of them wants frames that are its own: it acknowledges, or its
    /// id has to be escaped.
    pub(super) fn to<'s>(subscriptions: impl Iterator<Item = &'s Subscription>) -> Option<Self> {
        let mut places: HashMap<Option<Arc<str>>, usize> = HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for subscription in subscriptions {
            let id = subscription.id();
            if subscription.ack != AckMode::Auto {
                return None;
            }
            let place = match places.get(&id) {
                Some(place) => *place,
                None => {
                    groups.push(Group {
                        batch: Batch::new(id.as_deref())?,
                        members: Vec::new(),
                    });
                    places.insert(id, groups.len() - 1);
                    groups.len() - 1
                }
            };
            groups[place].members.push(subscription.connection);
        }
        let members: usize = groups.iter().map(|group| group.members.len()).sum();
        Some(Self {
            weight: members + groups.len() * GROUP_WEIGHT,
            groups,
            messages: 0,
        })
    }
}

impl Group {
    /// Gives what the run has brought to all members.
    fn flush(&mut self, replies: &mut Replies) {
        if self.batch.is_empty() {
            return;
        }
        let fan = self.batch.finish();
        let members = self.members.iter();
        replies.extend(members.map(|member| (*member, Reply::Fanned(Arc::clone(&fan)))));
    }
}

/// The routes that are known, and the run under way: messages for one topic that came one after the other.
#[derive(Debug, Default)]
pub(super) struct FanOut {
    routes: HashMap<String, Option<Route>>,
    /// What they weigh together.
    weight: usize,
    run: Option<(String, Route)>,
    /// What all groups of a message write after their heads.
    tail: Vec<u8>,
    /// Memory for frames goes from one run to the next: every route with its own would be a lot.
    spare: Vec<Frames>,
}

impl FanOut {
    /// Somebody came or went, so the routes may lead elsewhere. The run must have been flushed.
    pub(super) fn forget(&mut self) {
        self.run = None;
        self.routes.clear();
        self.weight = 0;
    }

    /// Whether the run goes to this topic.
    pub(super) fn runs_to(&self, topic: &str) -> bool {
        self.run.as_ref().is_some_and(|(running, _)| running == topic)
    }

    /// Begins a run to this topic, if its route is known: whether there is one.
    pub(super) fn begin(&mut self, topic: &str) -> Option<bool> {
        let mut route = self.routes.get_mut(topic)?.take();
        for group in route.iter_mut().flat_map(|route| &mut route.groups) {
            group.batch.borrow(self.spare.pop().unwrap_or_default());
        }
        let has_route = route.is_some();
        self.run = route.map(|route| (topic.to_owned(), route));
        Some(has_route)
    }

    /// Remembers a route.
    pub(super) fn learn(&mut self, topic: &str, route: Option<Route>) {
        let weight = route.as_ref().map_or(0, |route| route.weight);
        if self.routes.len() >= MOST_ROUTES || self.weight + weight > MOST_WEIGHT {
            self.forget();
        }
        self.weight += weight;
        self.routes.insert(topic.to_owned(), route);
    }

    /// Writes one message for each group of the run.
    pub(super) fn add(&mut self, epoch: &str, number: u64, send: &PlainSend<'_>) {
        let Some((_, route)) = &mut self.run else {
            return;
        };
        self.tail.clear();
        encode_plain(epoch, number, send, &mut self.tail);
        route.messages += 1;
        for group in &mut route.groups {
            group.batch.add(&self.tail);
        }
    }

    /// Ends the run: what it has brought goes out.
    pub(super) fn flush(&mut self, traffic: &mut Traffic, replies: &mut Replies) {
        if let Some((topic, mut route)) = self.run.take() {
            let messages = mem::take(&mut route.messages);
            traffic.publish(&topic, messages);
            for group in &mut route.groups {
                traffic.deliver(&topic, messages * group.members.len());
                group.flush(replies);
                let frames = group.batch.lend();
                if self.spare.len() < MOST_SPARE {
                    self.spare.push(frames);
                }
            }
            self.routes.insert(topic, Some(route));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_does_not_grow_with_topics_and_receivers() {
        let mut fan_out = FanOut::default();
        for number in 0..100 {
            let route = Route {
                weight: MOST_WEIGHT / 10,
                ..Route::default()
            };
            fan_out.learn(&number.to_string(), Some(route));
            let routes = fan_out.routes.values().flatten();
            let weight: usize = routes.map(|route| route.weight).sum();
            assert!(weight <= MOST_WEIGHT && weight == fan_out.weight);
            assert_eq!(fan_out.begin(&number.to_string()), Some(true));
            fan_out.flush(&mut Traffic::default(), &mut Replies::new());
        }
    }
}
