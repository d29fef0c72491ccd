//! A message on its way through the broker, and its delivery to one subscription.

use std::sync::{Arc, OnceLock};

use memchr::memmem;

use crate::codec::{EncodeError, PlainSend, encode_body, encode_header, encode_number};
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
    /// Where it was sent to.
    pub destination: Destination,
    /// Whether it said `persistent:true`: then it outlives the broker in whatever queue it waits.
    pub is_persistent: bool,
    content: Content,
}

/// The part of the MESSAGE frame that is the same for all subscriptions.
#[derive(Debug)]
enum Content {
    /// The same in every version.
    Plain(Vec<u8>),
    /// Not the same, because of a header that has to be escaped; or nobody has looked.
    Any(Box<Parts>),
}

#[derive(Debug)]
struct Parts {
    id: String,
    /// The user's own headers.
    headers: Headers,
    body: Vec<u8>,
    /// Written once a version.
    written: [OnceLock<Vec<u8>>; 3],
}

impl Message {
    /// The message in a SEND frame, the broker's `number`th since `epoch`.
    #[must_use]
    pub fn new(epoch: &str, number: u64, destination: Destination, frame: Frame) -> Self {
        Self::with_id(format!("{epoch}-{number}"), number, destination, frame)
    }

    /// The same with an id that it was given before.
    #[must_use]
    pub(crate) fn with_id(id: String, number: u64, destination: Destination, frame: Frame) -> Self {
        let users = |(name, _): &(&str, &str)| !NOT_THE_USERS.contains(name);
        let says_so = frame.header("persistent") == Some("true");
        let parts = Parts {
            id,
            headers: frame.headers.iter().filter(users).collect(),
            body: frame.body,
            written: Default::default(),
        };
        Self {
            number,
            is_persistent: says_so,
            destination,
            content: Content::Any(Box::new(parts)),
        }
    }

    /// The message in a plain SEND.
    #[must_use]
    pub fn plain(epoch: &str, number: u64, destination: Destination, send: &PlainSend<'_>) -> Self {
        let mut octets = Vec::with_capacity(send.length + 64);
        encode_plain(epoch, number, send, &mut octets);
        let says = send
            .users()
            .iter()
            .find(|header| header.starts_with(b"persistent:"));
        Self {
            number,
            is_persistent: says == Some(&&b"persistent:true\n"[..]),
            destination,
            content: Content::Plain(octets),
        }
    }

    /// The `message-id`, unique among all messages of all brokers.
    #[must_use]
    pub fn id(&self) -> &str {
        match &self.content {
            Content::Plain(octets) => {
                let line = octets.split(|octet| *octet == b'\n').next();
                let id = line.and_then(|line| line.strip_prefix(MESSAGE_ID));
                str::from_utf8(id.unwrap_or_default()).unwrap_or_default()
            }
            Content::Any(parts) => &parts.id,
        }
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        match &self.content {
            Content::Plain(octets) => {
                let end_of_head = memmem::find(octets, b"\n\n").unwrap_or_default() + 2;
                octets.get(end_of_head..octets.len() - 1).unwrap_or_default()
            }
            Content::Any(parts) => &parts.body,
        }
    }

    /// About how much memory the message takes, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        const REST: usize = 256;
        REST + match &self.content {
            Content::Plain(octets) => octets.len(),
            Content::Any(parts) => self.destination.as_str().len() + parts.headers.bytes() + parts.body.len(),
        }
    }

    /// Everything in the MESSAGE frame that does not depend on who receives it.
    pub(crate) fn shared_part(&self, version: Version) -> &[u8] {
        match &self.content {
            Content::Plain(octets) => octets,
            Content::Any(parts) => parts.written[version as usize].get_or_init(|| {
                let mut out = Vec::with_capacity(self.size());
                parts.encode(&self.destination, version, &mut out);
                out
            }),
        }
    }

    /// The same, if it is the same in every version.
    pub(crate) fn plain_part(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Plain(octets) => Some(octets),
            Content::Any(_) => None,
        }
    }
}

impl Parts {
    fn encode(&self, destination: &Destination, version: Version, out: &mut Vec<u8>) {
        let ours = [
            ("message-id", self.id.as_str()),
            ("destination", destination.as_str()),
        ];
        for (name, value) in ours.into_iter().chain(self.headers.iter()) {
            // A header that an older version has no way to say is left out: to write it raw would let
            // the sender forge headers.
            let _: Result<(), EncodeError> = encode_header(Command::Message, name, value, version, out);
        }
        encode_body(&self.body, out);
    }
}

const MESSAGE_ID: &[u8] = b"message-id:";

/// Appends what all who receive a plain SEND are told after their own headers.
pub(crate) fn encode_plain(epoch: &str, number: u64, send: &PlainSend<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(MESSAGE_ID);
    out.extend_from_slice(epoch.as_bytes());
    out.push(b'-');
    encode_number(number, out);
    out.extend_from_slice(b"\ndestination:");
    out.extend_from_slice(send.destination.as_bytes());
    out.push(b'\n');
    for header in send.users() {
        out.extend_from_slice(header);
    }
    encode_body(send.body, out);
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
