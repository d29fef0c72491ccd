//! A broker that others wrote, in the place of ours: it keeps the conformance suite honest.
//!
//! All cases meet the same broker then, so each gets destinations of its own; and what ERROR says to people is the
//! broker's own business.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use stomp::LoopbackUrls;

/// What sets one case apart from the others.
#[derive(Debug, Clone)]
pub(crate) struct Theirs {
    name: String,
}

impl Theirs {
    /// The broker whose addresses are in the environment, if they are.
    pub(crate) fn find() -> Option<(LoopbackUrls, Self)> {
        static CASES: AtomicU32 = AtomicU32::new(0);
        let url = |name| std::env::var(name).ok();
        let urls = LoopbackUrls {
            tcp: url("CONFORMANCE_TCP")?,
            web_socket: url("CONFORMANCE_WS")?,
            tls: String::new(),
            web_socket_tls: String::new(),
        };
        let number = CASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("case{}n{number}x", process::id());
        Some((urls, Self { name }))
    }

    /// `/queue/a` becomes this case's own; what is no destination stays none.
    pub(crate) fn named(&self, octets: &[u8]) -> Vec<u8> {
        let mut named = Vec::with_capacity(octets.len());
        for (place, octet) in octets.iter().enumerate() {
            named.push(*octet);
            let begins = [&b"/queue/"[..], b"/topic/"]
                .iter()
                .any(|kind| named.ends_with(kind));
            if begins && octets.get(place + 1).is_some_and(u8::is_ascii_alphanumeric) {
                named.extend_from_slice(self.name.as_bytes());
            }
        }
        named
    }

    /// The frame as it would be with the names that the case has used.
    pub(crate) fn unnamed(&self, frame: &str) -> String {
        frame.replace(&self.name, "")
    }
}

/// Whether a frame has this command and these headers, in any order.
pub(crate) fn is_like(frame: &str, beginning: &str) -> bool {
    let head = frame.split("\n\n").next().unwrap_or_default();
    let mut wanted = beginning.lines();
    head.lines().next() == wanted.next() && wanted.all(|header| head.lines().any(|line| line == header))
}
