//! Calling a lost broker again: after a pause that grows, and never all clients at the same moment.
//!
//! A broker that comes back is met by all its clients at once. If each waits a little longer after every failure (*back-off*)
//! and adds some chance to it (*jitter*), they come one after the other.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use crate::Error;

/// When a client calls again after its connection is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconnect {
    /// The pause before the first attempt, at most; each further one is twice as long.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How many attempts there are before the client gives up; `None` never gives up.
    pub attempts: Option<u32>,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            attempts: None,
        }
    }
}

impl Reconnect {
    /// The pause before an attempt, the first of which is number 1. `random`, from 0 to 1, chooses a point between half of
    /// the pause and all of it.
    #[must_use]
    pub fn pause(&self, attempt: u32, random: f64) -> Duration {
        let doublings = attempt.saturating_sub(1);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let whole = self.first.saturating_mul(factor).min(self.longest);
        whole.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
    }

    /// The pause with chance in it.
    pub(crate) fn random_pause(&self, attempt: u32) -> Duration {
        // The keys of a hash map are as random as this needs to be.
        let random = RandomState::new().build_hasher().finish();
        self.pause(attempt, random as f64 / u64::MAX as f64)
    }
}

/// What has become of a client's connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Change {
    /// It is lost; the client will call again.
    Lost {
        /// Why.
        cause: Error,
        /// How many frames without a receipt had been sent since the broker last confirmed one. It may have taken them, or
        /// not; they are not sent again. Calls that waited for a receipt have failed with [`Error::Unanswered`].
        unconfirmed: u64,
    },
    /// An attempt to call again has failed; there will be another.
    Failed {
        /// Which attempt it was, counted from 1.
        attempt: u32,
        /// Why it failed.
        cause: Error,
    },
    /// It stands again.
    Returned {
        /// How many attempts it took.
        attempts: u32,
        /// How many subscriptions were made again. A topic's messages in between are missed.
        subscriptions: usize,
    },
}
