//! The short way through the broker: from a plain SEND to everyone who is subscribed to its topic.
//!
//! Who receives a topic's messages is looked up once and remembered until somebody subscribes or unsubscribes. Subscribers
//! whose MESSAGE frames are equal form a group, for which each message is written once.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use super::subscription::Subscription;
use super::{ConnectionId, Replies, Reply};
use crate::codec::PlainSend;
use crate::request::AckMode;
use crate::{Fan, Version};

/// So many routes are remembered; a publisher that sends to ever new topics must not fill the memory.
const MOST_ROUTES: usize = 10_000;

/// Subscribers whose MESSAGE frames are equal.
#[derive(Debug)]
struct Group {
    /// How these begin: the command and perhaps the subscription.
    head: Vec<u8>,
    members: Vec<ConnectionId>,
    /// The frames of the present run, and where each ends.
    octets: Vec<u8>,
    ends: Vec<usize>,
}

/// Everyone who receives the messages of one topic.
#[derive(Debug, Default)]
pub(super) struct Route {
    groups: Vec<Group>,
}

impl Route {
    /// The route to these subscriptions. `None` if one of them wants frames that are its own: it acknowledges, or its
    /// id has to be escaped.
    pub(super) fn to<'s>(subscriptions: impl Iterator<Item = &'s Subscription>) -> Option<Self> {
        let mut groups: HashMap<Option<Arc<str>>, Group> = HashMap::new();
        let mut order = Vec::new();
        for subscription in subscriptions {
            let id = subscription.id();
            if subscription.ack != AckMode::Auto || id.as_deref().is_some_and(has_escapes) {
                return None;
            }
            let group = groups.entry(id.clone()).or_insert_with(|| {
                order.push(id.clone());
                Group::new(id.as_deref())
            });
            group.members.push(subscription.connection);
        }
        let groups = order.iter().filter_map(|id| groups.remove(id)).collect();
        Some(Self { groups })
    }
}

/// In some version or other.
fn has_escapes(id: &str) -> bool {
    let mut octets = Vec::with_capacity(id.len());
    crate::escape::escape_into(id, Version::V1_2, &mut octets);
    octets != id.as_bytes()
}

impl Group {
    fn new(id: Option<&str>) -> Self {
        let mut head = b"MESSAGE\n".to_vec();
        if let Some(id) = id {
            head.extend([b"subscription:", id.as_bytes(), b"\n"].concat());
        }
        Self {
            head,
            members: Vec::new(),
            octets: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Gives what the run has brought to all members.
    fn flush(&mut self, replies: &mut Replies) {
        if self.ends.is_empty() {
            return;
        }
        let fan = Arc::new(Fan::new(&self.octets, &self.ends));
        self.octets.clear();
        self.ends.clear();
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
        let tail = &mut self.tail;
        tail.clear();
        // Into memory nothing fails.
        let _ = write!(
            tail,
            "message-id:{epoch}-{number}\ndestination:{}\n",
            send.destination
        );
        for header in send.users() {
            tail.extend_from_slice(header);
        }
        crate::codec::encode_body(send.body, tail);
        for group in &mut route.groups {
            group.octets.extend_from_slice(&group.head);
            group.octets.extend_from_slice(tail);
            group.ends.push(group.octets.len());
        }
    }

    /// Ends the run: what it has brought goes out.
    pub(super) fn flush(&mut self, replies: &mut Replies) {
        if let Some((topic, mut route)) = self.run.take() {
            for group in &mut route.groups {
                group.flush(replies);
            }
            self.routes.insert(topic, Some(route));
        }
    }
}
