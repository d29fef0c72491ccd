//! What is kept of a passcode: a hash that is slow on purpose.
//!
//! Whoever steals the file can only guess, and each guess costs as much work and memory as one log-in here: argon2id
//! (RFC 9106), with 19 MiB and two passes unless a line of the file says otherwise. Each user's hash has a salt of its own,
//! so equal passcodes look different, and no table of hashes can be made in advance.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier};

use super::UsersError;

/// The hash of a passcode, with the salt and the costs that it was made with, as text:
/// `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hash(PasswordHash);

impl Hash {
    /// Hashes a passcode.
    ///
    /// # Errors
    ///
    /// [`UsersError::Passcode`] if it could not stand in a CONNECT frame, [`UsersError::Hash`] if the system gives no memory
    /// or no random salt.
    pub fn new(passcode: &str) -> Result<Self, UsersError> {
        let is_plain = !passcode.chars().any(char::is_control);
        if !is_plain || passcode.is_empty() || passcode.chars().count() > 1_000 {
            return Err(UsersError::Passcode);
        }
        let hash = Argon2::default().hash_password(passcode.as_bytes());
        hash.map(Self).map_err(UsersError::Hash)
    }

    /// Reads the text of a hash.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        // Costs beyond all reason are found here, and not when somebody logs in.
        let params = Params::try_from(&hash).ok()?;
        (hash.algorithm.as_str() == "argon2id" && hash.hash.is_some() && params.m_cost() <= 1024 * 1024)
            .then_some(Self(hash))
    }

    /// Whether it is the hash of this passcode. The comparison takes as long for a first octet that differs as for the last.
    #[must_use]
    pub fn is_of(&self, passcode: &str) -> bool {
        Argon2::default()
            .verify_password(passcode.as_bytes(), &self.0)
            .is_ok()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
