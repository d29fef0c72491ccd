//! Commands in, bytes out.

use super::{Connection, Role, State};
use crate::frame::{self, CONTROL_PAYLOAD_LIMIT, FrameHeader, Opcode};
use crate::{Close, CloseCode, Message};

/// Why there is nothing to send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// A Close has been sent, and nothing may follow it.
    #[error(
        "the connection is closing or closed: nothing may be sent after a Close (RFC 6455, section 5.5.1)"
    )]
    Closing,
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
    /// Says a message, in one frame, onto the end of `output`.
    ///
    /// # Errors
    ///
    /// [`SendError::Closing`] after a Close.
    pub fn send<'a>(
        &mut self,
        message: impl Into<Message<'a>>,
        output: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let message = message.into();
        self.send_frame(message.kind().into(), message.as_bytes(), output)
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
        self.timer.since = None;
        Ok(())
    }

    pub(super) fn send_frame(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        if self.state != State::Open {
            return Err(SendError::Closing);
        }
        let mask = match self.role {
            Role::Server => None,
            Role::Client => Some(self.options.masking_keys.next_key().map_err(no_randomness)?),
        };
        frame::encode(&FrameHeader::whole(opcode, payload.len(), mask), payload, output);
        Ok(())
    }
}

fn no_randomness(error: getrandom::Error) -> SendError {
    SendError::NoRandomness {
        reason: error.to_string(),
    }
}
