//! Temporary queues: where the answers to one connection go.
//!
//! A client subscribes to `/temp-queue/answers` and sends a question with `reply-to:/temp-queue/answers`. Another client may
//! do the same under the same name, so the broker gives each its own queue: whoever reads the question finds in `reply-to`
//! a name that no two connections share. Anyone who has been told this name may send to it; only its owner receives.
//! Nobody else may: a part of the name is made with a key that the broker tells to no one, so who knows one name, or all of
//! his own, cannot work out another.

use std::hash::{BuildHasher, RandomState};

use super::ConnectionId;
use crate::Destination;
use crate::destination::Kind;
use crate::{Frame, Headers};

/// How a broker names temporary queues.
#[derive(Debug, Default)]
pub(super) struct Names {
    key: RandomState,
}

impl Names {
    /// The queue that `owner` means by its own name for it.
    pub(super) fn owned(&self, destination: &Destination, epoch: &str, owner: ConnectionId) -> Destination {
        let (owner, name) = (owner.0, destination.name());
        let secret = self.key.hash_one((owner, name));
        Destination::temp_queue(&format!("{epoch}-{owner}-{secret:016x}-{name}"))
    }
}

/// The frame with its `reply-to` in a form that others can answer to. What leads elsewhere stays as it is.
pub(super) fn with_public_reply(frame: Frame, public: impl Fn(Destination) -> Destination) -> Frame {
    let private = |value: &str| {
        let destination = Destination::to_send(value).ok()?;
        (destination.kind() == Kind::TempQueue).then(|| public(destination))
    };
    let Some(reply_to) = frame.header("reply-to").and_then(private) else {
        return frame;
    };
    let headers = frame.headers.iter().map(|(name, value)| match name {
        "reply-to" => (name, reply_to.as_str()),
        _ => (name, value),
    });
    let headers: Headers = headers.collect();
    Frame { headers, ..frame }
}
