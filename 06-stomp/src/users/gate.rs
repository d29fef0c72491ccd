//! The gate: a few threads that check passcodes.
//!
//! To check one takes tens of milliseconds of a processor, on purpose. On the thread of an event loop that would be tens of
//! milliseconds in which nobody is served; so attempts wait here, in a bounded line, and the loop is told the verdict.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::delays::Delays;
use super::{Login, User, Users};
use crate::Fault;

/// Threads that check. Each needs 19 MiB for as long as it does.
const THREADS: usize = 2;

/// The most attempts that wait.
const LONGEST_LINE: usize = 10_000;

/// The most that wait from one address that has failed too often.
const MOST_DELAYED: usize = 8;

/// Whom a passcode lets in, or why nobody.
pub type Verdict = Result<Arc<User>, Fault>;

type Tell = Box<dyn FnOnce(Verdict) + Send>;

/// Where everyone who connects has to pass. Dropped, it lets nobody in any more.
pub struct Gate {
    shared: Arc<Shared>,
}

struct Shared {
    users: Users,
    line: Mutex<Line>,
    /// The line has become longer, or is closed.
    changed: Condvar,
}

#[derive(Default)]
struct Line {
    /// Whoever may be looked at first comes first.
    attempts: BinaryHeap<Reverse<Attempt>>,
    delays: Delays,
    last_number: u64,
    checked: u64,
    is_closed: bool,
}

struct Attempt {
    not_before: Instant,
    number: u64,
    login: Login,
    from: IpAddr,
    tell: Tell,
}

impl Gate {
    /// Starts the threads.
    #[must_use]
    pub fn new(users: Users) -> Self {
        let shared = Arc::new(Shared {
            users,
            line: Mutex::default(),
            changed: Condvar::new(),
        });
        for _ in 0..THREADS {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.work());
        }
        Self { shared }
    }

    /// Gets in line. The verdict comes later, on another thread, to `tell`.
    ///
    /// # Errors
    ///
    /// [`Fault::TooManyLogins`] at once, if the line is too long; then `tell` is not called.
    pub fn check(
        &self,
        login: Login,
        from: IpAddr,
        tell: impl FnOnce(Verdict) + Send + 'static,
    ) -> Result<(), Fault> {
        let now = Instant::now();
        let mut line = self.shared.lock();
        let until = line.delays.until(from, &login.name, now);
        let from_there = |attempt: &&Reverse<Attempt>| attempt.0.from == from;
        let is_long = line.attempts.len() >= LONGEST_LINE;
        if is_long || until.is_some() && line.attempts.iter().filter(from_there).count() >= MOST_DELAYED {
            return Err(Fault::TooManyLogins);
        }
        line.last_number += 1;
        let attempt = Attempt {
            not_before: until.unwrap_or(now),
            number: line.last_number,
            login,
            from,
            tell: Box::new(tell),
        };
        line.attempts.push(Reverse(attempt));
        drop(line);
        self.shared.changed.notify_one();
        Ok(())
    }

    /// How many passcodes have been checked so far: each took one hash, whether the name exists or not.
    #[must_use]
    pub fn checked(&self) -> u64 {
        self.shared.lock().checked
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's work, until the gate is closed.
    fn work(&self) {
        while let Some(attempt) = self.next() {
            let user = self.users.check(&attempt.login);
            let (from, name, now) = (attempt.from, &attempt.login.name, Instant::now());
            let mut line = self.lock();
            line.checked += 1;
            if user.is_none() {
                line.delays.failed(from, name, now);
            }
            drop(line);
            (attempt.tell)(user.ok_or(Fault::WrongLogin));
        }
    }

    /// Waits for the next attempt whose time has come.
    fn next(&self) -> Option<Attempt> {
        let mut line = self.lock();
        loop {
            if line.is_closed {
                return None;
            }
            let now = Instant::now();
            match line.attempts.peek().map(|first| first.0.not_before) {
                None => line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner),
                Some(then) if then > now => {
                    let waited = self.changed.wait_timeout(line, then - now);
                    line = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                Some(_) => {
                    let attempt = line.attempts.pop()?.0;
                    // Others from there may have failed while it waited.
                    match line.delays.until(attempt.from, &attempt.login.name, now) {
                        None => return Some(attempt),
                        Some(not_before) => line.attempts.push(Reverse(Attempt {
                            not_before,
                            ..attempt
                        })),
                    }
                }
            }
        }
    }
}

impl Attempt {
    fn place(&self) -> (Instant, u64) {
        (self.not_before, self.number)
    }
}

impl Ord for Attempt {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for Attempt {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Attempt {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Attempt {}
