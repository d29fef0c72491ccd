//! One timer for each connection, cheap to move.
//!
//! An idle timeout moves with every read, and nearly never fires. So moving a timer to a later time touches nothing
//! but the connection: its entry in the heap stays where it was, and when it comes up too early, it is put
//! back. A connection that is gone leaves its entry behind; when most entries are such, they are swept out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::ConnectionId;

/// Fewer entries than this are never worth sweeping.
const FEW: usize = 64;

/// What a connection knows of its timer.
#[derive(Default)]
pub(super) struct Timer {
    /// When to call the protocol.
    pub(super) wanted: Option<Instant>,
    /// The connection's earliest entry in the heap.
    entry: Option<Instant>,
}

impl Timer {
    pub(super) fn has_entry(&self) -> bool {
        self.entry.is_some()
    }
}

/// The entries of one thread, the earliest first.
#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, ConnectionId)>>,
    /// How many entries belong to connections that are gone.
    orphans: usize,
}

impl Timers {
    pub(super) fn set(&mut self, id: ConnectionId, timer: &mut Timer, wanted: Option<Instant>) {
        timer.wanted = wanted;
        if let Some(at) = wanted
            && timer.entry.is_none_or(|entry| at < entry)
        {
            timer.entry = Some(at);
            self.heap.push(Reverse((at, id)));
        }
    }

    /// When to look next.
    pub(super) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out an entry whose time has come.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Instant, ConnectionId)> {
        self.next().filter(|at| *at <= now)?;
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// Whether the entry that came up at `at` means that the timer fires. If the timer has moved, it is put back.
    pub(super) fn fires(&mut self, id: ConnectionId, timer: &mut Timer, at: Instant, now: Instant) -> bool {
        // An entry that was overtaken by an earlier one.
        if timer.entry != Some(at) {
            return false;
        }
        timer.entry = None;
        let fires = timer.wanted.is_some_and(|wanted| wanted <= now);
        let wanted = timer.wanted.filter(|_| !fires);
        self.set(id, timer, wanted);
        fires
    }

    /// A connection that had an entry is gone. `lives` says which are not.
    pub(super) fn orphan(&mut self, lives: impl Fn(ConnectionId) -> bool) {
        self.orphans += 1;
        if self.orphans > FEW && self.orphans > self.heap.len() / 2 {
            self.heap.retain(|Reverse((_, id))| lives(*id));
            self.orphans = 0;
        }
    }

    /// The entry that came up belonged to a connection that is gone.
    pub(super) fn forget(&mut self) {
        self.orphans = self.orphans.saturating_sub(1);
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }
}
