//! The state machine of one connection, from the end of the opening handshake to the end of the closing one.
//!
//! It does no I/O. Give it what was received and ask it for events; tell it what to say and send what it writes; tell
//! it the time. The same machine is a client or a server: they differ in who masks.
//!
//! ```
//! use websocket::{Connection, Event, Message, Options};
//!
//! let mut client = Connection::client(Options::default());
//! let mut server = Connection::server(Options::default());
//!
//! let mut wire = Vec::new();
//! client.send("Hello", &mut wire)?;
//!
//! let mut input = &mut wire[..];
//! let mut answers = Vec::new();
//! let event = server.next_event(&mut input, &mut answers);
//! assert_eq!(event, Some(Event::Message(Message::from("Hello"))));
//! assert_eq!(server.next_event(&mut input, &mut answers), None);
//! # Ok::<(), websocket::connection::SendError>(())
//! ```
//!
//! Both buffers are the caller's. That is what makes an idle connection small and a busy one fast: a thread needs one
//! of each for ten thousand connections. A frame that lies whole in the input is decoded where it stands; the machine
//! keeps bytes only when a read ended inside a frame or a message, and of these never more than
//! [`Options::message_limit`]. There is no queue of output to bound here: what the machine says of its own accord is
//! shorter than what it read, and how much may wait to be sent is decided by whoever owns the buffer.

mod options;
mod partial;
mod sending;
mod timer;

use std::borrow::Cow;
use std::sync::Arc;

use crate::deflate::{Agreement, Codec};
use crate::frame::{FrameHeader, Opcode, RSV1};
use crate::message::{Assembly, Kind};
use crate::{Close, Message, Violation};

pub use options::{KeepAlive, Options};
pub use sending::SendError;

use partial::{PartialFrame, Progress};
use timer::Timer;

/// Which side of the opening handshake this end was on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It asked; it masks what it sends.
    Client,
    /// It answered; it does not mask.
    Server,
}

impl Role {
    /// The other end's role.
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What came of the bytes that were received. Payloads are borrowed from them where that is possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// The peer said something.
    Message(Message<'a>),
    /// The peer said a part of a message, which may be empty if it is the last. Only with [`Options::in_parts`].
    Part {
        /// What came.
        part: Message<'a>,
        /// Whether the message is whole now.
        is_last: bool,
    },
    /// The peer asks whether this end is there; the Pong is already in the output.
    Ping(Cow<'a, [u8]>),
    /// The peer answered a Ping, or just says that it is there.
    Pong(Cow<'a, [u8]>),
    /// The end, in good order: the peer's Close has come, and ours is in the output or was sent before.
    Closed(Close),
    /// The end, out of order. Our Close is in the output, if there is any use in one.
    Failed(Violation),
}

impl Event<'_> {
    /// The same event, in memory of its own.
    #[must_use]
    pub fn into_owned(self) -> Event<'static> {
        match self {
            Self::Message(message) => Event::Message(message.into_owned()),
            Self::Part { part, is_last } => {
                let part = part.into_owned();
                Event::Part { part, is_last }
            }
            Self::Ping(payload) => Event::Ping(payload.into_owned().into()),
            Self::Pong(payload) => Event::Pong(payload.into_owned().into()),
            Self::Closed(close) => Event::Closed(close),
            Self::Failed(violation) => Event::Failed(violation),
        }
    }
}

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Our Close is sent; the peer's is still to come, perhaps after some messages.
    Closing,
    /// Both Closes are sent, or the connection has failed. No byte has a meaning any more (RFC 6455, section 7.1.7).
    Over,
}

/// One end of a WebSocket connection, without the socket.
#[derive(Debug)]
pub struct Connection {
    options: Arc<Options>,
    /// The frame of which only a part has come. Boxed, because most connections have none at most times.
    frame: Option<Box<PartialFrame>>,
    /// The message of which only a part has come.
    message: Option<Box<Assembly>>,
    /// What compresses, if that was agreed.
    codec: Option<Box<Codec>>,
    timer: Timer,
    role: Role,
    state: State,
    /// The message that this end is saying in parts.
    saying: Option<Saying>,
}

/// A message of which the last part has not been said.
#[derive(Debug, Clone, Copy)]
struct Saying {
    kind: Kind,
    is_compressed: bool,
}

impl Connection {
    /// The end that asked for the connection. Options that are shared by many connections come in an [`Arc`].
    #[must_use]
    pub fn client(options: impl Into<Arc<Options>>) -> Self {
        Self::new(Role::Client, options)
    }

    /// The end that granted it.
    #[must_use]
    pub fn server(options: impl Into<Arc<Options>>) -> Self {
        Self::new(Role::Server, options)
    }

    /// The end in this role.
    #[must_use]
    pub fn new(role: Role, options: impl Into<Arc<Options>>) -> Self {
        Self {
            options: options.into(),
            frame: None,
            message: None,
            codec: None,
            timer: Timer::default(),
            role,
            state: State::Open,
            saying: None,
        }
    }

    /// The same connection, with what the opening handshake agreed on about compression.
    #[must_use]
    pub fn compressed(mut self, agreement: Option<&Agreement>) -> Self {
        let settings = self.options.compression.clone().unwrap_or_default();
        self.codec = agreement.map(|agreement| Box::new(Codec::new(self.role, agreement, &settings)));
        self
    }

    /// Which end this is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether messages can still be sent.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether all is said, and the last event taken: once the output is sent, the TCP connection can go.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// The next thing that happened in `input`, which was received. What has been read is gone from its front; when
    /// nothing is left, there is no event either, and the machine remembers what it needs.
    ///
    /// What this end has to say of its own accord is written onto the end of `output`: Pongs, and the Close that answers
    /// a Close or a violation. The bytes are unmasked where they stand, which saves a copy.
    pub fn next_event<'a>(&mut self, input: &mut &'a mut [u8], output: &mut Vec<u8>) -> Option<Event<'a>> {
        while self.state != State::Over && !input.is_empty() {
            self.timer.heard = true;
            let event = match self.frame.take() {
                None => self.read_frame(input, output),
                Some(frame) => self.read_more(frame, input, output),
            };
            if let Some(event) = self.outcome(event, output) {
                return Some(event);
            }
        }
        *input = &mut [];
        None
    }

    /// Where the next bytes can be received without a copy, in the middle of a large binary message; `None` most of the
    /// time. If it is used, [`Connection::filled`] comes next.
    pub fn room(&mut self) -> Option<&mut [u8]> {
        match (self.frame.as_deref(), &mut self.message) {
            (Some(PartialFrame::Data { .. }), Some(message)) => message.room(),
            _ => None,
        }
    }

    /// Takes note that `count` bytes were received at the front of the [room](Connection::room): there is an event if the
    /// message is whole with them.
    pub fn filled(&mut self, count: usize, output: &mut Vec<u8>) -> Option<Event<'static>> {
        // Never more than there was room for, whatever the caller says.
        let count = count.min(self.room()?.len());
        self.timer.heard = true;
        let message = self.message.as_mut()?;
        let header = self.frame.as_mut()?.skip(message.filled(count))?;
        self.frame = None;
        let event = self.end_frame(&header, &[], output);
        self.outcome(event, output)
    }

    /// What the caller hears of it: a violation is the end, and the last event.
    fn outcome<'a>(
        &mut self,
        event: Result<Option<Event<'a>>, Violation>,
        output: &mut Vec<u8>,
    ) -> Option<Event<'a>> {
        event.unwrap_or_else(|violation| {
            self.fail(&violation, output);
            Some(Event::Failed(violation))
        })
    }

    /// How many bytes of memory are taken by what the peer has begun and not ended: at most
    /// [`Options::message_limit`] and a short frame. What a compressor remembers is not counted.
    #[must_use]
    pub fn held(&self) -> usize {
        let frame = self.frame.as_ref().map_or(0, |_| size_of::<PartialFrame>());
        let message = self.message.as_ref();
        frame + message.map_or(0, |message| size_of::<Assembly>() + message.held())
    }

    /// Takes note that the stream has ended.
    ///
    /// # Errors
    ///
    /// [`Violation::Lost`], once, if there was more to come.
    pub fn receive_end(&mut self) -> Result<(), Violation> {
        if self.state == State::Over {
            return Ok(());
        }
        self.finish();
        Err(Violation::Lost)
    }

    /// Reads the frame at the front of `input`.
    fn read_frame<'a>(
        &mut self,
        input: &mut &'a mut [u8],
        output: &mut Vec<u8>,
    ) -> Result<Option<Event<'a>>, Violation> {
        let Some((header, size)) = FrameHeader::decode(input) else {
            self.frame = Some(Box::new(PartialFrame::header(take_all(input))));
            return Ok(None);
        };
        self.admit(&header, size)?;
        take_front(input, size);
        match usize::try_from(header.length) {
            Ok(length) if length <= input.len() => {
                let payload = take_front(input, length);
                header.unmask(payload, 0);
                self.whole_frame(&header, payload, output)
            }
            _ => {
                self.begin_frame(&header);
                self.frame = Some(Box::new(PartialFrame::payload(header)));
                Ok(None)
            }
        }
    }

    /// Goes on with a frame that began in an earlier `input`.
    fn read_more(
        &mut self,
        mut frame: Box<PartialFrame>,
        input: &mut &mut [u8],
        output: &mut Vec<u8>,
    ) -> Result<Option<Event<'static>>, Violation> {
        match frame.read(input) {
            Progress::Header(header, size) => {
                self.admit(&header, size)?;
                self.begin_frame(&header);
                if header.length > 0 {
                    *frame = PartialFrame::payload(header);
                    self.frame = Some(frame);
                    return Ok(None);
                }
                self.end_frame(&header, &[], output)
            }
            Progress::Data(header, bytes, is_last) => {
                self.push(bytes)?;
                if is_last {
                    return self.end_frame(&header, &[], output);
                }
                self.frame = Some(frame);
                Ok(self.part())
            }
            Progress::Control(header, payload) => self.end_frame(&header, &payload, output),
            Progress::None => {
                self.frame = Some(frame);
                Ok(None)
            }
        }
    }

    /// Whether this header may come now.
    fn admit(&self, header: &FrameHeader, size: usize) -> Result<(), Violation> {
        let agreed = if self.codec.is_some() { RSV1 } else { 0 };
        header.check(size, self.role.peer(), agreed)?;
        if header.opcode.is_control() {
            return Ok(());
        }
        let (have, is_compressed) = match (header.opcode, &self.message) {
            (Opcode::Continuation, None) => return Err(Violation::NothingToContinue),
            (Opcode::Continuation, Some(message)) => (message.length(), message.is_compressed()),
            (_, Some(_)) => return Err(Violation::MessageInterrupted),
            (_, None) => (0, header.is_compressed()),
        };
        if let (Some(kind), Some(only)) = (header.opcode.kind(), self.options.only)
            && kind != only
        {
            return Err(Violation::KindNotTaken { kind });
        }
        let (length, limit) = (header.length, self.options.message_limit);
        // How long a compressed message is shows only when it is unpacked.
        if !is_compressed && length > limit.saturating_sub(have) as u64 {
            return Err(Violation::MessageTooLong { limit });
        }
        let limit = self.options.frame_limit;
        if length > limit as u64 {
            return Err(Violation::FrameTooLong { length, limit });
        }
        Ok(())
    }

    /// What comes of a frame that lies whole in the input.
    fn whole_frame<'a>(
        &mut self,
        header: &FrameHeader,
        payload: &'a mut [u8],
        output: &mut Vec<u8>,
    ) -> Result<Option<Event<'a>>, Violation> {
        match header.opcode.kind() {
            // The usual case: a message in one frame, which is not copied.
            Some(kind) if header.fin && !header.is_compressed() => {
                let message = Message::from_payload(kind, payload)?;
                Ok(Some(self.last_event(message)))
            }
            _ if header.opcode.is_control() => self.control(header.opcode, payload, output),
            _ => {
                self.begin_frame(header);
                self.push(payload)?;
                self.end_frame(header, &[], output)
            }
        }
    }

    /// Begins a message, if that is what the frame does, or begins to end it.
    fn begin_frame(&mut self, header: &FrameHeader) {
        if let Some(kind) = header.opcode.kind() {
            self.message = Some(Box::new(Assembly::new(kind, header.is_compressed())));
        }
        // Parts are handed out as they come, and what is packed has no known length.
        let knows_length = header.fin && !header.opcode.is_control() && !self.options.in_parts;
        if let Some(message) = self
            .message
            .as_mut()
            .filter(|message| knows_length && !message.is_compressed())
        {
            message.expect(header.length);
        }
    }

    /// Adds a part of a data frame's payload to the message under way.
    fn push(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let limit = self.options.message_limit;
        match (&mut self.message, &mut self.codec) {
            (Some(message), Some(codec)) if message.is_compressed() => {
                codec.unpack(bytes, |bytes| message.push(bytes, limit))
            }
            (Some(message), _) => message.push(bytes, limit),
            (None, _) => Err(Violation::NothingToContinue),
        }
    }

    /// What comes of a frame of which the last byte has come. `payload` is that of a control frame.
    fn end_frame<'a>(
        &mut self,
        header: &FrameHeader,
        payload: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<Option<Event<'a>>, Violation> {
        if header.opcode.is_control() {
            let event = self.control(header.opcode, payload, output)?;
            return Ok(event.map(Event::into_owned));
        }
        if !header.fin {
            return Ok(self.part());
        }
        let limit = self.options.message_limit;
        let Some(mut message) = self.message.take() else {
            return Err(Violation::NothingToContinue);
        };
        if message.is_compressed()
            && let Some(codec) = &mut self.codec
        {
            codec.end_message(|bytes| message.push(bytes, limit))?;
        }
        let message = message.finish()?;
        Ok(Some(self.last_event(message)))
    }

    /// What has come of an unfinished message, if parts are wanted.
    fn part(&mut self) -> Option<Event<'static>> {
        let message = self.message.as_mut().filter(|_| self.options.in_parts)?;
        let part = message.take_part()?;
        Some(Event::Part { part, is_last: false })
    }

    /// A message, or the last part of one.
    fn last_event<'a>(&mut self, message: Message<'a>) -> Event<'a> {
        self.timer.said = true;
        if self.options.in_parts {
            Event::Part {
                part: message,
                is_last: true,
            }
        } else {
            Event::Message(message)
        }
    }

    /// What comes of a control frame, which may stand inside a message.
    fn control<'a>(
        &mut self,
        opcode: Opcode,
        payload: &'a [u8],
        output: &mut Vec<u8>,
    ) -> Result<Option<Event<'a>>, Violation> {
        match opcode {
            Opcode::Ping => {
                // Without a key there is no Pong, and the peer's patience decides.
                let _ = self.send_frame(Opcode::Pong, payload, output);
                Ok(Some(Event::Ping(payload.into())))
            }
            Opcode::Pong => Ok(Some(Event::Pong(payload.into()))),
            _ => {
                let close = Close::parse(payload)?;
                // The same code comes back (RFC 6455, section 5.5.1), unless ours went out first and this is the answer.
                let _ = self.send_frame(Opcode::Close, &Close::new(close.code, "").payload(), output);
                self.finish();
                Ok(Some(Event::Closed(close)))
            }
        }
    }

    /// Fails the connection (RFC 6455, section 7.1.7): says why, if it can, and stops listening.
    fn fail(&mut self, violation: &Violation, output: &mut Vec<u8>) {
        let code = violation.close_code();
        if code.may_be_sent() {
            let close = Close::new(code, &violation.to_string());
            // Unless ours is already sent.
            let _ = self.send_frame(Opcode::Close, &close.payload(), output);
        }
        self.finish();
    }

    /// Nothing that comes from now on has a meaning.
    fn finish(&mut self) {
        self.state = State::Over;
        self.frame = None;
        self.message = None;
        self.codec = None;
    }
}

/// Cuts `count` bytes off the front.
fn take_front<'a>(input: &mut &'a mut [u8], count: usize) -> &'a mut [u8] {
    let (front, rest) = std::mem::take(input).split_at_mut(count);
    *input = rest;
    front
}

fn take_all<'a>(input: &mut &'a mut [u8]) -> &'a mut [u8] {
    std::mem::take(input)
}
