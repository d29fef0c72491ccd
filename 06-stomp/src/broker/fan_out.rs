//! The short way through the broker: from a plain SEND to everyone who is subscribed to its topic.
//!
//! Who receives a topic's messages is looked up once and remembered until somebody subscribes or unsubscribes. Subscribers
//! whose MESSAGE frames are equal form a group, for which each message is written once.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use super::batch::Batch;
use super::subscription::Subscription;
use super::traffic::Traffic;
use super::{ConnectionId, Replies, Reply};
use crate::codec::PlainSend;
use crate::message::encode_plain;
use crate::request::AckMode;

/// So many routes are remembered; a publisher that sends to ever new topics must not fill the memory.
const MOST_ROUTES: usize = 10_000;

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
        Some(Self { groups, messages: 0 })
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
    run: Option<(String, Route)>,
    /// What all groups of a message write after their heads.
    tail: Vec<u8>,
}

impl FanOut {
    /// Somebody came or went, so the routes may lead elsewhere. The run must have been flushed.
    pub(super) fn forget(&mut self) {
        self.run = None;
        self.routes.clear();
    }

    /// Whether the run goes to this topic.
    pub(super) fn runs_to(&self, topic: &str) -> bool {
        self.run.as_ref().is_some_and(|(running, _)| running == topic)
    }

    /// Begins a run to this topic, if its route is known: whether there is one.
    pub(super) fn begin(&mut self, topic: &str) -> Option<bool> {
        let route = self.routes.get_mut(topic)?.take();
        let has_route = route.is_some();
        self.run = route.map(|route| (topic.to_owned(), route));
        Some(has_route)
    }

    /// Remembers a route.
    pub(super) fn learn(&mut self, topic: &str, route: Option<Route>) {
        if self.routes.len() >= MOST_ROUTES {
            self.routes.clear();
        }
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
            }
            self.routes.insert(topic, Some(route));
        }
    }
}
