//! What a server may be told to do otherwise.

use std::num::NonZero;
use std::thread;
use std::time::Duration;

/// The bounds and choices of an [`EventLoop`](crate::EventLoop). Each has a default that does for most servers:
///
/// ```
/// use chunked_io::event_loop::{Settings, WhenFull};
///
/// let settings = Settings { threads: 1, when_full: WhenFull::Disconnect, ..Settings::default() };
/// assert_eq!(settings.backlog, 4096);
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many threads share the connections; at least one. Default: one for each core.
    pub threads: usize,
    /// How many callers may wait to be accepted. Too few, and a caller in a crowd waits a second for TCP to try
    /// again. The system may cut it to its own limit.
    pub backlog: i32,
    /// Lets several processes serve one port: [`ListenOptions`](tcp_socket::ListenOptions) says where that works.
    pub reuse_port: bool,
    /// How many connections may be open. Who calls beyond this is [refused](crate::Protocol::refused). Default: as
    /// many as the system has descriptors for.
    pub connections: usize,
    /// When a connection's out-queue counts as full, in bytes. See [`WhenFull`].
    pub queue_limit: usize,
    /// How much the system itself may hold for a peer that does not read, before the out-queue begins to fill, in
    /// bytes. Default: the system decides; on Linux that may be 4 MB for each connection.
    pub send_buffer: Option<usize>,
    /// What happens when the out-queue is full.
    pub when_full: WhenFull,
    /// How long a connection that this end has closed may take to read the rest and close its own end.
    pub closing_time: Duration,
    /// The size of the read buffer, in bytes. Each thread has one, however many connections it serves.
    pub read_buffer: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, NonZero::get),
            backlog: 4096,
            reuse_port: false,
            connections: usize::MAX,
            queue_limit: 256 * 1024,
            send_buffer: None,
            when_full: WhenFull::Pause,
            closing_time: Duration::from_secs(5),
            read_buffer: 64 * 1024,
        }
    }
}

/// What to do with a peer that does not read, once its out-queue is full.
///
/// The question arises when something new would add to a full queue: a request that the peer itself has sent, or
/// bytes from elsewhere ([`Handle::send`](super::Handle::send) and the like, [`Handle::offer_to`](super::Handle::offer_to)).
///
/// | | a request of its own | bytes from elsewhere |
/// | --- | --- | --- |
/// | `Pause` | waits, unread, until the queue is empty | are queued, up to twice the limit; then it is disconnected |
/// | `Drop` | the same | are dropped whole, and counted |
/// | `Disconnect` | disconnects it | disconnect it |
///
/// What one callback says is never cut in two, so a queue may grow beyond its limit by one answer. A
/// [message](super::Handle::tell) to one is never dropped, because it may be more than bytes: one that finds twice
/// the limit queued disconnects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenFull {
    /// Whoever does not read the answers may not ask on. Right for servers that answer.
    #[default]
    Pause,
    /// Whoever does not read misses something. Right for prices, positions: what the next message makes old.
    Drop,
    /// Whoever does not read is sent away. Right for a chat, where nobody may miss a word.
    Disconnect,
}
