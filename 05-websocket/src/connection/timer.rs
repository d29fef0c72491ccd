//! What the machine waits for, in time.

use std::time::Instant;

use super::{Connection, KeepAlive, State};
use crate::Violation;

/// What the machine waits for, in time.
#[derive(Debug, Default)]
pub(super) struct Timer {
    /// Something was received since the last tick.
    pub(super) heard: bool,
    /// When the present wait began: for the next Ping, a Pong, or a Close.
    pub(super) since: Option<Instant>,
    /// A Ping of ours is waiting for any sign of life.
    pinged: bool,
}

impl Connection {
    /// Tells the machine what time it is; returns when it wants to be told again, if ever.
    ///
    /// A tick may put a Ping onto the end of `output`, or the Close that ends the connection.
    ///
    /// # Errors
    ///
    /// [`Violation::PongMissing`] or [`Violation::CloseUnanswered`], once: it is the end.
    pub fn tick(&mut self, now: Instant, output: &mut Vec<u8>) -> Result<Option<Instant>, Violation> {
        let next = match self.state {
            State::Over => Ok(None),
            State::Closing => self.tick_closing(now),
            State::Open => self.tick_open(now, output),
        };
        next.inspect_err(|violation| self.fail(violation, output))
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
        let Some(KeepAlive { every, within }) = self.options.keep_alive else {
            return Ok(None);
        };
        if std::mem::take(&mut self.timer.heard) {
            self.timer.since = None;
            self.timer.pinged = false;
        }
        let since = *self.timer.since.get_or_insert(now);
        let wait = if self.timer.pinged { within } else { every };
        if now < since + wait {
            return Ok(Some(since + wait));
        }
        if self.timer.pinged {
            return Err(Violation::PongMissing { after: wait });
        }
        let _ = self.ping(b"", output);
        (self.timer.pinged, self.timer.since) = (true, Some(now));
        Ok(Some(now + within))
    }
}
