//! What a session has to say and has not yet been able to: whole frames, one after the other.

use crate::Fan;

/// Frames in their octets, waiting to be written.
#[derive(Debug, Default)]
pub struct Output {
    octets: Vec<u8>,
    /// Where each frame ends: over WebSocket each one is a message of its own.
    ends: Vec<usize>,
    credit: usize,
}

impl Output {
    /// All frames in one piece: one write brings them to a TCP socket.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The frames one by one. A heart-beat is one too.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.octets[start..*end])
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// How much is waiting, in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.octets.len()
    }

    /// What to tell [`Broker::written`](crate::Broker::written) once all of it has been written, in bytes.
    #[must_use]
    pub fn credit(&self) -> usize {
        self.credit
    }

    /// Forgets everything, and keeps the memory for the next round.
    pub fn clear(&mut self) {
        self.octets.clear();
        self.ends.clear();
        self.credit = 0;
    }

    /// Octets that a stream can bring as they are, with a piece of a frame at either end.
    pub(crate) fn of_stream(octets: Vec<u8>) -> Self {
        Self {
            octets,
            ..Self::default()
        }
    }

    /// Adds one frame: what `write` appends.
    pub(crate) fn add<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        write(&mut self.octets)?;
        self.ends.push(self.octets.len());
        Ok(())
    }

    /// Adds the frames of others, too.
    pub(crate) fn add_fan(&mut self, fan: &Fan) {
        let before = self.octets.len();
        self.octets.extend_from_slice(fan.octets());
        self.ends.extend(fan.ends().map(|end| before + end));
        self.credit += fan.credit();
    }

    pub(crate) fn add_credit(&mut self, credit: usize) {
        self.credit += credit;
    }
}
