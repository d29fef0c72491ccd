//! Bytes that have come and are not used yet.

use super::FramingError;
use super::delimiter::find;

/// A queue of bytes: they come in pieces of any size, and leave as whole messages.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    used: usize,
    /// How many of the bytes that are not used have been searched.
    searched: usize,
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
        self.searched = 0;
    }

    /// Where the first `delimiter` ends, counted from the first byte that is not used. No byte is looked at twice,
    /// but for a delimiter that begins at the end of those at hand.
    pub(super) fn find(&mut self, delimiter: &[u8]) -> Option<usize> {
        let end = find(&self.bytes[self.used..], delimiter, self.searched);
        if end.is_none() {
            self.searched = self.bytes().len().saturating_sub(delimiter.len() - 1);
        }
        end
    }

    /// Judges the end of the stream: nothing may be left over.
    pub(super) fn finish(&self) -> Result<(), FramingError> {
        match self.bytes().len() {
            0 => Ok(()),
            pending => Err(FramingError::Unfinished { pending }),
        }
    }
}
