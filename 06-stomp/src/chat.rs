//! A chat over publish and subscribe: a room is a topic, and whoever is subscribed is in it.
//!
//! What is said is the body of a message; who says it stands in headers that the broker passes on as they are. So
//! terminals and browsers need to agree on no more than three names.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::{Command, Frame};

/// The longest name of a room or a person, in characters.
const LONGEST: usize = 32;

/// Why a text names no room and nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no name: write 1 to {LONGEST} letters, digits, - or _")]
pub struct BadName {
    /// What was given.
    pub text: String,
}

/// What a message in a room says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Somebody has come.
    Join,
    /// Somebody has gone.
    Leave,
    /// Somebody says something.
    Words(String),
}

/// One person in one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    room: String,
    name: String,
    /// Two people may have the same name; this tells our own messages from theirs.
    client: String,
}

impl Chat {
    /// Somebody of this name, in this room.
    ///
    /// # Errors
    ///
    /// [`BadName`] if the room or the person could not be said in a destination.
    pub fn new(room: &str, name: &str) -> Result<Self, BadName> {
        Ok(Self {
            room: checked(room)?,
            name: checked(name)?,
            client: format!("{:016x}", RandomState::new().build_hasher().finish()),
        })
    }

    /// Where the room is.
    #[must_use]
    pub fn destination(&self) -> String {
        format!("/topic/chat.{}", self.room)
    }

    /// The SEND frame that says something to the room.
    #[must_use]
    pub fn frame(&self, said: &Said) -> Frame {
        let (kind, words) = match said {
            Said::Join => ("join", ""),
            Said::Leave => ("leave", ""),
            Said::Words(words) => ("say", words.as_str()),
        };
        Frame::new(Command::Send)
            .with("destination", &self.destination())
            .with("content-type", "text/plain")
            .with("from", &self.name)
            .with("client", &self.client)
            .with("kind", kind)
            .with_body(words)
    }

    /// Who says what in a MESSAGE frame of the room; `None` if it is we ourselves.
    #[must_use]
    pub fn read(&self, message: &Frame) -> Option<Line> {
        if message.header("client") == Some(&self.client) {
            return None;
        }
        let said = match message.header("kind") {
            Some("join") => Said::Join,
            Some("leave") => Said::Leave,
            _ => Said::Words(message.text().into_owned()),
        };
        let from = message.header("from").unwrap_or("somebody").to_owned();
        Some(Line { from, said })
    }
}

/// Who says what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who, by the name that they chose.
    pub from: String,
    /// What.
    pub said: Said,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.said {
            Said::Join => write!(f, "{} has come", self.from),
            Said::Leave => write!(f, "{} has gone", self.from),
            Said::Words(words) => write!(f, "{}: {words}", self.from),
        }
    }
}

fn checked(text: &str) -> Result<String, BadName> {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    if (1..=LONGEST).contains(&text.chars().count()) && text.chars().all(is_plain) {
        return Ok(text.to_owned());
    }
    let text = text.to_owned();
    Err(BadName { text })
}
