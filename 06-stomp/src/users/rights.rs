//! Rights: patterns of destinations that a user may read (SUBSCRIBE) or write (SEND).
//!
//! The wildcards are those of subscriptions: `*` stands for one word, `>` or `#` at the end for the rest. In a rule they
//! mean the same for queues. What no rule allows is forbidden.

use std::fmt;

use crate::destination::Kind;
use crate::{Destination, Fault};

use super::UsersError;

/// What a user may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    read: Vec<Destination>,
    write: Vec<Destination>,
}

/// A thing that a user may do with a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// SUBSCRIBE.
    Read,
    /// SEND.
    Write,
}

impl Right {
    /// The word before its patterns in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl Rights {
    /// Allows a user these things.
    ///
    /// # Errors
    ///
    /// [`UsersError::Rule`], [`UsersError::Destination`].
    pub fn new(read: &[String], write: &[String]) -> Result<Self, UsersError> {
        let mut rights = Self::default();
        for (right, patterns) in [(Right::Read, read), (Right::Write, write)] {
            for pattern in patterns {
                if pattern.contains(char::is_whitespace) {
                    let pattern = pattern.clone();
                    return Err(UsersError::Rule { pattern });
                }
                rights.allow(right, Destination::to_subscribe(pattern)?);
            }
        }
        Ok(rights)
    }

    /// One thing more.
    pub(super) fn allow(&mut self, right: Right, pattern: Destination) {
        match right {
            Right::Read => self.read.push(pattern),
            Right::Write => self.write.push(pattern),
        }
    }

    /// Whether they allow this. Who subscribes to a pattern needs a rule for all that it stands for.
    ///
    /// # Errors
    ///
    /// [`Fault::NotAllowed`].
    pub fn check(&self, right: Right, destination: &Destination) -> Result<(), Fault> {
        let patterns = match right {
            // A temporary queue that one reads is always one's own.
            Right::Read if destination.kind() == Kind::TempQueue => return Ok(()),
            Right::Read => &self.read,
            Right::Write => &self.write,
        };
        if patterns.iter().any(|pattern| pattern.covers(destination)) {
            return Ok(());
        }
        Err(Fault::NotAllowed {
            right: right.word(),
            destination: destination.to_string(),
        })
    }
}

impl fmt::Display for Rights {
    /// As in the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (right, patterns) in [(Right::Read, &self.read), (Right::Write, &self.write)] {
            if !patterns.is_empty() {
                write!(f, " {}", right.word())?;
            }
            for pattern in patterns {
                write!(f, " {pattern}")?;
            }
        }
        Ok(())
    }
}
