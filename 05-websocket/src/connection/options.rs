//! What a connection allows, and how long it waits.

use std::time::Duration;

use crate::deflate::Compression;
use crate::mask::KeySource;
use crate::message::Kind;

/// More than most applications ever say at once, and less than most machines have.
const LIMIT: usize = 64 * 1024 * 1024;

/// What a connection allows, and how long it waits.
#[derive(Debug, Clone)]
pub struct Options {
    /// The longest message that is taken, in bytes: 64 MiB.
    pub message_limit: usize,
    /// The longest frame that is taken, in bytes: 64 MiB. Of a compressed message, it is the compressed bytes that count.
    pub frame_limit: usize,
    /// The only kind of message that is taken: both are. The other kind is answered with Close 1003.
    pub only: Option<Kind>,
    /// Give messages out in parts, as they come, instead of whole: no. Who can work with parts needs no memory for the
    /// whole, and the first part comes before the last is sent.
    pub in_parts: bool,
    /// Whether and how messages may be compressed, if the other end agrees: not unless you say so, because a
    /// compressor takes more memory than ten thousand idle connections.
    pub compression: Option<Compression>,
    /// Whether and how a silent peer is asked for a sign of life: not unless you say so.
    pub keep_alive: Option<KeepAlive>,
    /// How long a connection may be without a message in either direction: for ever.
    pub idle_timeout: Option<Duration>,
    /// How long the peer may take to answer a Close: 10 seconds.
    pub close_timeout: Duration,
    /// Where a client's masking keys come from.
    pub masking_keys: KeySource,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            message_limit: LIMIT,
            frame_limit: LIMIT,
            only: None,
            in_parts: false,
            compression: None,
            keep_alive: None,
            idle_timeout: None,
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
