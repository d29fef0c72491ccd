//! How long an operation may take, counted once from its beginning.
//!
//! A timeout per call is not enough: a peer that sends one byte just before each timeout keeps
//! the operation alive for ever. A [`Deadline`] is made once and asked before every call.

use std::time::{Duration, Instant};

/// A moment after which an operation gives up.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    started: Instant,
    allowed: Duration,
}

impl Deadline {
    /// A deadline `allowed` from now.
    #[must_use]
    pub fn after(allowed: Duration) -> Self {
        Self {
            started: Instant::now(),
            allowed,
        }
    }

    /// A deadline that never comes: for a server that waits for callers.
    #[must_use]
    pub fn never() -> Self {
        Self::after(Duration::MAX)
    }

    /// What is left, or `None` once the time is up.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.allowed
            .checked_sub(self.started.elapsed())
            .filter(|left| !left.is_zero())
    }

    /// The time since the deadline was set.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// The time that was allowed in all.
    #[must_use]
    pub fn allowed(&self) -> Duration {
        self.allowed
    }
}

/// `socket.pull(&mut buffer, Duration::from_secs(5))` reads better than making a deadline by hand.
impl From<Duration> for Deadline {
    fn from(allowed: Duration) -> Self {
        Self::after(allowed)
    }
}
