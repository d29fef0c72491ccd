//! Commands in, bytes out.

use std::sync::Arc;

use super::{Connection, Role, Saying, State};
use crate::frame::{self, CONTROL_PAYLOAD_LIMIT, FrameHeader, LONGEST_HEADER, Opcode, RSV1};
use crate::mask::MaskingKey;
use crate::{Close, CloseCode, Message, Prepared};

/// The shortest payload that is worth a piece of its own in whatever queue it goes to, in bytes.
const WORTH_SPARING: usize = 16 * 1024;

/// Why there is nothing to send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// A Close has been sent, and nothing may follow it.
    #[error(
        "the connection is closing or closed: nothing may be sent after a Close (RFC 6455, section 5.5.1)"
    )]
    Closing,
    /// The parts of a message have to follow each other; only Pings and Pongs may stand between them.
    #[error(
        "a message that is sent in parts is not finished, and no other may begin (RFC 6455, section 5.4)"
    )]
    Unfinished,
    /// A Ping or Pong is small.
    #[error("a Ping carries at most {CONTROL_PAYLOAD_LIMIT} bytes, not {length} (RFC 6455, section 5.5)")]
    PingTooLong {
        /// How many bytes were given.
        length: usize,
    },
    /// Not every number may be sent as a close code.
    #[error("{code} is no close code to send: take 1000, or one from 3000 to 4999 (RFC 6455, section 7.4)")]
    CloseCode {
        /// The number.
        code: u16,
    },
    /// A client's frame needs a random key, and the system has none.
    #[error("the system gives no random numbers for a masking key: {reason}")]
    NoRandomness {
        /// What the system said.
        reason: String,
    },
}

impl Connection {
    /// Says a message, in one frame, onto the end of `output`. It is compressed if that was agreed and is worth it.
    ///
    /// # Errors
    ///
    /// [`SendError::Closing`] after a Close, [`SendError::Unfinished`] inside a message that is sent in parts.
    pub fn send<'a>(
        &mut self,
        message: impl Into<Message<'a>>,
        output: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let message = message.into();
        self.may_begin()?;
        self.timer.said = true;
        let (opcode, payload) = (message.kind().into(), message.as_bytes());
        if self.packs(payload.len()) {
            let header = FrameHeader {
                reserved: RSV1,
                ..FrameHeader::whole(opcode, 0, None)
            };
            return self.send_packed(header, payload, output);
        }
        self.send_frame(opcode, payload, output)
    }

    /// As [`Connection::send`], but a large payload that the message owns comes back, to be sent after the output: its
    /// header is at the output's end. That spares a copy. A client has to mask, and a compressor to pack; they
    /// keep nothing back.
    ///
    /// # Errors
    ///
    /// As [`Connection::send`].
    pub(crate) fn send_apart<'a>(
        &mut self,
        message: impl Into<Message<'a>>,
        output: &mut Vec<u8>,
    ) -> Result<Option<Vec<u8>>, SendError> {
        let message = message.into();
        let length = message.as_bytes().len();
        let is_plain = self.role == Role::Server && !self.packs(length);
        if !is_plain || length < WORTH_SPARING || !message.is_owned() {
            return self.send(message, output).map(|()| None);
        }
        self.may_begin()?;
        self.timer.said = true;
        FrameHeader::whole(message.kind().into(), length, None).encode(output);
        Ok(Some(message.into_bytes()))
    }

    /// Whether a message may begin now.
    fn may_begin(&self) -> Result<(), SendError> {
        match (self.state, &self.saying) {
            (State::Closing | State::Over, _) => Err(SendError::Closing),
            (State::Open, Some(_)) => Err(SendError::Unfinished),
            (State::Open, None) => Ok(()),
        }
    }

    /// Whether a message of so many bytes is compressed.
    fn packs(&self, length: usize) -> bool {
        self.codec.as_ref().is_some_and(|codec| codec.is_for(length))
    }

    /// Says the next part of a message, in a frame of its own. All parts of a message are of one kind; between two of
    /// them there may be Pings, and no other message.
    ///
    /// # Errors
    ///
    /// As [`Connection::send`], and [`SendError::Unfinished`] if the parts are of two kinds.
    pub fn send_part<'a>(
        &mut self,
        part: impl Into<Message<'a>>,
        is_last: bool,
        output: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let part = part.into();
        let can_pack = self.codec.as_ref().is_some_and(|codec| codec.can_pack());
        let (opcode, is_compressed) = match self.saying {
            None => (part.kind().into(), can_pack),
            Some(saying) if saying.kind == part.kind() => (Opcode::Continuation, saying.is_compressed),
            Some(_) => return Err(SendError::Unfinished),
        };
        let header = FrameHeader {
            fin: is_last,
            reserved: if is_compressed && self.saying.is_none() {
                RSV1
            } else {
                0
            },
            ..FrameHeader::whole(opcode, part.as_bytes().len(), None)
        };
        if is_compressed {
            self.send_packed(header, part.as_bytes(), output)?;
        } else {
            self.send_with(header, part.as_bytes(), output)?;
        }
        self.timer.said = true;
        self.saying = (!is_last).then(|| Saying {
            kind: part.kind(),
            is_compressed,
        });
        Ok(())
    }

    /// Says a message that is encoded for many connections: what is returned is to be sent, after all output. A client's frames
    /// each need a key of their own, so that only a server's can be shared.
    ///
    /// # Errors
    ///
    /// As [`Connection::send`].
    pub fn send_prepared(&mut self, prepared: &Prepared) -> Result<Arc<[u8]>, SendError> {
        self.may_begin()?;
        if self.role == Role::Client {
            let mut frame = Vec::new();
            self.send(prepared.message().clone(), &mut frame)?;
            return Ok(frame.into());
        }
        self.timer.said = true;
        let length = prepared.message().as_bytes().len();
        let codec = self.codec.as_mut().filter(|codec| codec.is_for(length));
        let Some((codec, frame)) = codec.and_then(|codec| prepared.packed(codec).map(|frame| (codec, frame)))
        else {
            return Ok(Arc::clone(prepared.plain()));
        };
        // The peer's memory now ends with this message, and ours does not know it. To begin anew brings both in step
        // again: what is packed from here on points back no further than to here (RFC 7692, section 7.1.1 lets it).
        codec.forget();
        Ok(Arc::clone(frame))
    }

    /// Asks the peer for a sign of life; its Pong brings `payload` back.
    ///
    /// # Errors
    ///
    /// [`SendError::PingTooLong`], or as [`Connection::send`].
    pub fn ping(&mut self, payload: &[u8], output: &mut Vec<u8>) -> Result<(), SendError> {
        if payload.len() > CONTROL_PAYLOAD_LIMIT {
            return Err(SendError::PingTooLong {
                length: payload.len(),
            });
        }
        self.send_frame(Opcode::Ping, payload, output)
    }

    /// Begins the closing handshake. The peer may finish what it is saying, so go on receiving until
    /// [`Event::Closed`](super::Event::Closed).
    ///
    /// # Errors
    ///
    /// [`SendError::CloseCode`], or as [`Connection::send`].
    pub fn close(&mut self, code: CloseCode, reason: &str, output: &mut Vec<u8>) -> Result<(), SendError> {
        if !code.may_be_sent() {
            return Err(SendError::CloseCode { code: code.0 });
        }
        self.send_frame(Opcode::Close, &Close::new(code, reason).payload(), output)?;
        self.state = State::Closing;
        self.await_close();
        Ok(())
    }

    pub(super) fn send_frame(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.send_with(FrameHeader::whole(opcode, payload.len(), None), payload, output)
    }

    /// Sends a frame with this header, and with a mask if this end has to.
    fn send_with(
        &mut self,
        header: FrameHeader,
        payload: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let mask = self.next_mask()?;
        frame::encode(&FrameHeader { mask, ..header }, payload, output);
        Ok(())
    }

    /// Sends a frame with this header and the packed payload.
    fn send_packed(
        &mut self,
        header: FrameHeader,
        payload: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let mask = self.next_mask()?;
        let Some(codec) = &mut self.codec else {
            return self.send_with(header, payload, output);
        };
        // How long the header will be is known when the payload is packed: there is room for the longest.
        let start = output.len();
        output.resize(start + LONGEST_HEADER, 0);
        codec.pack(payload, header.fin, output);
        let packed = start + LONGEST_HEADER;
        let length = output.len() - packed;
        if length >= payload.len() && header.fin && header.opcode.kind().is_some() && codec.forgets() {
            output.truncate(start);
            return self.send_frame(header.opcode, payload, output);
        }
        let header = FrameHeader {
            mask,
            length: length as u64,
            ..header
        };
        header.unmask(&mut output[packed..], 0);
        let mut encoded = Vec::with_capacity(LONGEST_HEADER);
        header.encode(&mut encoded);
        output.splice(start..packed, encoded);
        Ok(())
    }

    /// The key for the next frame, if this end masks.
    fn next_mask(&self) -> Result<Option<MaskingKey>, SendError> {
        match (self.state, self.role) {
            (State::Closing | State::Over, _) => Err(SendError::Closing),
            (State::Open, Role::Server) => Ok(None),
            (State::Open, Role::Client) => {
                let key = self.options.masking_keys.next_key().map_err(no_randomness)?;
                Ok(Some(key))
            }
        }
    }
}

fn no_randomness(error: getrandom::Error) -> SendError {
    SendError::NoRandomness {
        reason: error.to_string(),
    }
}
