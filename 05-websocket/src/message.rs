//! Messages out of frames: fragments are joined as they arrive, and text is judged as it comes.

use crate::Violation;
use crate::frame::Opcode;

/// What one side says to the other: one frame or many, it is one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl Message {
    /// The payload, whatever its kind.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// The text, if it is a text message.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}

/// The message under way, if any.
///
/// Memory grows with what has come, never with what a header promises.
#[derive(Debug, Default)]
pub(crate) enum Assembly {
    /// Between two messages.
    #[default]
    Idle,
    Text(PartialText),
    Binary(Vec<u8>),
}

impl Assembly {
    /// Begins a message, or goes on with it (RFC 6455, section 5.4).
    pub(crate) fn begin_frame(&mut self, opcode: Opcode) -> Result<(), Violation> {
        match (opcode, &self) {
            (Opcode::Continuation, Self::Idle) => Err(Violation::NothingToContinue),
            (Opcode::Continuation, _) => Ok(()),
            (_, Self::Text(_) | Self::Binary(_)) => Err(Violation::MessageInterrupted),
            (Opcode::Text, Self::Idle) => {
                *self = Self::Text(PartialText::default());
                Ok(())
            }
            (_, Self::Idle) => {
                *self = Self::Binary(Vec::new());
                Ok(())
            }
        }
    }

    /// How many bytes of the message have come.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Idle => 0,
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Adds bytes of the payload.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        match self {
            Self::Idle => Err(Violation::NothingToContinue),
            Self::Text(text) => text.push(bytes),
            Self::Binary(all) => {
                all.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Ends the message and hands it out.
    pub(crate) fn finish(&mut self) -> Result<Message, Violation> {
        match std::mem::take(self) {
            Self::Idle => Err(Violation::NothingToContinue),
            Self::Text(text) => text.finish().map(Message::Text),
            Self::Binary(bytes) => Ok(Message::Binary(bytes)),
        }
    }
}

/// Text that is still coming. A character of several bytes may be cut anywhere, even between two frames.
#[derive(Debug, Default)]
pub(crate) struct PartialText {
    text: String,
    /// The first bytes of a character whose last ones are still to come: three at most.
    cut: Vec<u8>,
}

impl PartialText {
    fn len(&self) -> usize {
        self.text.len() + self.cut.len()
    }

    /// Adds bytes, and fails as soon as they can no longer become UTF-8: inside a frame if need be
    /// (RFC 6455, section 8.1).
    fn push(&mut self, mut bytes: &[u8]) -> Result<(), Violation> {
        while !self.cut.is_empty() {
            let Some((next, rest)) = bytes.split_first() else {
                return Ok(());
            };
            self.cut.push(*next);
            bytes = rest;
            let cut = std::mem::take(&mut self.cut);
            self.push_fresh(&cut)?;
        }
        self.push_fresh(bytes)
    }

    /// Adds bytes that begin with a character.
    fn push_fresh(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => self.text.push_str(text),
            Err(error) => {
                let (whole, cut) = bytes.split_at(error.valid_up_to());
                // Already known to be valid; asking again is what safe Rust costs here.
                self.text
                    .push_str(simdutf8::basic::from_utf8(whole).unwrap_or_default());
                if error.error_len().is_some() {
                    return Err(Violation::InvalidUtf8 {
                        valid: self.text.len(),
                    });
                }
                self.cut = cut.to_vec();
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<String, Violation> {
        if self.cut.is_empty() {
            Ok(self.text)
        } else {
            Err(Violation::InvalidUtf8 {
                valid: self.text.len(),
            })
        }
    }
}
