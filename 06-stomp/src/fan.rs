//! Messages for many, encoded once.
//!
//! A MESSAGE differs from one subscriber to the next only in the `subscription` header. So all who chose the same id, as
//! most programs do (`0`, `1`), receive the very same octets: they lie in memory once, however many wait for them.
//! And all that one publisher's read has brought goes together: one piece a subscriber, one write.

use std::sync::{Arc, OnceLock};

use chunked_io::event_loop::Shared;
use websocket::frame::{self, FrameHeader, Opcode};

/// MESSAGE frames, one after the other, as many subscribers receive them.
#[derive(Debug)]
pub struct Fan {
    octets: Shared,
    /// Where each frame ends.
    ends: Vec<usize>,
    credit: usize,
    /// The same in WebSocket's frames, once somebody asks.
    web_socket: OnceLock<Shared>,
}

impl Fan {
    /// The frames in `octets`, which end there; `credit` as in [`Delivery::credit`](crate::Delivery::credit).
    pub(crate) fn new(octets: &[u8], ends: &[usize], credit: usize) -> Self {
        Self {
            octets: Shared::from(octets),
            ends: ends.to_vec(),
            credit,
            web_socket: OnceLock::new(),
        }
    }

    /// What the broker wants to be told once the frames have been written, in bytes: see
    /// [`Broker::written`](crate::Broker::written). Topics want nothing.
    #[must_use]
    pub fn credit(&self) -> usize {
        self.credit
    }

    /// All frames in one piece, as TCP carries them.
    #[must_use]
    pub fn octets(&self) -> &Shared {
        &self.octets
    }

    /// Where each frame ends.
    pub fn ends(&self) -> impl ExactSizeIterator<Item = usize> {
        self.ends.iter().copied()
    }

    /// All frames as a server's WebSocket carries them: each a message of its own.
    #[must_use]
    pub fn web_socket(&self) -> &Shared {
        self.web_socket.get_or_init(|| {
            let mut out = Vec::with_capacity(self.octets.len() + self.ends.len() * frame::LONGEST_HEADER);
            let mut start = 0;
            for end in &self.ends {
                let frame = &self.octets[start..*end];
                frame::encode(
                    &FrameHeader::whole(opcode(frame), frame.len(), None),
                    frame,
                    &mut out,
                );
                start = *end;
            }
            Arc::from(out)
        })
    }
}

/// Text if it is UTF-8, so that a browser's tools show it; bytes if not.
fn opcode(frame: &[u8]) -> Opcode {
    match std::str::from_utf8(frame) {
        Ok(_) => Opcode::Text,
        Err(_) => Opcode::Binary,
    }
}
