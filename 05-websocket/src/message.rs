//! Messages out of frames: fragments are joined as they arrive, and text is judged as it comes.

use std::borrow::Cow;

use crate::{Violation, storage};

/// How many bytes have to be missing for a read straight to their place, in bytes: a read into the buffer that all share may
/// bring the next message as well.
const WORTH_READING: usize = 32 * 1024;

/// What one side says to the other: one frame or many, it is one message.
///
/// The payload is borrowed where it can be, from the buffer that it was received into or from whoever sends it.
/// [`Message::into_owned`] keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// UTF-8 text.
    Text(Cow<'a, str>),
    /// Bytes.
    Binary(Cow<'a, [u8]>),
}

/// The two kinds of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// UTF-8 text: opcode 1.
    Text,
    /// Bytes: opcode 2.
    Binary,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Binary => "bytes",
        })
    }
}

impl<'a> Message<'a> {
    /// A message in the bytes of a payload, which are not copied.
    ///
    /// # Errors
    ///
    /// [`Violation::InvalidUtf8`] if it is to be text and is not.
    pub fn from_payload(kind: Kind, payload: &'a [u8]) -> Result<Self, Violation> {
        match kind {
            Kind::Binary => Ok(Self::from(payload)),
            Kind::Text => match simdutf8::basic::from_utf8(payload) {
                Ok(text) => Ok(Self::from(text)),
                Err(_) => Err(invalid_utf8(payload)),
            },
        }
    }

    /// Text or bytes.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Binary(_) => Kind::Binary,
        }
    }

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

    /// Whether the payload is in memory of the message's own.
    pub(crate) fn is_owned(&self) -> bool {
        matches!(self, Self::Text(Cow::Owned(_)) | Self::Binary(Cow::Owned(_)))
    }

    /// The payload, in memory of its own.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_owned().into_bytes(),
            Self::Binary(bytes) => bytes.into_owned(),
        }
    }

    /// The same message, in memory of its own.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Self::Text(text) => Message::Text(text.into_owned().into()),
            Self::Binary(bytes) => Message::Binary(bytes.into_owned().into()),
        }
    }
}

/// Where the payload stops being UTF-8. The usual check is faster because it does not know.
fn invalid_utf8(payload: &[u8]) -> Violation {
    let valid = simdutf8::compat::from_utf8(payload).map_or_else(|error| error.valid_up_to(), str::len);
    Violation::InvalidUtf8 { valid }
}

impl<'a> From<&'a str> for Message<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Message<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a [u8]> for Message<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Binary(bytes.into())
    }
}

impl From<Vec<u8>> for Message<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

/// A message of which not all has come.
///
/// Memory grows with what has come, never with what a header promises.
#[derive(Debug)]
pub(crate) struct Assembly {
    /// How many bytes have come in all.
    length: usize,
    /// Whether the frames hold it packed.
    is_compressed: bool,
    /// How many bytes there will be, once the last frame has said so.
    whole: Option<usize>,
    data: Data,
}

#[derive(Debug)]
enum Data {
    Text(PartialText),
    Binary(PartialBytes),
}

impl Assembly {
    pub(crate) fn new(kind: Kind, is_compressed: bool) -> Self {
        let data = match kind {
            Kind::Text => Data::Text(PartialText::default()),
            Kind::Binary => Data::Binary(PartialBytes::default()),
        };
        Self {
            length: 0,
            is_compressed,
            whole: None,
            data,
        }
    }

    /// The last frame has begun, and brings so many bytes.
    pub(crate) fn expect(&mut self, last: u64) {
        self.whole = usize::try_from(last)
            .ok()
            .map(|last| self.length.saturating_add(last));
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.is_compressed
    }

    /// How many bytes of the message have come.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Adds bytes of the payload, up to `limit` in all.
    pub(crate) fn push(&mut self, bytes: &[u8], limit: usize) -> Result<(), Violation> {
        // What is within the limit is judged first: which violation it is must not depend on how the bytes were cut.
        let (bytes, beyond) = bytes.split_at(bytes.len().min(limit.saturating_sub(self.length)));
        self.length += bytes.len();
        let growth = Growth {
            whole: self.whole,
            limit,
        };
        match &mut self.data {
            Data::Text(text) => text.push(bytes, growth)?,
            Data::Binary(binary) => binary.push(bytes, growth),
        }
        if beyond.is_empty() {
            Ok(())
        } else {
            Err(Violation::MessageTooLong { limit })
        }
    }

    /// Where the next bytes of the payload can go without a copy: only if there are many to come, the end is known, and
    /// nobody has to look at them as they come.
    pub(crate) fn room(&mut self) -> Option<&mut [u8]> {
        match (&mut self.data, self.whole) {
            (Data::Binary(binary), Some(whole)) => binary.room(whole),
            _ => None,
        }
    }

    /// So many bytes have come into the [room](Assembly::room); gives them out to be unmasked.
    pub(crate) fn filled(&mut self, count: usize) -> &mut [u8] {
        match &mut self.data {
            Data::Binary(binary) => {
                self.length += count;
                binary.filled(count)
            }
            Data::Text(_) => &mut [],
        }
    }

    /// How much memory the message takes, in bytes.
    pub(crate) fn held(&self) -> usize {
        match &self.data {
            Data::Text(text) => text.text.capacity() + text.cut.capacity(),
            Data::Binary(binary) => binary.bytes.capacity(),
        }
    }

    /// Hands out what has come since the last part, if anything has.
    pub(crate) fn take_part(&mut self) -> Option<Message<'static>> {
        let part = match &mut self.data {
            Data::Text(text) => Message::from(std::mem::take(&mut text.text)),
            Data::Binary(binary) => Message::from(std::mem::take(binary).finish()),
        };
        (!part.as_bytes().is_empty()).then_some(part)
    }

    /// Ends the message and hands it out.
    pub(crate) fn finish(self) -> Result<Message<'static>, Violation> {
        match self.data {
            Data::Text(text) => text.finish().map(Message::from),
            Data::Binary(binary) => Ok(Message::from(binary.finish())),
        }
    }
}

/// How the memory of a message grows, so that a long one is not moved for each of its parts.
#[derive(Clone, Copy)]
struct Growth {
    whole: Option<usize>,
    limit: usize,
}

impl Growth {
    /// How much to reserve for `more` bytes, never beyond the limit: twice what there is, if the end is not known.
    fn room_for(self, more: usize, length: usize, capacity: usize) -> usize {
        if capacity - length >= more {
            return 0;
        }
        let come = length + more;
        let grown = match self.whole {
            Some(whole) => room_on_the_way(come, whole),
            None => capacity.saturating_mul(2),
        };
        more.max(grown.min(self.limit).saturating_sub(length))
    }
}

/// For how many bytes there is to be room when so many of the `whole` have come. A header's promise alone reserves nothing,
/// but each move to a larger place costs a copy: four times what has come, or all if that is not much more.
fn room_on_the_way(come: usize, whole: usize) -> usize {
    if come.saturating_mul(8) >= whole {
        whole
    } else {
        come.saturating_mul(4)
    }
}

/// Bytes that are still coming.
#[derive(Debug, Default)]
struct PartialBytes {
    /// What has come, and behind it room for more.
    bytes: Vec<u8>,
    have: usize,
}

impl PartialBytes {
    fn push(&mut self, more: &[u8], growth: Growth) {
        let end = self.have + more.len();
        if let Some(room) = self.bytes.get_mut(self.have..end) {
            room.copy_from_slice(more);
        } else {
            self.bytes.truncate(self.have);
            let capacity = self.bytes.capacity();
            self.bytes
                .reserve_exact(growth.room_for(more.len(), self.have, capacity));
            self.bytes.extend_from_slice(more);
        }
        self.have = end;
    }

    /// Room for what comes next, if it is enough to be worth a read of its own.
    fn room(&mut self, whole: usize) -> Option<&mut [u8]> {
        let end = room_on_the_way(self.have, whole);
        if self.bytes.len() - self.have < WORTH_READING {
            if end.saturating_sub(self.have) < WORTH_READING {
                return None;
            }
            self.make_room(end, whole);
        }
        let end = self.bytes.len().min(whole);
        Some(&mut self.bytes[self.have..end])
    }

    fn make_room(&mut self, end: usize, whole: usize) {
        if self.bytes.capacity() < whole
            && end == whole
            && let Some(mut kept) = storage::take(whole)
        {
            // What was in it before is overwritten by what comes, or cut off.
            kept.resize(kept.len().max(whole), 0);
            kept[..self.have].copy_from_slice(&self.bytes[..self.have]);
            self.bytes = kept;
            return;
        }
        self.bytes.reserve_exact(end.saturating_sub(self.bytes.len()));
        self.bytes.resize(end, 0);
    }

    fn filled(&mut self, count: usize) -> &mut [u8] {
        let start = self.have;
        self.have += count;
        &mut self.bytes[start..self.have]
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.truncate(self.have);
        self.bytes
    }
}

/// Text that is still coming. A character of several bytes may be cut anywhere, even between two frames.
#[derive(Debug, Default)]
struct PartialText {
    text: String,
    /// How many bytes were right, also of what has been handed out.
    valid: usize,
    /// The first bytes of a character whose last ones are still to come: three at most.
    cut: Vec<u8>,
}

impl PartialText {
    /// Adds bytes, and fails as soon as they can no longer become UTF-8: inside a frame if need be
    /// (RFC 6455, section 8.1).
    fn push(&mut self, mut bytes: &[u8], growth: Growth) -> Result<(), Violation> {
        let (length, capacity) = (self.text.len(), self.text.capacity());
        // What is cut off now goes into the text with its last byte.
        let more = self.cut.len() + bytes.len();
        self.text.reserve_exact(growth.room_for(more, length, capacity));
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
            Ok(text) => self.push_text(text),
            Err(error) => {
                let (whole, cut) = bytes.split_at(error.valid_up_to());
                // Already known to be valid; asking again is what safe Rust costs here.
                self.push_text(simdutf8::basic::from_utf8(whole).unwrap_or_default());
                if error.error_len().is_some() {
                    return Err(self.invalid());
                }
                self.cut = cut.to_vec();
            }
        }
        Ok(())
    }

    fn push_text(&mut self, text: &str) {
        self.text.push_str(text);
        self.valid += text.len();
    }

    fn invalid(&self) -> Violation {
        Violation::InvalidUtf8 { valid: self.valid }
    }

    fn finish(self) -> Result<String, Violation> {
        if self.cut.is_empty() {
            Ok(self.text)
        } else {
            Err(self.invalid())
        }
    }
}
