//! What the loop keeps for one connection. An idle one costs this and nothing more.

use std::fmt;
use std::net::SocketAddr;

use mio::net::TcpStream;

use super::mailbox::Admission;
use super::out_queue::OutQueue;
use super::timers::Timer;

/// Names one connection among all that the server ever had. When the connection is gone its name leads to nothing,
/// not to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId {
    /// Counts the connections of the thread. It comes round again after four thousand million of them.
    pub(super) serial: u32,
    /// The place among the thread's connections; used again by a later one.
    pub(super) slot: u32,
    pub(super) thread: u32,
}

/// For logs: thread, and number on that thread.
impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.thread, self.serial)
    }
}

/// A place among the connections of a thread.
pub(super) struct Slot<P> {
    pub(super) protocol: P,
    pub(super) connection: Connection,
}

/// The loop's own half of a slot.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) serial: u32,
    /// There only while something waits.
    pub(super) queue: Option<Box<OutQueue>>,
    /// There once it was set.
    pub(super) timer: Option<Box<Timer>>,
    pub(super) state: State,
    pub(super) admission: Admission,
    /// The peer has sent its last byte.
    pub(super) peer_finished: bool,
    /// The system was asked to report when there is room to write.
    pub(super) watches_room: bool,
    /// The protocol wants no bytes for now.
    pub(super) paused: bool,
    /// There may be bytes to read that no event will report again.
    pub(super) unread: bool,
    /// The protocol wants to know when all has left.
    pub(super) wants_drained: bool,
}

/// How far a connection is from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// This end calls, and the other has not answered yet.
    Calling,
    Open,
    /// This end will say nothing more than what is queued. Whatever comes is thrown away.
    Closing,
    /// All has left, with a FIN behind it. The peer's own is awaited: to close before it has come would make the
    /// system answer late bytes with a reset, and that can destroy what the peer has not read yet.
    Finished,
    /// To be dropped with a reset.
    Aborted,
}

impl Connection {
    pub(super) fn new(
        stream: TcpStream,
        peer: SocketAddr,
        serial: u32,
        admission: Admission,
        state: State,
    ) -> Self {
        Self {
            stream,
            peer,
            serial,
            queue: None,
            timer: None,
            state,
            admission,
            peer_finished: false,
            // That there is room is how the system says that a call was answered.
            watches_room: state == State::Calling,
            paused: false,
            unread: false,
            wants_drained: false,
        }
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.len())
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether the protocol waits to hear that all has left, and it has.
    pub(super) fn is_drained(&self) -> bool {
        self.is_open() && self.wants_drained && self.queue.is_none()
    }

    /// Whether there is something to do for which no event will come.
    pub(super) fn wants_look(&self, queue_limit: usize) -> bool {
        let may_be_read = self.unread && !self.paused && self.queued() < queue_limit;
        may_be_read || self.is_drained()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_costs_no_more_than_a_cache_line() {
        // A debug build of mio remembers for each socket which poll it belongs to.
        let without_stream = size_of::<Slot<()>>() - size_of::<TcpStream>();
        assert!(without_stream <= 64, "{without_stream} bytes");
    }
}
