//! From octets to frames, however the octets are cut.

use std::ops::Range;

use super::PlainSend;
use crate::escape::{BadEscape, unescape};
use crate::{Command, Frame, Limits, Version};

/// Why octets are no frame. All of these are fatal: where the next frame begins is no longer known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first line is not one of the specification's commands.
    #[error(
        "{line:?} is not a command of STOMP: commands are written in capitals, as in SEND{}",
        hint(line)
    )]
    UnknownCommand {
        /// The line as it came.
        line: String,
    },
    /// A header line has no colon.
    #[error("the header {line:?} has no colon: write name:value{}", hint(line))]
    NoColon {
        /// The line as it came.
        line: String,
    },
    /// A header line begins with the colon.
    #[error("the header {line:?} has no name before its colon: write name:value")]
    NoName {
        /// The line as it came.
        line: String,
    },
    /// A line of the head is not UTF-8 (STOMP 1.2, "Value Encoding").
    #[error("the line {line:?} is not UTF-8: commands and headers are text, only a body may be anything")]
    NotUtf8 {
        /// The line, with its faulty octets replaced.
        line: String,
    },
    /// A header holds an escape that the version does not know.
    #[error(transparent)]
    BadEscape(#[from] BadEscape),
    /// The octet 0 came before the blank line.
    #[error(
        "the frame ends in its head, at {line:?}: a blank line must follow the headers, even without a body"
    )]
    NulInHead {
        /// The line up to the octet 0.
        line: String,
    },
    /// `content-length` is not a number.
    #[error("the content-length {value:?} is not a number of octets: write it in digits, or leave it out")]
    BadContentLength {
        /// The header's value.
        value: String,
    },
    /// After `content-length` octets there is no octet 0.
    #[error(
        "after the {length} octets that content-length promises there is {found:?} instead of the octet 0: count octets, not letters"
    )]
    WrongContentLength {
        /// What the header promised, in octets.
        length: usize,
        /// What stands where the body should end.
        found: char,
    },
    /// There are more headers than the limit allows.
    #[error("the frame has more than {limit} headers, which is the limit here")]
    TooManyHeaders {
        /// [`Limits::headers`].
        limit: usize,
    },
    /// Command and headers are longer than the limit allows.
    #[error("the frame's command and headers are longer than {limit} bytes, which is the limit here")]
    HeadTooLong {
        /// [`Limits::head_bytes`].
        limit: usize,
    },
    /// The body is longer than the limit allows.
    #[error("the frame's body is longer than {limit} bytes, which is the limit here")]
    BodyTooLong {
        /// [`Limits::body_bytes`].
        limit: usize,
    },
}

/// A carriage return is easily overlooked, so the error points at it.
fn hint(line: &str) -> &'static str {
    if line.ends_with('\r') {
        " (CR LF ends a line only in STOMP 1.2: ask for it with accept-version:1.2)"
    } else {
        ""
    }
}

/// What the decoder is in the middle of.
#[derive(Debug)]
enum State {
    /// Nothing, or the ends of line that may stand between frames.
    Between,
    /// A frame whose headers are coming.
    Head { frame: Frame, length: Option<usize> },
    /// A frame whose body is coming.
    Body { frame: Frame, length: Option<usize> },
}

/// Takes octets in pieces of any size, and gives the frames in them.
///
/// It holds what one [`push`](Decoder::push) brought and the frame under way, which the limits bound.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    version: Option<Version>,
    buffer: Vec<u8>,
    /// Everything before this is used up.
    start: usize,
    /// Everything before this has been searched for the end of a line or body, in vain.
    searched: usize,
    /// The length of the lines of the present head so far.
    head_bytes: usize,
    state: State,
}

impl Decoder {
    /// A decoder at the start of a stream, before a version is agreed on.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            version: None,
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            head_bytes: 0,
            state: State::Between,
        }
    }

    /// From the next frame on, the rules of `version` hold.
    pub fn set_version(&mut self, version: Version) {
        self.version = Some(version);
    }

    /// Adds octets that came from the peer.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(octets);
    }

    /// The next whole frame, or `None` until more octets are pushed.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] says which rule is broken. The decoder is of no use afterwards.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, DecodeError> {
        loop {
            let line = match &self.state {
                State::Body { .. } => return self.body(),
                State::Between | State::Head { .. } => self.line()?,
            };
            let Some(line) = line else {
                self.release();
                return Ok(None);
            };
            match (
                std::mem::replace(&mut self.state, State::Between),
                line.is_empty(),
            ) {
                // A heart-beat, or the end of line that tools like to put after a frame.
                (State::Between, true) => self.head_bytes = 0,
                (State::Between, false) => self.command(line)?,
                (State::Head { frame, length }, true) => self.state = State::Body { frame, length },
                (State::Head { frame, length }, false) => self.header(frame, length, line)?,
                (State::Body { .. }, _) => {}
            }
        }
    }

    /// The next frame, where it lies, if it is a plain SEND and has come as a whole. It stays the next one until it is
    /// [skipped](Decoder::skip).
    pub fn plain_send(&mut self) -> Option<PlainSend<'_>> {
        if !matches!(self.state, State::Between) || self.version.is_none() {
            return None;
        }
        let unread = &self.buffer[self.start..];
        let ends_of_line = unread.iter().take_while(|octet| **octet == b'\n').count();
        self.skip(ends_of_line);
        PlainSend::at_start(&self.buffer[self.start..], &self.limits)
    }

    /// Leaves out this many octets: a frame that [`plain_send`](Decoder::plain_send) has shown.
    pub fn skip(&mut self, octets: usize) {
        self.start += octets;
        self.searched = self.start;
        self.head_bytes = 0;
    }

    /// What came behind the last frame.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Whether a frame has begun and not ended.
    #[must_use]
    pub fn is_inside_frame(&self) -> bool {
        !matches!(self.state, State::Between) || self.buffer[self.start..].iter().any(|octet| *octet != b'\r')
    }

    /// Whether everything that was pushed is used up, and no frame has begun: another decoder would do as well.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        matches!(self.state, State::Between) && self.start == self.buffer.len()
    }

    /// The `receipt` that the frame under way asks for, as far as it can be read: an ERROR is to name
    /// the frame at fault even if that frame is in pieces.
    #[must_use]
    pub fn receipt_of_frame(&self) -> Option<String> {
        if let State::Head { frame, .. } | State::Body { frame, .. } = &self.state
            && let Some(receipt) = frame.header("receipt")
        {
            return Some(receipt.to_owned());
        }
        let rest = self.buffer[self.start..].split(|octet| *octet == 0).next()?;
        let mut lines = rest
            .split(|octet| *octet == b'\n')
            .take_while(|line| !line.is_empty());
        let value = lines.find_map(|line| line.strip_prefix(b"receipt:"))?;
        String::from_utf8(value.to_vec()).ok()
    }

    /// Gives the memory back once all octets are used up: most connections are silent most of the time.
    fn release(&mut self) {
        if self.start == self.buffer.len() {
            self.buffer = Vec::new();
            (self.start, self.searched) = (0, 0);
        }
    }

    /// The next line of the head without its end, if it is whole.
    fn line(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
        let unsearched = &self.buffer[self.searched..];
        let end = unsearched.iter().position(|octet| matches!(octet, 0 | b'\n'));
        let end = end.map(|offset| self.searched + offset);
        let length = end.unwrap_or(self.buffer.len()) - self.start;
        if self.head_bytes + length > self.limits.head_bytes {
            return Err(DecodeError::HeadTooLong {
                limit: self.limits.head_bytes,
            });
        }
        let Some(end) = end else {
            self.searched = self.buffer.len();
            return Ok(None);
        };
        let mut line = self.start..end;
        if self.buffer[end] == 0 {
            return Err(DecodeError::NulInHead {
                line: excerpt(&self.buffer[line]),
            });
        }
        if self.buffer[line.clone()].ends_with(b"\r") && self.version.is_none_or(|v| v >= Version::V1_2) {
            line.end -= 1;
        }
        self.head_bytes += length + 1;
        self.start = end + 1;
        self.searched = self.start;
        Ok(Some(line))
    }

    fn command(&mut self, line: Range<usize>) -> Result<(), DecodeError> {
        let line = text(&self.buffer[line])?;
        let command = Command::from_name(line).ok_or_else(|| DecodeError::UnknownCommand {
            line: excerpt(line.as_bytes()),
        })?;
        self.state = State::Head {
            frame: Frame::new(command),
            length: None,
        };
        Ok(())
    }

    fn header(
        &mut self,
        mut frame: Frame,
        mut length: Option<usize>,
        line: Range<usize>,
    ) -> Result<(), DecodeError> {
        let result = add_header(
            &mut frame,
            &mut length,
            &self.buffer[line],
            self.version,
            &self.limits,
        );
        // Also after a failure: the frame at fault may have told its receipt already.
        self.state = State::Head { frame, length };
        result
    }

    /// The frame, once its body and the octet 0 are there.
    fn body(&mut self) -> Result<Option<Frame>, DecodeError> {
        let State::Body { frame, length } = &mut self.state else {
            return Ok(None);
        };
        let limit = self.limits.body_bytes;
        let available = &self.buffer[self.start..];
        let end = match *length {
            Some(length) => available.get(length).map(|octet| (length, *octet)),
            None => {
                let searched = self.searched - self.start;
                let end = available[searched..].iter().position(|octet| *octet == 0);
                end.map(|offset| (searched + offset, 0))
            }
        };
        if length.is_none() && end.map_or(available.len(), |(length, _)| length) > limit {
            return Err(DecodeError::BodyTooLong { limit });
        }
        let Some((length, last)) = end else {
            self.searched = self.buffer.len();
            return Ok(None);
        };
        if last != 0 {
            return Err(DecodeError::WrongContentLength {
                length,
                found: char::from(last),
            });
        }
        let mut frame = std::mem::replace(frame, Frame::new(Command::Error));
        frame.body = available[..length].to_vec();
        self.start += length + 1;
        self.searched = self.start;
        self.head_bytes = 0;
        self.state = State::Between;
        Ok(Some(frame))
    }
}

/// Adds one header line to the frame, or takes the length of the body from it.
fn add_header(
    frame: &mut Frame,
    length: &mut Option<usize>,
    line: &[u8],
    version: Option<Version>,
    limits: &Limits,
) -> Result<(), DecodeError> {
    if frame.headers.len() == limits.headers {
        return Err(DecodeError::TooManyHeaders {
            limit: limits.headers,
        });
    }
    let line = text(line)?;
    let quoted = || excerpt(line.as_bytes());
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| DecodeError::NoColon { line: quoted() })?;
    if name.is_empty() {
        return Err(DecodeError::NoName { line: quoted() });
    }
    if name == "content-length" {
        // The first of repeated headers wins.
        let first = length.is_none();
        *length = if first {
            Some(content_length(value, limits)?)
        } else {
            *length
        };
        return Ok(());
    }
    match version.filter(|_| frame.command.has_escapes()) {
        Some(version) => frame
            .headers
            .push(&unescape(name, version)?, &unescape(value, version)?),
        None => frame.headers.push(name, value),
    }
    Ok(())
}

/// The number in a `content-length` header, which has nothing but digits.
fn content_length(value: &str, limits: &Limits) -> Result<usize, DecodeError> {
    if value.is_empty() || !value.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(DecodeError::BadContentLength {
            value: excerpt(value.as_bytes()),
        });
    }
    // Digits that fit in no integer are over the limit too.
    let limit = limits.body_bytes;
    let length = value.parse().ok().filter(|length| *length <= limit);
    length.ok_or(DecodeError::BodyTooLong { limit })
}

fn text(line: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(line).map_err(|_| DecodeError::NotUtf8 { line: excerpt(line) })
}

/// The beginning of a line, for an error message.
fn excerpt(line: &[u8]) -> String {
    const LENGTH: usize = 60;
    let mut text = String::from_utf8_lossy(&line[..line.len().min(LENGTH)]).into_owned();
    if line.len() > LENGTH {
        text.push('…');
    }
    text
}
