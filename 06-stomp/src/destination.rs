//! Destinations: where a message goes, and who receives it.
//!
//! To STOMP a destination is an opaque text; what it means is the server's affair. Here, as with
//! most brokers, its beginning decides:
//!
//! - `/topic/…` gives each message to everyone who is subscribed at that moment;
//! - `/queue/…` gives each message to one consumer, and keeps it until there is one;
//! - `/temp-queue/…` is a queue of one connection, for answers, and ends with it.
//!
//! Topics whose first word is `$SYS` are the broker's own: it tells there how it is. Nobody else sends to them, and no
//! wildcard stands for that word.
//!
//! Topics are made of words between `.` or `/`. A subscription may leave some open: `*` stands for one word,
//! and `>` or `#` at the end for the rest, be it empty: `/topic/price.*` and `/topic/price.>`.

use std::fmt;
use std::sync::Arc;

const TOPIC: &str = "/topic/";
const QUEUE: &str = "/queue/";
pub(crate) const TEMP_QUEUE: &str = "/temp-queue/";
/// No client can name what begins like this.
const DURABLE: &str = "/durable/";

/// The first word of the broker's own topics.
const SYSTEM: &str = "$SYS";

/// The longest destination, in bytes.
const MAX_LENGTH: usize = 1024;

/// What the broker does with the messages of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Each message to every subscriber.
    Topic,
    /// Each message to one consumer.
    Queue,
    /// A queue that belongs to one connection.
    TempQueue,
}

/// A destination that has been looked at: it has a kind, and nothing in it is against the rules.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Destination {
    kind: Kind,
    /// Shared: a message's destination is its queue's.
    text: Arc<str>,
}

/// Why a text is no destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DestinationError {
    /// It has none of the known beginnings.
    #[error("{text:?} is not a destination: write /topic/NAME, /queue/NAME or /temp-queue/NAME")]
    UnknownKind {
        /// What was given.
        text: String,
    },
    /// Nothing follows the beginning.
    #[error("{text:?} has no name: write {text}NAME")]
    NoName {
        /// What was given.
        text: String,
    },
    /// It is too long, or holds an octet that no header could carry.
    #[error(
        "the destination is longer than {MAX_LENGTH} bytes or holds a control character: choose a plain, short name"
    )]
    NotPlain,
    /// A wildcard where a message is to go.
    #[error("{text:?} is a pattern: a message goes to one destination, only a subscription may be open")]
    Wildcard {
        /// What was given.
        text: String,
    },
    /// A topic of the broker's own.
    #[error("{text:?} is the broker's own: subscribe to it, and send to another destination")]
    BrokersOwn {
        /// What was given.
        text: String,
    },
    /// A wildcard that stands for the rest, and is not at the end.
    #[error("{text:?} goes on after > or #, which stand for the rest: put them at the end")]
    RestNotLast {
        /// What was given.
        text: String,
    },
}

impl Destination {
    /// Reads a destination to send to.
    ///
    /// # Errors
    ///
    /// [`DestinationError`] says what is wrong; here a pattern is.
    pub fn to_send(text: &str) -> Result<Self, DestinationError> {
        let destination = Self::to_subscribe(text)?;
        if destination.is_pattern() {
            return Err(DestinationError::Wildcard {
                text: text.to_owned(),
            });
        }
        if destination.is_system() {
            return Err(DestinationError::BrokersOwn {
                text: text.to_owned(),
            });
        }
        Ok(destination)
    }

    /// Reads a destination to subscribe to, which may be a pattern if it is a topic.
    ///
    /// # Errors
    ///
    /// [`DestinationError`] says what is wrong.
    pub fn to_subscribe(text: &str) -> Result<Self, DestinationError> {
        if text.len() > MAX_LENGTH || text.chars().any(char::is_control) {
            return Err(DestinationError::NotPlain);
        }
        let owned = || text.to_owned();
        let kinds = [
            (TOPIC, Kind::Topic),
            (QUEUE, Kind::Queue),
            (TEMP_QUEUE, Kind::TempQueue),
        ];
        let found = kinds
            .into_iter()
            .find_map(|(prefix, kind)| Some((kind, text.strip_prefix(prefix)?)));
        let (kind, name) = found.ok_or_else(|| DestinationError::UnknownKind { text: owned() })?;
        if name.is_empty() {
            return Err(DestinationError::NoName { text: owned() });
        }
        let mut words_after_rest = words(name).skip_while(|word| !is_rest(word)).skip(1);
        if kind == Kind::Topic && words_after_rest.next().is_some() {
            return Err(DestinationError::RestNotLast { text: owned() });
        }
        Ok(Self {
            kind,
            text: text.into(),
        })
    }

    /// The queue to send to, if the text names one.
    pub(crate) fn queue(text: &str) -> Option<Self> {
        text.starts_with(QUEUE).then(|| Self::to_send(text).ok())?
    }

    /// The queue of a durable subscription: as often as the same user names the same topic and id, it is the same one.
    pub(crate) fn durable(topic: &Self, user: &str, id: &str) -> Self {
        // Or one user's name and id could be read as another's.
        let [user, id] = [user, id].map(|part| part.replace('%', "%25").replace('/', "%2F"));
        Self {
            kind: Kind::Queue,
            text: format!("{DURABLE}{user}/{id}{topic}").into(),
        }
    }

    /// The queue that a store knows by this name, be it of a durable subscription.
    pub(crate) fn stored_queue(text: &str) -> Option<Self> {
        let (kind, is_durable) = (Kind::Queue, text.starts_with(DURABLE));
        let durable = is_durable.then(|| Self {
            kind,
            text: text.into(),
        });
        durable.or_else(|| Self::queue(text))
    }

    /// Whether it is the queue of a durable subscription.
    pub(crate) fn is_durable(&self) -> bool {
        self.text.starts_with(DURABLE)
    }

    /// Whose durable subscription it is the queue of, if that has a name.
    pub(crate) fn owner(&self) -> Option<&str> {
        let user = self.text.strip_prefix(DURABLE)?.split('/').next();
        user.filter(|user| !user.is_empty())
    }

    /// The temporary queue of this name.
    pub(crate) fn temp_queue(name: &str) -> Self {
        Self {
            kind: Kind::TempQueue,
            text: format!("{TEMP_QUEUE}{name}").into(),
        }
    }

    /// Whether it is one of the broker's own topics.
    pub(crate) fn is_system(&self) -> bool {
        self.kind == Kind::Topic && words(self.name()).next() == Some(SYSTEM)
    }

    /// What the broker does with its messages.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it leaves a word open. Only topics do.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        self.kind == Kind::Topic && words(self.name()).any(|word| word == "*" || is_rest(word))
    }

    /// Whether a message that goes to `other` is one of this pattern's. Each is its own pattern.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        if self.kind != other.kind {
            return false;
        }
        if self.kind != Kind::Topic {
            return self.text == other.text;
        }
        self.covers(other)
    }

    /// Whether this text, read as a pattern whatever its kind, takes in everything that `other` stands for, which may be a
    /// pattern too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let mut names = words(other.name());
        for (place, word) in words(self.name()).enumerate() {
            let name = names.next();
            let is_hidden = place == 0 && self.kind == Kind::Topic && name == Some(SYSTEM);
            if is_rest(word) {
                return self.kind == other.kind && !is_hidden;
            }
            match name {
                Some(name) if word == name || word == "*" && !is_rest(name) && !is_hidden => {}
                _ => return false,
            }
        }
        self.kind == other.kind && names.next().is_none()
    }

    /// What follows the beginning.
    pub(crate) fn name(&self) -> &str {
        let prefix = match self.kind {
            Kind::Topic => TOPIC,
            Kind::Queue => QUEUE,
            Kind::TempQueue => TEMP_QUEUE,
        };
        &self.text[prefix.len()..]
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['.', '/'])
}

fn is_rest(word: &str) -> bool {
    word == ">" || word == "#"
}
