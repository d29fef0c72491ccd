//! Heart-beats: how each side knows that the other is still there.
//!
//! A TCP connection whose other end has lost its power looks exactly like one on which nobody
//! speaks. So both sides may agree, while they connect, to say something at least every so often: a frame, or
//! a single end of line if there is none to send (STOMP 1.1 and 1.2, "Heart-beating").

use std::fmt;
use std::time::{Duration, Instant};

/// What one side offers in its `heart-beat` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartBeat {
    /// It can speak at least this often; zero if it cannot promise to.
    pub can: Duration,
    /// It wants to hear something at least this often; zero if it does not care.
    pub wants: Duration,
}

impl HeartBeat {
    /// No heart-beats, which is what a missing header means.
    pub const NONE: Self = Self {
        can: Duration::ZERO,
        wants: Duration::ZERO,
    };

    /// Reads the header's two numbers of milliseconds.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (can, wants) = value.split_once(',')?;
        Some(Self {
            can: milliseconds(can)?,
            wants: milliseconds(wants)?,
        })
    }
}

fn milliseconds(digits: &str) -> Option<Duration> {
    // A day is long enough, and keeps every sum of times within bounds.
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
    let only_digits = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    only_digits.then(|| digits.parse().map_or(LONGEST, Duration::from_millis).min(LONGEST))
}

/// The header's value: `10000,0`.
impl fmt::Display for HeartBeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.can.as_millis(), self.wants.as_millis())
    }
}

/// What two offers come to, and when each side was last heard. It has no clock: every `now` is told.
#[derive(Debug, Clone)]
pub struct Pulse {
    send_every: Option<Duration>,
    hear_every: Option<Duration>,
    last_sent: Instant,
    last_heard: Instant,
}

impl Pulse {
    /// No heart-beats in either direction.
    #[must_use]
    pub fn none(now: Instant) -> Self {
        Self::agree(HeartBeat::NONE, HeartBeat::NONE, now)
    }

    /// What our offer and theirs come to: in each direction the slower of what one side can and the
    /// other wants, and nothing if either says zero.
    #[must_use]
    pub fn agree(ours: HeartBeat, theirs: HeartBeat, now: Instant) -> Self {
        let slower =
            |can: Duration, wants: Duration| (!can.is_zero() && !wants.is_zero()).then(|| can.max(wants));
        Self {
            send_every: slower(ours.can, theirs.wants),
            hear_every: slower(theirs.can, ours.wants),
            last_sent: now,
            last_heard: now,
        }
    }

    /// We have just sent something.
    pub fn sent(&mut self, now: Instant) {
        self.last_sent = now;
    }

    /// Something has just come, if only an end of line.
    pub fn heard(&mut self, now: Instant) {
        self.last_heard = now;
    }

    /// Whether it is time to say something. That is a little early, so that it is not late at the other end.
    #[must_use]
    pub fn is_due(&self, now: Instant) -> bool {
        self.speaks_at().is_some_and(|at| now >= at)
    }

    /// Whether the other side has been silent for too long. "The receiver SHOULD be tolerant": it
    /// gets three times what was agreed. Twice is not enough for everyone: ActiveMQ says its first one at twice the time.
    #[must_use]
    pub fn is_lost(&self, now: Instant) -> bool {
        self.gives_up_at().is_some_and(|at| now >= at)
    }

    /// When to ask again; `None` if there are no heart-beats.
    #[must_use]
    pub fn next_wake(&self) -> Option<Instant> {
        self.speaks_at().into_iter().chain(self.gives_up_at()).min()
    }

    /// How long the other side may be silent; `None` if it may be for ever.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        self.hear_every.map(|every| every * 3)
    }

    fn speaks_at(&self) -> Option<Instant> {
        self.send_every.map(|every| self.last_sent + every * 3 / 4)
    }

    fn gives_up_at(&self) -> Option<Instant> {
        self.patience().map(|patience| self.last_heard + patience)
    }
}
