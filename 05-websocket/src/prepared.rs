//! One message for many connections: encoded once, and shared.
//!
//! A server does not mask, so the frame of a message is the same for everybody. Packed it is the same for all who have agreed
//! on a window of the same size, because it is packed by a compressor that remembers nothing and points at nothing
//! outside the message. Whoever expects the server to remember earlier messages can read that, too: the server must only
//! forget them from then on.
//!
//! ```
//! use websocket::{Connection, Options, Prepared};
//!
//! let news = Prepared::new("KRW 71,200");
//! let mut readers = [Connection::server(Options::default()), Connection::server(Options::default())];
//! for reader in &mut readers {
//!     let frame = reader.send_prepared(&news)?;
//!     assert_eq!(frame[..2], [0x81, 10]);
//! }
//! # Ok::<(), websocket::connection::SendError>(())
//! ```

use std::sync::{Arc, OnceLock};

use crate::Message;
use crate::deflate::{Codec, SMALLEST_WINDOW};
use crate::frame::{self, FrameHeader, RSV1};

/// How many sizes of window there are that can be packed with: 9 to 15 bits.
const WINDOWS: usize = 7;

/// A message with its frame, ready to be sent to any number of clients.
#[derive(Debug)]
pub struct Prepared {
    message: Message<'static>,
    plain: Arc<[u8]>,
    /// For each size of window, once somebody asks for it; `None` if packing does not make it shorter.
    packed: [OnceLock<Option<Arc<[u8]>>>; WINDOWS],
}

impl Prepared {
    /// Encodes a message, as a server sends it.
    #[must_use]
    pub fn new<'a>(message: impl Into<Message<'a>>) -> Self {
        let message = message.into().into_owned();
        let payload = message.as_bytes();
        let mut frame = Vec::with_capacity(payload.len() + frame::LONGEST_HEADER);
        let header = FrameHeader::whole(message.kind().into(), payload.len(), None);
        frame::encode(&header, payload, &mut frame);
        Self {
            plain: frame.into(),
            packed: Default::default(),
            message,
        }
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &Message<'static> {
        &self.message
    }

    /// The frame with the message as it is.
    pub(crate) fn plain(&self) -> &Arc<[u8]> {
        &self.plain
    }

    /// The frame with the message packed, if that makes it shorter.
    pub(crate) fn packed(&self, codec: &Codec) -> Option<&Arc<[u8]>> {
        let window = usize::from(codec.window_bits() - SMALLEST_WINDOW);
        let packed = self.packed[window].get_or_init(|| {
            let mut payload = Vec::new();
            codec.pack_alone(self.message.as_bytes(), &mut payload);
            if payload.len() >= self.message.as_bytes().len() {
                return None;
            }
            let header = FrameHeader {
                reserved: RSV1,
                ..FrameHeader::whole(self.message.kind().into(), payload.len(), None)
            };
            let mut frame = Vec::with_capacity(payload.len() + frame::LONGEST_HEADER);
            frame::encode(&header, &payload, &mut frame);
            Some(frame.into())
        });
        packed.as_ref()
    }
}
