//! A message on its way through the broker, and its delivery to one subscription.

use std::sync::{Arc, OnceLock};

use crate::codec::EncodeError;
use crate::codec::encode_body;
use crate::codec::encode_header;
use crate::{Command, Destination, Frame, Headers, Version};

/// Headers of SEND that are for the broker, and headers of MESSAGE that only the broker may say. All others
/// are the user's, and are passed on (STOMP 1.2, "SEND").
const NOT_THE_USERS: [&str; 7] = [
    "destination",
    "transaction",
    "receipt",
    "subscription",
    "message-id",
    "ack",
    "redelivered",
];

/// What was sent to a destination. All who receive it share it.
#[derive(Debug)]
pub struct Message {
    /// Its place among all messages of the broker.
    pub number: u64,
    /// The `message-id`, unique among all messages of all brokers.
    pub id: String,
    /// Where it was sent to.
    pub destination: Destination,
    /// The user's own headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// The part of the MESSAGE frame that is the same for all subscriptions, written once a version.
    shared: [OnceLock<Vec<u8>>; 3],
}

impl Message {
    /// The message in a SEND frame, the broker's `number`th since `epoch`.
    #[must_use]
    pub fn new(epoch: &str, number: u64, destination: Destination, frame: Frame) -> Self {
        let users = |(name, _): &(&str, &str)| !NOT_THE_USERS.contains(name);
        Self {
            number,
            id: format!("{epoch}-{number}"),
            destination,
            headers: frame.headers.iter().filter(users).collect(),
            body: frame.body,
            shared: Default::default(),
        }
    }

    /// About how much memory the message takes, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        const REST: usize = 256;
        self.destination.as_str().len() + self.headers.bytes() + self.body.len() + REST
    }

    /// Everything in the MESSAGE frame that does not depend on who receives it.
    fn shared_part(&self, version: Version) -> &[u8] {
        self.shared[version as usize].get_or_init(|| {
            let mut out = Vec::with_capacity(self.size());
            let ours = [
                ("message-id", self.id.as_str()),
                ("destination", self.destination.as_str()),
            ];
            for (name, value) in ours.into_iter().chain(self.headers.iter()) {
                // A header that an older version has no way to say is left out: to write it raw would let
                // the sender forge headers.
                let _: Result<(), EncodeError> =
                    encode_header(Command::Message, name, value, version, &mut out);
            }
            encode_body(&self.body, &mut out);
            out
        })
    }
}

/// A message on its way to one subscription.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What is delivered.
    pub message: Arc<Message>,
    /// The client's id for the subscription; STOMP 1.0 allows a subscription without.
    pub subscription: Option<Arc<str>>,
    /// The number to acknowledge it by, if it has to be acknowledged.
    pub ack: Option<u64>,
    /// Whether it may have been delivered before.
    pub redelivered: bool,
    /// What the broker wants to be told once it has been written, in bytes: see
    /// [`Broker::written`](crate::Broker::written).
    pub credit: usize,
}

impl Delivery {
    /// Appends the MESSAGE frame to `out`.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) {
        out.extend_from_slice(b"MESSAGE\n");
        let mut header = |name, value: &str| {
            // Ids that the client chose came in this version, so it can say them.
            let _: Result<(), EncodeError> = encode_header(Command::Message, name, value, version, out);
        };
        if let Some(subscription) = &self.subscription {
            header("subscription", subscription);
        }
        if let Some(ack) = self.ack.filter(|_| version >= Version::V1_2) {
            header("ack", &ack.to_string());
        }
        if self.redelivered {
            header("redelivered", "true");
        }
        out.extend_from_slice(self.message.shared_part(version));
    }
}
