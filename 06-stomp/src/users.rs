//! Users: who may connect, and what each may read and write.
//!
//! They stand in a file of text, one user a line: a name, what is kept of the passcode, and rules.
//!
//! ```text
//! # name  hash                             rules
//! alice   $argon2id$v=19$m=19456,t=2,p=1$… read /topic/> write /topic/chat.> /queue/orders
//! bob     $argon2id$v=19$m=19456,t=2,p=1$… read /queue/orders
//! ```
//!
//! | module | one idea |
//! | --- | --- |
//! | [`passcode`] | what is kept of a passcode, so that a stolen file gives none away |
//! | [`rights`] | patterns of destinations that a user may read or write |
//! | [`file`](mod@file) | a user's line, added or changed without ever leaving half a file |
//! | [`delays`] | who has been wrong often waits longer |
//! | [`gate`] | threads that check passcodes, because an event loop has no time to |

pub mod delays;
pub mod file;
pub mod gate;
pub mod passcode;
pub mod rights;

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::DestinationError;
use passcode::Hash;
use rights::Rights;

/// Someone who may connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name: the `login` header of CONNECT.
    pub name: String,
    /// What is kept of the passcode.
    pub hash: Hash,
    /// What the user may do.
    pub rights: Rights,
}

/// Everyone who may connect.
#[derive(Debug, Clone)]
pub struct Users {
    by_name: HashMap<String, Arc<User>>,
    /// One of them is checked in place of the hash of somebody who does not exist.
    hashes: Vec<Hash>,
    /// Which one, nobody outside can foretell.
    choice: RandomState,
}

/// Why there are no users to be had from a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsersError {
    /// The file cannot be read or written.
    #[error("cannot {what} the users in {}: {error}", path.display())]
    File {
        /// `read` or `write`.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A line of it is wrong.
    #[error("line {number} of the users says {fault}")]
    Line {
        /// The first line is 1.
        number: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// A name that no line can hold.
    #[error(
        "{name:?} is no name for a user: it takes 1 to 100 characters, no space among them, and no # in front"
    )]
    Name {
        /// What was given.
        name: String,
    },
    /// A passcode that no header can carry, or none.
    #[error("this is no passcode: it takes 1 to 1,000 characters in one line")]
    Passcode,
    /// A pattern that no line can hold.
    #[error("no rule can name a destination with a space in it: {pattern:?}")]
    Rule {
        /// What was given.
        pattern: String,
    },
    /// A pattern that is none.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// The hash could not be made.
    #[error("the passcode cannot be hashed: {0}; is there memory left?")]
    Hash(argon2::password_hash::Error),
}

/// What can be wrong with a user's line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// Only a name stands there.
    #[error("nothing about {name}'s passcode: let `06-stomp passwd` write it")]
    NoHash {
        /// Whose.
        name: String,
    },
    /// Something else stands where the hash should.
    #[error(
        "something else where the hash of {name}'s passcode belongs ($argon2id$…): let `06-stomp passwd` write it"
    )]
    NotAHash {
        /// Whose.
        name: String,
    },
    /// A rule before it was said what it allows.
    #[error("{word:?} where `read` or `write` is to come first")]
    NoRight {
        /// What stands there.
        word: String,
    },
    /// A pattern that is none.
    #[error("in a rule: {0}")]
    Destination(#[from] DestinationError),
    /// Two lines for one name.
    #[error("something about {name} for the second time")]
    Twice {
        /// Whose.
        name: String,
    },
}

impl UsersError {
    /// Whether the system failed us, and nothing that somebody wrote is wrong.
    #[must_use]
    pub fn is_of_the_system(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Hash(_))
    }
}

impl Users {
    /// Reads the users in a file.
    ///
    /// # Errors
    ///
    /// [`UsersError`] says which file or line is wrong, and how.
    pub fn load(path: &Path) -> Result<Self, UsersError> {
        Self::parse(&file::read(path)?)
    }

    /// Reads the users in a text.
    ///
    /// # Errors
    ///
    /// [`UsersError::Line`].
    pub fn parse(text: &str) -> Result<Self, UsersError> {
        let mut by_name = HashMap::new();
        for (index, line) in text.lines().enumerate() {
            let at_line = |fault| UsersError::Line {
                number: index + 1,
                fault,
            };
            let Some(user) = file::user(line).map_err(at_line)? else {
                continue;
            };
            if let Some(earlier) = by_name.insert(user.name.clone(), Arc::new(user)) {
                let name = earlier.name.clone();
                return Err(at_line(LineFault::Twice { name }));
            }
        }
        Ok(Self {
            hashes: by_name.values().map(|user| user.hash.clone()).collect(),
            choice: RandomState::new(),
            by_name,
        })
    }

    /// The user who has this name and passcode. A name that does not exist takes as long as one that does: whoever measures
    /// the time must not learn which names there are.
    #[must_use]
    pub fn check(&self, login: &Login) -> Option<Arc<User>> {
        let user = self.by_name.get(&login.name);
        let hash = user.map(|user| &user.hash).or_else(|| self.stand_in(&login.name));
        let is_right = hash.is_some_and(|hash| hash.is_of(&login.passcode));
        user.filter(|_| is_right).cloned()
    }

    /// The hash of some user, always the same one for a name. Hashes may have been made with different costs: then names that
    /// do not exist take as different times as those that do.
    fn stand_in(&self, name: &str) -> Option<&Hash> {
        let many = u64::try_from(self.hashes.len()).ok()?;
        let number = self.choice.hash_one(name).checked_rem(many)?;
        self.hashes.get(usize::try_from(number).ok()?)
    }
}

/// What a client says to be let in.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The `login` header.
    pub name: String,
    /// The `passcode` header.
    pub passcode: String,
}

impl fmt::Debug for Login {
    /// Without the passcode: what is printed for a developer ends up in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_that_do_not_exist_cost_what_others_cost_and_always_the_same() {
        let hash = |passes| format!("$argon2id$v=19$m=8,t={passes},p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo");
        let users = Users::parse(&format!("cheap {}\ndear {}\n", hash(1), hash(9))).unwrap();
        let stand_in = |name: &str| users.stand_in(name).unwrap().to_string();
        let names: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        let found: HashSet<String> = names.iter().map(|name| stand_in(name)).collect();
        assert_eq!(found, HashSet::from([hash(1), hash(9)]));
        assert!(names.iter().all(|name| stand_in(name) == stand_in(name)));
        assert!(Users::parse("").unwrap().stand_in("nobody").is_none());
    }
}
