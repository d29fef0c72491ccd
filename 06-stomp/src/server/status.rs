//! How the broker is: over its own STOMP for the page that shows it, and as text for Prometheus.
//!
//! `/topic/$SYS/status` brings it every second as long as somebody subscribes. `/metrics` says it whenever it is asked.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use chunked_io::c10k::memory;
use serde::Serialize;
use websocket::Resource;

use super::hub::Hub;
use crate::broker::overview::Interest;
use crate::{Command, Destination, Frame};

/// Where the broker says how it is.
const TOPIC: &str = "/topic/$SYS/status";
const INTERVAL: Duration = Duration::from_secs(1);

const HTML: &str = "text/html; charset=utf-8";
/// The format of Prometheus, and its version.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How the broker is at a moment.
#[derive(Debug, Clone, Default, Serialize)]
struct Status {
    /// In seconds.
    uptime: u64,
    connections: usize,
    /// Messages that were sent to the broker since it was started; and those that it gave to subscribers.
    received: u64,
    delivered: u64,
    /// Messages that slow subscribers have missed, and slow subscribers that were sent away.
    dropped: u64,
    disconnected: u64,
    /// What waits for slow readers, and in queues, in bytes.
    waiting: usize,
    stored: usize,
    /// What the process has in use, in bytes; only Linux tells.
    memory: Option<u64>,
    /// How many destinations have a subscriber or a message.
    in_use: usize,
    /// Those that are counted each by itself, and all others together.
    destinations: BTreeMap<String, Interest>,
    others: Interest,
}

impl Status {
    fn of(hub: &Hub, since: Instant) -> Self {
        let counts = hub.counts();
        let (overview, waiting) = hub.overview();
        Self {
            uptime: since.elapsed().as_secs(),
            connections: counts.connections,
            received: overview.received,
            delivered: counts.delivered,
            dropped: counts.dropped,
            disconnected: counts.disconnected,
            waiting,
            stored: overview.stored,
            memory: memory::resident(process::id()),
            in_use: overview.in_use,
            destinations: overview.destinations,
            others: overview.others,
        }
    }
}

/// What the broker has for ordinary GETs. `/metrics` asks for no password, so it is there only if nobody is asked for one,
/// or if it is meant.
pub(super) fn resources(hub: &Arc<Hub>) -> Vec<Resource> {
    let (weak, since) = (Arc::downgrade(hub), Instant::now());
    let metrics = move || {
        weak.upgrade()
            .map_or_else(String::new, |hub| metrics(&Status::of(&hub, since)))
    };
    let mut resources = vec![Resource::new("/status", HTML, include_str!("status.html"))];
    if hub.has_open_metrics {
        resources.push(Resource::made("/metrics", METRICS, metrics));
    }
    resources
}

/// Says how the broker is, again and again, as long as it is there. While nobody listens this costs a look each second.
pub(super) fn announce(hub: &Arc<Hub>) {
    let Ok(topic) = Destination::to_subscribe(TOPIC) else {
        return;
    };
    let (hub, since) = (Arc::downgrade(hub), Instant::now());
    thread::spawn(move || {
        while let Some(hub) = Weak::upgrade(&hub) {
            hub.announce(&topic, || message(&Status::of(&hub, since)));
            drop(hub);
            thread::sleep(INTERVAL);
        }
    });
}

fn message(status: &Status) -> Frame {
    Frame::new(Command::Send)
        .with("destination", TOPIC)
        .with("content-type", "application/json")
        // Numbers and texts can always be written.
        .with_body(serde_json::to_vec(status).unwrap_or_default())
}

/// The same for Prometheus: each name with its unit, what it means, and whether it only ever grows.
fn metrics(status: &Status) -> String {
    let mut text = String::new();
    for (name, help, value) in gauges(status) {
        metric(&mut text, name, "gauge", help, &[(String::new(), value)]);
    }
    for (name, help, value) in counters(status) {
        metric(&mut text, name, "counter", help, &[(String::new(), value)]);
    }
    let mut of_each = |name: &str, kind: &str, help: &str, value: fn(&Interest) -> u64| {
        let named = status
            .destinations
            .iter()
            .map(|(name, found)| (name.as_str(), found));
        // No destination has such a name.
        let others = (status.others != Interest::default()).then_some(("others", &status.others));
        let samples = named
            .chain(others)
            .map(|(name, found)| (label(name), value(found)));
        metric(&mut text, name, kind, help, &samples.collect::<Vec<_>>());
    };
    let help = "Subscriptions to a destination.";
    of_each("stomp_destination_subscribers", "gauge", help, |of| {
        number(of.subscribers)
    });
    let help = "Messages that wait in a destination.";
    of_each("stomp_destination_messages", "gauge", help, |of| {
        number(of.messages)
    });
    let help = "Messages that a destination has got.";
    of_each("stomp_destination_received_total", "counter", help, |of| {
        of.flow.received
    });
    let help = "Messages of a destination given to subscribers, one for each receiver.";
    of_each("stomp_destination_delivered_total", "counter", help, |of| {
        of.flow.delivered
    });
    text
}

fn gauges(status: &Status) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
    let memory = status.memory.map(|memory| {
        let help = "What the process has in use.";
        ("process_resident_memory_bytes", help, memory)
    });
    let gauges = [
        (
            "stomp_connections",
            "Clients that are connected.",
            number(status.connections),
        ),
        (
            "stomp_outbox_bytes",
            "What waits for clients to read it.",
            number(status.waiting),
        ),
        (
            "stomp_queues_bytes",
            "What all queues hold.",
            number(status.stored),
        ),
        (
            "stomp_destinations",
            "Destinations with a subscriber or a message.",
            number(status.in_use),
        ),
        (
            "stomp_uptime_seconds",
            "How long the broker has been running.",
            status.uptime,
        ),
    ];
    gauges.into_iter().chain(memory)
}

fn counters(status: &Status) -> [(&'static str, &'static str, u64); 4] {
    [
        (
            "stomp_messages_received_total",
            "Messages that publishers have sent.",
            status.received,
        ),
        (
            "stomp_messages_delivered_total",
            "Messages given to subscribers, one for each receiver.",
            status.delivered,
        ),
        (
            "stomp_messages_dropped_total",
            "Messages that slow subscribers have missed.",
            status.dropped,
        ),
        (
            "stomp_slow_subscribers_disconnected_total",
            "Subscribers sent away because they read too slowly.",
            status.disconnected,
        ),
    ]
}

/// Writes a metric with its samples, each with its labels.
fn metric(text: &mut String, name: &str, kind: &str, help: &str, samples: &[(String, u64)]) {
    // Into a string nothing fails.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// A label may hold anything, if it is escaped.
fn label(destination: &str) -> String {
    let escaped = destination
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("{{destination=\"{escaped}\"}}")
}
