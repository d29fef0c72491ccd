//! What the machine waits for, in time.

use std::time::Instant;

use super::{Connection, KeepAlive, State};
use crate::Violation;

/// What the machine waits for, in time. Nobody looks at a clock for each message: they leave a mark, and the next tick
/// takes it for its own time.
#[derive(Debug, Default)]
pub(super) struct Timer {
    /// Something was received since the last tick.
    pub(super) heard: bool,
    /// A message went by in either direction since the last tick.
    pub(super) said: bool,
    /// A Ping of ours is waiting for any sign of life.
    pinged: bool,
    /// When the present wait began: for the next Ping, a Pong, or a Close.
    since: Option<Instant>,
    /// When the last message went by.
    said_at: Option<Instant>,
}

impl Connection {
    /// Tells the machine what time it is; returns when it wants to be told again, if ever.
    ///
    /// A tick may put a Ping onto the end of `output`, or the Close that ends the connection.
    ///
    /// # Errors
    ///
    /// [`Violation::PongMissing`], [`Violation::Idle`] or [`Violation::CloseUnanswered`], once: it is the end.
    pub fn tick(&mut self, now: Instant, output: &mut Vec<u8>) -> Result<Option<Instant>, Violation> {
        let next = match self.state {
            State::Over => Ok(None),
            State::Closing => self.tick_closing(now),
            State::Open => self.tick_open(now, output),
        };
        next.inspect_err(|violation| self.fail(violation, output))
    }

    /// The wait for the peer's Close begins with the next tick.
    pub(super) fn await_close(&mut self) {
        self.timer.since = None;
    }

    fn tick_closing(&mut self, now: Instant) -> Result<Option<Instant>, Violation> {
        let after = self.options.close_timeout;
        let end = *self.timer.since.get_or_insert(now) + after;
        if now < end {
            return Ok(Some(end));
        }
        Err(Violation::CloseUnanswered { after })
    }

    fn tick_open(&mut self, now: Instant, output: &mut Vec<u8>) -> Result<Option<Instant>, Violation> {
        let idle = self.tick_idle(now)?;
        let alive = match self.options.keep_alive {
            Some(keep_alive) => Some(self.tick_keep_alive(now, keep_alive, output)?),
            None => None,
        };
        Ok(idle.into_iter().chain(alive).min())
    }

    fn tick_idle(&mut self, now: Instant) -> Result<Option<Instant>, Violation> {
        let Some(after) = self.options.idle_timeout else {
            return Ok(None);
        };
        if std::mem::take(&mut self.timer.said) {
            self.timer.said_at = None;
        }
        let end = *self.timer.said_at.get_or_insert(now) + after;
        if now < end {
            return Ok(Some(end));
        }
        Err(Violation::Idle { after })
    }

    fn tick_keep_alive(
        &mut self,
        now: Instant,
        KeepAlive { every, within }: KeepAlive,
        output: &mut Vec<u8>,
    ) -> Result<Instant, Violation> {
        if std::mem::take(&mut self.timer.heard) {
            self.timer.since = None;
            self.timer.pinged = false;
        }
        let since = *self.timer.since.get_or_insert(now);
        let wait = if self.timer.pinged { within } else { every };
        if now < since + wait {
            return Ok(since + wait);
        }
        if self.timer.pinged {
            return Err(Violation::PongMissing { after: wait });
        }
        let _ = self.ping(b"", output);
        (self.timer.pinged, self.timer.since) = (true, Some(now));
        Ok(now + within)
    }
}
