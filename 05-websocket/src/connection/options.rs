//! What a connection allows, and how long it waits.

use std::time::Duration;

use crate::mask::KeySource;

/// What a connection allows, and how long it waits.
#[derive(Debug, Clone)]
pub struct Options {
    /// The longest message that is taken, in bytes: 64 MiB.
    pub message_limit: usize,
    /// Whether and how a silent peer is asked for a sign of life: not unless you say so.
    pub keep_alive: Option<KeepAlive>,
    /// How long the peer may take to answer a Close: 10 seconds.
    pub close_timeout: Duration,
    /// Where a client's masking keys come from.
    pub masking_keys: KeySource,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            message_limit: 64 * 1024 * 1024,
            keep_alive: None,
            close_timeout: Duration::from_secs(10),
            masking_keys: KeySource::default(),
        }
    }
}

/// Ping a peer that has been silent, and give it up if it stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepAlive {
    /// Ask after this much silence.
    pub every: Duration,
    /// Give up when there is no sign of life this long after the Ping.
    pub within: Duration,
}
