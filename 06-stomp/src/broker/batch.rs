//! MESSAGE frames for the same receivers, gathered until they go out as one piece.

use std::mem;
use std::sync::Arc;

use crate::{Fan, Version};

/// So many bytes make a piece: more would be no faster.
const PIECE: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Batch {
    /// How each frame begins: the command and perhaps the subscription.
    head: Vec<u8>,
    frames: Frames,
    credit: usize,
}

/// Memory for the frames of a batch.
#[derive(Debug, Default)]
pub(super) struct Frames {
    octets: Vec<u8>,
    /// Where each frame ends.
    ends: Vec<usize>,
}

impl Batch {
    /// For subscriptions of this id. `None` if the id would have to be escaped, which is not the same in all versions.
    pub(super) fn new(id: Option<&str>) -> Option<Self> {
        if id.is_some_and(has_escapes) {
            return None;
        }
        let mut head = b"MESSAGE\n".to_vec();
        if let Some(id) = id {
            head.extend([b"subscription:", id.as_bytes(), b"\n"].concat());
        }
        Some(Self {
            head,
            frames: Frames::default(),
            credit: 0,
        })
    }

    /// Adds a frame: what follows its head. Returns how long the frame is, in bytes.
    pub(super) fn add(&mut self, rest: &[u8]) -> usize {
        let Frames { octets, ends } = &mut self.frames;
        octets.extend_from_slice(&self.head);
        octets.extend_from_slice(rest);
        ends.push(octets.len());
        self.head.len() + rest.len()
    }

    /// The broker wants to be told when so many bytes more have been written.
    pub(super) fn add_credit(&mut self, credit: usize) {
        self.credit += credit;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.ends.is_empty()
    }

    /// Whether it is time to [finish](Batch::finish).
    pub(super) fn is_full(&self) -> bool {
        self.frames.octets.len() >= PIECE
    }

    /// What has been gathered. The memory is kept for the next round.
    pub(super) fn finish(&mut self) -> Arc<Fan> {
        let Frames { octets, ends } = &mut self.frames;
        let fan = Fan::new(octets, ends, self.credit);
        octets.clear();
        octets.shrink_to(2 * PIECE);
        ends.clear();
        self.credit = 0;
        Arc::new(fan)
    }

    /// Memory that another batch does not need at present.
    pub(super) fn borrow(&mut self, frames: Frames) {
        self.frames = frames;
    }

    /// Gives the memory to whoever needs it next; nothing may be in it.
    pub(super) fn lend(&mut self) -> Frames {
        mem::take(&mut self.frames)
    }
}

/// In some version or other.
fn has_escapes(id: &str) -> bool {
    let mut octets = Vec::with_capacity(id.len());
    crate::escape::escape_into(id, Version::V1_2, &mut octets);
    octets != id.as_bytes()
}
