//! What a client can do wrong, each with the sentence that its ERROR frame tells it.

use std::time::Duration;

use crate::codec::DecodeError;
use crate::destination::DestinationError;
use crate::{Command, Frame, Version};

/// Why a connection gets an ERROR, and is closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The octets are no frame.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// The client closed its end in the middle of a frame.
    #[error("the connection ended in the middle of a frame: end each frame with the octet 0")]
    Unfinished,
    /// A frame before CONNECT.
    #[error("{command} came before CONNECT: a session begins with CONNECT or STOMP")]
    NotConnected {
        /// The frame that came.
        command: Command,
    },
    /// CONNECT in an open session.
    #[error("{command} came in a session that is open already: a connection has one session")]
    AlreadyConnected {
        /// The frame that came.
        command: Command,
    },
    /// No version in common.
    #[error("supported protocol versions are {}", Version::LIST)]
    NoCommonVersion,
    /// No CONNECT came in time.
    #[error("no CONNECT came within {0:?}")]
    ConnectTimeout(Duration),
    /// A frame that only a server sends.
    #[error("{command} is a frame of the server's: a client does not send it")]
    FromServer {
        /// The frame that came.
        command: Command,
    },
    /// A frame that the version of the session does not have.
    #[error("{command} does not exist in STOMP {version}: ask for a later version with accept-version")]
    NotInVersion {
        /// The frame that came.
        command: Command,
        /// The session's version.
        version: Version,
    },
    /// A body where there may be none.
    #[error("{command} came with a body: only SEND, MESSAGE and ERROR may have one")]
    BodyNotAllowed {
        /// The frame that came.
        command: Command,
    },
    /// A required header is missing.
    #[error("{command} has no {header} header, which it needs")]
    MissingHeader {
        /// The frame that came.
        command: Command,
        /// What is missing.
        header: &'static str,
    },
    /// A header says something that cannot be.
    #[error("{command} has {header}:{value}, and there it takes {allowed}")]
    BadHeader {
        /// The frame that came.
        command: Command,
        /// The header.
        header: &'static str,
        /// What it says.
        value: String,
        /// What it may say.
        allowed: &'static str,
    },
    /// The destination is none.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// The temporary queue is not there.
    #[error("there is no {name:?}: a temporary queue is there as long as its owner is subscribed to it")]
    NoTempQueue {
        /// What was asked for.
        name: String,
    },
    /// Selectors are not supported; to ignore one would deliver what was not asked for.
    #[error("this broker has no selectors: subscribe without one, and choose among the messages yourself")]
    Selector,
    /// The id of another subscription of this connection.
    #[error("there is a subscription {name:?} already: each one of a connection needs an id of its own")]
    SubscriptionExists {
        /// Its id, or its destination.
        name: String,
    },
    /// No such subscription.
    #[error("there is no subscription {name:?} on this connection: subscribe first, and use the same id")]
    NoSubscription {
        /// What was asked for.
        name: String,
    },
    /// ACK or NACK of a message that is not waiting for one.
    #[error(
        "no message {name:?} waits for an acknowledgement: it was acknowledged before, or its subscription says ack:auto"
    )]
    NoDelivery {
        /// What was asked for.
        name: String,
    },
    /// The id of another open transaction.
    #[error("the transaction {name:?} is open already: commit or abort it first, or choose another name")]
    TransactionExists {
        /// Its name.
        name: String,
    },
    /// No such transaction.
    #[error("there is no transaction {name:?} on this connection: begin it first")]
    NoTransaction {
        /// What was asked for.
        name: String,
    },
    /// More than a limit allows.
    #[error("there are more than {limit} {what}, which is the limit here")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// No such user, or another passcode: which of the two, nobody is told.
    #[error("wrong login or passcode: check both in the CONNECT frame")]
    WrongLogin,
    /// Too many wait to have their passcode checked.
    #[error("too many wait here for their passcode to be checked: try again in a minute")]
    TooManyLogins,
    /// The user's rules say nothing of this.
    #[error("you may not {right} {destination:?}: no rule of this broker's users allows it")]
    NotAllowed {
        /// `read` or `write`.
        right: &'static str,
        /// What was asked for.
        destination: String,
    },
    /// As many are connected as may be.
    #[error("as many clients are connected as this broker takes: try again later")]
    Full,
    /// The queues hold all that they may.
    #[error(
        "the queues of this broker are full ({limit} bytes): nothing more is taken until somebody receives"
    )]
    QueuesFull {
        /// The limit in bytes.
        limit: usize,
    },
    /// The subscriber reads more slowly than others publish.
    #[error("{limit} bytes wait to be read, which is the limit here: read faster, or subscribe to less")]
    TooSlow {
        /// The limit in bytes.
        limit: usize,
    },
    /// The client promised heart-beats and has fallen silent.
    #[error("nothing came for {0:?}, although heart-beats were agreed on")]
    Silent(Duration),
    /// A relay's broker did not answer.
    #[error("the broker behind this relay does not answer: try again later")]
    NoBroker,
    /// A relay's broker was lost.
    #[error(
        "the broker behind this relay was lost: what it has not confirmed with a RECEIPT may not be done; connect again"
    )]
    BrokerLost,
    /// The broker is stopping.
    #[error("the broker is shutting down")]
    ShuttingDown,
}

impl Fault {
    /// The ERROR frame that tells the client; `receipt` is what the frame at fault has asked for.
    #[must_use]
    pub fn to_frame(&self, receipt: Option<&str>) -> Frame {
        let mut error = Frame::new(Command::Error).with("message", self.summary());
        if let Some(receipt) = receipt {
            error.headers.push("receipt-id", receipt);
        }
        if *self == Self::NoCommonVersion {
            error.headers.push("version", Version::LIST);
        }
        error.headers.push("content-type", "text/plain");
        error.with_body(self.to_string())
    }

    /// A few words for the `message` header.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Unfinished | Self::BodyNotAllowed { .. } => "malformed frame",
            Self::NotConnected { .. } => "not connected",
            Self::AlreadyConnected { .. } => "already connected",
            Self::NoCommonVersion => "no common version",
            Self::ConnectTimeout(_) => "no CONNECT in time",
            Self::FromServer { .. } | Self::NotInVersion { .. } => "unexpected command",
            Self::MissingHeader { .. } => "missing header",
            Self::BadHeader { .. } | Self::Selector => "bad header",
            Self::Destination(_) | Self::NoTempQueue { .. } => "bad destination",
            Self::SubscriptionExists { .. } => "subscription exists",
            Self::NoSubscription { .. } => "no such subscription",
            Self::NoDelivery { .. } => "no such message",
            Self::TransactionExists { .. } => "transaction exists",
            Self::NoTransaction { .. } => "no such transaction",
            Self::WrongLogin => "wrong login",
            Self::NotAllowed { .. } => "not allowed",
            Self::TooMany { .. } | Self::TooManyLogins | Self::Full => "too many",
            Self::QueuesFull { .. } => "queues full",
            Self::TooSlow { .. } => "too slow",
            Self::Silent(_) => "no heart-beat",
            Self::NoBroker => "broker not available",
            Self::BrokerLost => "broker lost",
            Self::ShuttingDown => "shutting down",
        }
    }
}
