//! What a session asks of the broker, and what the broker answers.

use std::fmt;
use std::sync::Arc;

use crate::users::User;
use crate::{Delivery, Destination, Fan, Fault, Frame};

/// When the broker takes a message for received (STOMP 1.2, "SUBSCRIBE ack Header").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckMode {
    /// As soon as it is sent.
    Auto,
    /// When the client acknowledges it, or a later one of the same subscription.
    Client,
    /// When the client acknowledges that very message.
    ClientIndividual,
}

impl AckMode {
    /// The word in the `ack` header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Client => "client",
            Self::ClientIndividual => "client-individual",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Auto, Self::Client, Self::ClientIndividual]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// How a client names one of its subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SubscriptionName {
    /// By the `id` that it chose.
    Id(Arc<str>),
    /// By the destination, as STOMP 1.0 allows if there is no id.
    Destination(String),
}

impl fmt::Display for SubscriptionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Destination(destination) => f.write_str(destination),
        }
    }
}

/// How a client names the message that it acknowledges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryName {
    /// By the `ack` header of the MESSAGE (STOMP 1.2).
    Ack(String),
    /// By its `message-id`, and from STOMP 1.1 on by the subscription.
    Message {
        /// The `message-id`.
        id: String,
        /// The subscription that received it.
        subscription: Option<Arc<str>>,
    },
}

impl fmt::Display for DeliveryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ack(id) | Self::Message { id, .. } => f.write_str(id),
        }
    }
}

/// A thing to do for a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Publish a message: the SEND frame, whose destination has been read.
    Send {
        /// Where to.
        destination: Destination,
        /// The frame.
        frame: Frame,
    },
    /// Deliver the messages of a destination from now on.
    Subscribe {
        /// The client's name for it.
        name: SubscriptionName,
        /// What to deliver.
        destination: Destination,
        /// When a message counts as received.
        ack: AckMode,
        /// Where to keep a topic's messages while the client is away, if it wants that.
        durable: Option<Destination>,
    },
    /// Deliver them no longer.
    Unsubscribe {
        /// The client's name for the subscription.
        name: SubscriptionName,
        /// If it is durable, keep nothing for it either.
        for_good: bool,
    },
    /// A message has been dealt with, or has not.
    Settle {
        /// Which message.
        delivery: DeliveryName,
        /// ACK or NACK.
        accepted: bool,
    },
    /// Do all of these, or none: a transaction.
    Commit(Vec<Request>),
    /// The client says goodbye.
    Disconnect,
    /// Nothing but what every frame may ask for: a receipt.
    Nothing,
}

/// A request, and the receipt that the client wants once it has been done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What to do.
    pub request: Request,
    /// The value of the frame's `receipt` header.
    pub receipt: Option<String>,
}

/// What the broker has to say to a connection.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A message of one of its subscriptions.
    Message(Delivery),
    /// Messages of one of its subscriptions, shared with others who subscribed in the same way.
    Fanned(Arc<Fan>),
    /// The order with this receipt has been done.
    Receipt(String),
    /// The client's goodbye has been heard.
    Goodbye,
    /// An order could not be done.
    Fault {
        /// Why.
        fault: Fault,
        /// The receipt that the order asked for.
        receipt: Option<String>,
    },
    /// The passcode was right. (This the gate says, not the broker.)
    LetIn(Arc<User>),
}

impl Reply {
    /// How many messages it brings.
    #[must_use]
    pub fn messages(&self) -> usize {
        match self {
            Self::Message(_) => 1,
            Self::Fanned(fan) => fan.ends().len(),
            _ => 0,
        }
    }

    /// About how much memory it takes until it is written, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        const REST: usize = 64;
        match self {
            Self::Message(delivery) => delivery.message.size(),
            Self::Fanned(fan) => fan.octets().len(),
            Self::Receipt(id) => REST + id.len(),
            Self::Goodbye | Self::Fault { .. } | Self::LetIn(_) => REST,
        }
    }

    /// What the broker wants to be told once it has been written: see [`Delivery::credit`].
    #[must_use]
    pub fn credit(&self) -> usize {
        match self {
            Self::Message(delivery) => delivery.credit,
            Self::Fanned(fan) => fan.credit(),
            _ => 0,
        }
    }
}

impl Request {
    /// About how much memory the request takes, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        const REST: usize = 128;
        REST + match self {
            Self::Send { frame, .. } => frame.headers.bytes() + frame.body.len(),
            _ => 0,
        }
    }
}
