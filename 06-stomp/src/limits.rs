//! How much a peer may ask of us. Every limit is set by default.
//!
//! A specification says what a peer may send; only a limit says when it is enough
//! (STOMP 1.2, "Size Limits"). Whoever goes beyond one gets an ERROR, and the connection is closed.

use std::time::Duration;

/// The limits of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most headers in a frame.
    pub headers: usize,
    /// The longest command and headers together, in bytes.
    pub head_bytes: usize,
    /// The longest body, in bytes.
    pub body_bytes: usize,
    /// The most bytes that wait to be written to a subscriber that does not read.
    pub queued_bytes: usize,
    /// The most subscriptions of one connection.
    pub subscriptions: usize,
    /// The most messages that a subscription may leave unacknowledged; a queue sends no more until some are.
    pub unacknowledged: usize,
    /// The most transactions that a connection may have open.
    pub transactions: usize,
    /// The most frames in one transaction.
    pub transaction_frames: usize,
    /// The most bytes in the transactions of one connection.
    pub transaction_bytes: usize,
    /// How long a new connection may take to send CONNECT.
    pub connect_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            headers: 100,
            head_bytes: 16 * 1024,
            body_bytes: 16 * 1024 * 1024,
            queued_bytes: 4 * 1024 * 1024,
            subscriptions: 1_000,
            unacknowledged: 1_000,
            transactions: 100,
            transaction_frames: 10_000,
            transaction_bytes: 32 * 1024 * 1024,
            connect_time: Duration::from_secs(10),
        }
    }
}
