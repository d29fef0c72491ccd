//! What there is to tell: a list of events, and a bell for those who wait for the next one.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an event is, in bytes.
pub(crate) const SIZE: usize = 64;

/// The events so far, with the times at which they happened.
#[derive(Debug, Default)]
pub(crate) struct News {
    events: Mutex<Vec<(String, Instant)>>,
    bell: Condvar,
}

impl News {
    pub(crate) fn publish(&self) {
        let mut events = self.lock();
        let text = format!("{:.<SIZE$}", format!("event {} ", events.len() + 1));
        events.push((text, Instant::now()));
        self.bell.notify_all();
    }

    /// What happened after the first `known` events, and may be nothing.
    pub(crate) fn since(&self, known: usize) -> Vec<String> {
        let events = self.lock();
        events.iter().skip(known).map(|(text, _)| text.clone()).collect()
    }

    /// The event after the first `known` ones. It may not have happened yet: then this waits for the bell.
    pub(crate) fn next(&self, known: usize) -> String {
        let events = self.lock();
        let events = self.bell.wait_while(events, |events| events.len() <= known);
        events.unwrap_or_else(PoisonError::into_inner)[known].0.clone()
    }

    /// How long ago an event happened.
    pub(crate) fn age(&self, event: usize) -> Duration {
        self.lock()[event].1.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, Instant)>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
