//! Bytes that have come and are not used yet.

/// A queue of bytes: they come in pieces of any size, and leave as whole messages.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    used: usize,
}

impl Pending {
    /// Adds what has come. The used part is dropped here, once a piece, and not once a message: many small
    /// messages in one piece would otherwise move the rest again and again.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.used);
        self.used = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// What is not used yet.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.used..]
    }

    /// Marks the first `count` bytes as used.
    pub(super) fn consume(&mut self, count: usize) {
        self.used += count;
    }
}
