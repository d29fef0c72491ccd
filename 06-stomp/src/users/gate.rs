//! The gate: a few threads that check passcodes.
//!
//! To check one takes tens of milliseconds of a processor, on purpose. On the thread of an event loop that would be tens of
//! milliseconds in which nobody is served; so attempts wait here, in a bounded line, and the loop is told the verdict.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::delays::{Delays, network};
use super::{Login, User, Users};
use crate::Fault;

/// Threads that check. Each needs 19 MiB for as long as it does.
const THREADS: usize = 2;

/// The most attempts that wait.
const LONGEST_LINE: usize = 10_000;

/// The most that wait from one network that has failed too often.
const MOST_DELAYED: usize = 8;

/// Longer names and passcodes are nobody's, in bytes: no need to keep them while they wait.
const LONGEST: usize = 4_000;

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
    /// How many of them come from each network.
    waiting: HashMap<IpAddr, usize>,
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
    /// [`Fault::TooManyLogins`] at once, if the line is too long, and [`Fault::WrongLogin`] if nobody could be meant; then
    /// `tell` is not called.
    pub fn check(
        &self,
        login: Login,
        from: IpAddr,
        tell: impl FnOnce(Verdict) + Send + 'static,
    ) -> Result<(), Fault> {
        if login.name.len() > LONGEST || login.passcode.len() > LONGEST {
            return Err(Fault::WrongLogin);
        }
        let now = Instant::now();
        let mut line = self.shared.lock();
        let until = line.delays.until(from, &login.name, now);
        let is_long = line.attempts.len() >= LONGEST_LINE;
        if is_long || until.is_some() && line.waiting_from(from) >= MOST_DELAYED {
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
        line.push(attempt);
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
        while let Some((attempt, may_try)) = self.next() {
            if !may_try {
                (attempt.tell)(Err(Fault::TooManyLogins));
                continue;
            }
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

    /// Waits for the next attempt whose time has come, and says whether it is to be looked at.
    fn next(&self) -> Option<(Attempt, bool)> {
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
                    let attempt = line.pop()?;
                    // Others from there may have failed while it waited. Those who came all at once before the first
                    // failure must not fill the line for longer than the others may.
                    match line.delays.until(attempt.from, &attempt.login.name, now) {
                        None => return Some((attempt, true)),
                        Some(_) if line.waiting_from(attempt.from) >= MOST_DELAYED => {
                            return Some((attempt, false));
                        }
                        Some(not_before) => line.push(Attempt {
                            not_before,
                            ..attempt
                        }),
                    }
                }
            }
        }
    }
}

impl Line {
    fn waiting_from(&self, address: IpAddr) -> usize {
        self.waiting.get(&network(address)).copied().unwrap_or_default()
    }

    fn push(&mut self, attempt: Attempt) {
        *self.waiting.entry(network(attempt.from)).or_default() += 1;
        self.attempts.push(Reverse(attempt));
    }

    fn pop(&mut self) -> Option<Attempt> {
        let Reverse(attempt) = self.attempts.pop()?;
        let network = network(attempt.from);
        let left = self.waiting_from(network) - 1;
        match left {
            0 => self.waiting.remove(&network),
            _ => self.waiting.insert(network, left),
        };
        Some(attempt)
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
