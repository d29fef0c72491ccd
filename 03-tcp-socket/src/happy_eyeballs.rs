//! Which address to try, and when: Happy Eyeballs, version 2 (RFC 8305).
//!
//! A name often has addresses of both families, and one family may lead nowhere without anybody saying so. Who
//! tries them one after the other waits a full timeout for each dead one. Who tries them all at once wastes the
//! servers' time. A [`Race`] starts them a quarter of a second apart, the families in turn, and at once after a failure.
//!
//! A race does no I/O and has no clock: it is told the time, and says what to do. That is why it can be tested
//! in no time at all, and why [`TcpSocket::connect`](crate::TcpSocket::connect) stays short.
//!
//! (The RFC also asks for A and AAAA records separately, so as to start before the slower answer has come. The
//! system's resolver gives both together, so that part is left to it.)

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// The "Connection Attempt Delay" that RFC 8305, section 5, recommends.
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Begin to connect to this address, and ask again.
    Start(SocketAddr),
    /// Wait for an attempt to end, but no longer than until this time, and ask again.
    Wait {
        /// When the next address is due; `None` if all have been started.
        until: Option<Duration>,
    },
    /// Every address has failed.
    Lost,
}

/// A race of connection attempts. Times are counted from its beginning.
#[derive(Debug, Clone)]
pub struct Race {
    waiting: VecDeque<SocketAddr>,
    under_way: usize,
    next_start: Duration,
}

impl Race {
    /// A race between `addresses`, which stand in the order in which the system prefers them (RFC 6724).
    #[must_use]
    pub fn new(addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self {
            waiting: in_turn(addresses),
            under_way: 0,
            next_start: Duration::ZERO,
        }
    }

    /// What to do at the time `now`.
    pub fn next(&mut self, now: Duration) -> Next {
        if self.waiting.is_empty() && self.under_way == 0 {
            return Next::Lost;
        }
        if now < self.next_start {
            let until = (!self.waiting.is_empty()).then_some(self.next_start);
            return Next::Wait { until };
        }
        let Some(address) = self.waiting.pop_front() else {
            return Next::Wait { until: None };
        };
        self.under_way += 1;
        self.next_start = now.saturating_add(ATTEMPT_DELAY);
        Next::Start(address)
    }

    /// An attempt has failed: the next address need not wait for its turn.
    pub fn failed(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
        self.next_start = Duration::ZERO;
    }
}

/// The families in turn, beginning with the one that the system prefers; within a family the order stays
/// (RFC 8305, section 4). An address that stands twice is tried once.
fn in_turn(addresses: impl IntoIterator<Item = SocketAddr>) -> VecDeque<SocketAddr> {
    let mut different: Vec<SocketAddr> = Vec::new();
    for address in addresses {
        if !different.contains(&address) {
            different.push(address);
        }
    }
    let ipv6_first = different.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = different.into_iter().partition(|it| it.is_ipv6() == ipv6_first);
    let mut second = second.into_iter();
    let mut turns = VecDeque::new();
    for address in first {
        turns.push_back(address);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns
}
