//! The state machine of one connection, from the end of the opening handshake to the end of the closing one.
//!
//! It does no I/O. Give it what was received and ask it for events; tell it what to say and take from it what is to be
//! sent; tell it the time. The same machine is a client or a server: they differ in who masks.
//!
//! ```
//! use websocket::{Connection, Event, Message, Options};
//!
//! let mut client = Connection::client(Options::default());
//! let mut server = Connection::server(Options::default());
//! client.send_text("Hello")?;
//! server.receive(&mut client.take_output());
//! assert_eq!(server.next_event(), Some(Event::Message(Message::from("Hello"))));
//! # Ok::<(), websocket::connection::SendError>(())
//! ```

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::frame::{self, CONTROL_PAYLOAD_LIMIT, FrameHeader, LONGEST_HEADER, Opcode};
use crate::mask::{self, KeySource};
use crate::message::Assembly;
use crate::{Close, CloseCode, Message, Violation};

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

/// What a connection allows, and how long it waits.
#[derive(Debug, Clone)]
pub struct Options {
    /// The longest message that is taken, in bytes: 64 MiB.
    pub message_limit: usize,
    /// Whether and how a silent peer is asked for a sign of life: not unless you say so.
    pub keep_alive: Option<KeepAlive>,
    /// How long the peer may take to answer a Close: 10 seconds.
    pub close_timeout: Duration,
    /// Where a client's masking keys come from.
    pub masking_keys: KeySource,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            message_limit: 64 * 1024 * 1024,
            keep_alive: None,
            close_timeout: Duration::from_secs(10),
            masking_keys: KeySource::default(),
        }
    }
}

/// Ping a peer that has been silent, and give it up if it stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepAlive {
    /// Ask after this much silence.
    pub every: Duration,
    /// Give up when there is no sign of life this long after the Ping.
    pub within: Duration,
}

/// What came of the bytes that were received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The peer said something.
    Message(Message),
    /// The peer asks whether this end is there; the Pong is already in the output.
    Ping(Vec<u8>),
    /// The peer answered a Ping, or just says that it is there.
    Pong(Vec<u8>),
    /// The end, in good order: the peer's Close has come. With this event ours goes into the output, if it has not
    /// been sent before; until then, what came before the Close can still be answered.
    Closed(Close),
    /// The end, out of order. With this event our Close goes into the output, if there is any use in one.
    Failed(Violation),
}

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

/// What the next byte received is part of.
#[derive(Debug)]
enum Reading {
    /// A header, of which these bytes have come.
    Header {
        bytes: [u8; LONGEST_HEADER],
        have: usize,
    },
    /// The payload of a frame.
    Payload { header: FrameHeader, have: u64 },
    /// Nothing: after a Close, or a violation, no byte has a meaning any more (RFC 6455, section 7.1.7).
    Nothing,
}

impl Reading {
    const START: Self = Self::Header {
        bytes: [0; LONGEST_HEADER],
        have: 0,
    };
}

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Our Close is sent; the peer's is still to come, perhaps after some messages.
    Closing,
    /// Both Closes are sent, or the connection has failed.
    Over,
}

/// One end of a WebSocket connection, without the socket.
#[derive(Debug)]
pub struct Connection {
    role: Role,
    options: Options,
    state: State,
    reading: Reading,
    message: Assembly,
    /// The payload of the control frame under way, which may stand inside a message.
    control: Vec<u8>,
    events: VecDeque<Event>,
    /// How it ended, for when the events before that are taken.
    end: Option<Result<Close, Violation>>,
    output: Vec<u8>,
    timer: Timer,
}

/// What the machine waits for, in time.
#[derive(Debug, Default)]
struct Timer {
    /// Something was received since the last tick.
    heard: bool,
    /// When the present wait began: for the next Ping, a Pong, or a Close.
    since: Option<Instant>,
    /// A Ping of ours is waiting for any sign of life.
    pinged: bool,
}

impl Connection {
    /// The end that asked for the connection.
    #[must_use]
    pub fn client(options: Options) -> Self {
        Self::new(Role::Client, options)
    }

    /// The end that granted it.
    #[must_use]
    pub fn server(options: Options) -> Self {
        Self::new(Role::Server, options)
    }

    fn new(role: Role, options: Options) -> Self {
        Self {
            role,
            options,
            state: State::Open,
            reading: Reading::START,
            message: Assembly::default(),
            control: Vec::new(),
            events: VecDeque::new(),
            end: None,
            output: Vec::new(),
            timer: Timer::default(),
        }
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

    // Bytes in, events out.

    /// Takes what was received, in any portions. The bytes are unmasked where they stand, which saves a copy.
    ///
    /// After each call, take the events and then the output: a Ping in the bytes has put its Pong there.
    pub fn receive(&mut self, mut bytes: &mut [u8]) {
        self.timer.heard |= !bytes.is_empty();
        while !bytes.is_empty() {
            match self.read_some(bytes) {
                Ok(used) => bytes = &mut bytes[used..],
                Err(violation) => return self.stop_listening(Err(violation)),
            }
        }
    }

    /// Takes note that the stream has ended.
    pub fn receive_end(&mut self) {
        if self.state != State::Over {
            self.stop_listening(Err(Violation::Lost));
        }
    }

    /// The next thing that happened, in order.
    pub fn next_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if event.is_none() && self.state != State::Over {
            return self.take_end();
        }
        event
    }

    /// The last event: our Close goes out with it, and nothing after that.
    fn take_end(&mut self) -> Option<Event> {
        let end = self.end.take()?;
        let (event, answer) = match end {
            // The same code comes back (RFC 6455, section 5.5.1).
            Ok(close) => (Event::Closed(close.clone()), Some(Close::new(close.code, ""))),
            Err(violation) => {
                let code = violation.close_code();
                let answer = code
                    .may_be_sent()
                    .then(|| Close::new(code, &violation.to_string()));
                (Event::Failed(violation), answer)
            }
        };
        if let Some(close) = answer {
            // Unless ours went out first, and the peer's is the answer to it.
            let _ = self.send_frame(Opcode::Close, &close.payload());
        }
        self.state = State::Over;
        Some(event)
    }

    /// Nothing that comes from now on has a meaning.
    fn stop_listening(&mut self, end: Result<Close, Violation>) {
        self.reading = Reading::Nothing;
        self.end.get_or_insert(end);
    }

    /// Uses bytes from the front, and says how many.
    fn read_some(&mut self, bytes: &mut [u8]) -> Result<usize, Violation> {
        match &mut self.reading {
            Reading::Nothing => Ok(bytes.len()),
            Reading::Header { bytes: header, have } => {
                let before = *have;
                let count = bytes.len().min(LONGEST_HEADER - before);
                header[before..before + count].copy_from_slice(&bytes[..count]);
                *have += count;
                match FrameHeader::decode(&header[..before + count]) {
                    None => Ok(count),
                    Some((header, size)) => {
                        header.check(size, self.role.peer())?;
                        self.begin_frame(header)?;
                        Ok(size - before)
                    }
                }
            }
            Reading::Payload { header, have } => {
                let header = *header;
                let left = usize::try_from(header.length - *have).unwrap_or(usize::MAX);
                let count = bytes.len().min(left);
                let bytes = &mut bytes[..count];
                if let Some(key) = header.mask {
                    // Only the place within the key counts, and that is the offset modulo 4.
                    mask::apply(bytes, key, (*have % 4) as usize);
                }
                *have += count as u64;
                if header.opcode.is_control() {
                    self.control.extend_from_slice(bytes);
                } else {
                    self.message.push(bytes)?;
                }
                if count == left {
                    self.end_frame(header)?;
                }
                Ok(count)
            }
        }
    }

    fn begin_frame(&mut self, header: FrameHeader) -> Result<(), Violation> {
        if !header.opcode.is_control() {
            self.message.begin_frame(header.opcode)?;
            let room = self.options.message_limit.saturating_sub(self.message.len());
            if header.length > room as u64 {
                return Err(Violation::MessageTooLong {
                    limit: self.options.message_limit,
                });
            }
        }
        self.reading = Reading::Payload { header, have: 0 };
        if header.length == 0 {
            self.end_frame(header)
        } else {
            Ok(())
        }
    }

    fn end_frame(&mut self, header: FrameHeader) -> Result<(), Violation> {
        self.reading = Reading::START;
        match header.opcode {
            Opcode::Ping => {
                let payload = std::mem::take(&mut self.control);
                // Without a key there is no Pong, and the peer's patience decides.
                let _ = self.send_frame(Opcode::Pong, &payload);
                self.events.push_back(Event::Ping(payload));
            }
            Opcode::Pong => self
                .events
                .push_back(Event::Pong(std::mem::take(&mut self.control))),
            Opcode::Close => {
                let close = Close::parse(&std::mem::take(&mut self.control))?;
                self.stop_listening(Ok(close));
            }
            _ if header.fin => self.events.push_back(Event::Message(self.message.finish()?)),
            _ => {}
        }
        Ok(())
    }

    // Commands in, bytes out.

    /// Says a message of either kind.
    ///
    /// # Errors
    ///
    /// [`SendError::Closing`] after a Close.
    pub fn send(&mut self, message: &Message) -> Result<(), SendError> {
        match message {
            Message::Text(text) => self.send_text(text),
            Message::Binary(bytes) => self.send_binary(bytes),
        }
    }

    /// Says text, in one frame.
    ///
    /// # Errors
    ///
    /// As [`Connection::send`].
    pub fn send_text(&mut self, text: &str) -> Result<(), SendError> {
        self.send_frame(Opcode::Text, text.as_bytes())
    }

    /// Says bytes, in one frame.
    ///
    /// # Errors
    ///
    /// As [`Connection::send`].
    pub fn send_binary(&mut self, bytes: &[u8]) -> Result<(), SendError> {
        self.send_frame(Opcode::Binary, bytes)
    }

    /// Asks the peer for a sign of life; its Pong brings `payload` back.
    ///
    /// # Errors
    ///
    /// [`SendError::PingTooLong`], or as [`Connection::send`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
        if payload.len() > CONTROL_PAYLOAD_LIMIT {
            return Err(SendError::PingTooLong {
                length: payload.len(),
            });
        }
        self.send_frame(Opcode::Ping, payload)
    }

    /// Begins the closing handshake. The peer may finish what it is saying, so go on receiving until
    /// [`Event::Closed`].
    ///
    /// # Errors
    ///
    /// [`SendError::CloseCode`], or as [`Connection::send`].
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), SendError> {
        if !code.may_be_sent() {
            return Err(SendError::CloseCode { code: code.0 });
        }
        self.send_frame(Opcode::Close, &Close::new(code, reason).payload())?;
        self.state = State::Closing;
        self.timer.since = None;
        Ok(())
    }

    /// What is to be sent to the peer, in order, and each byte once.
    #[must_use]
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Whether there is anything to send.
    #[must_use]
    pub fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    fn send_frame(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), SendError> {
        if self.state != State::Open {
            return Err(SendError::Closing);
        }
        let mask = match self.role {
            Role::Server => None,
            Role::Client => {
                Some(
                    self.options
                        .masking_keys
                        .next_key()
                        .map_err(|error| SendError::NoRandomness {
                            reason: error.to_string(),
                        })?,
                )
            }
        };
        frame::encode(
            &FrameHeader::whole(opcode, payload.len(), mask),
            payload,
            &mut self.output,
        );
        Ok(())
    }

    // Time.

    /// Tells the machine what time it is; returns when it wants to be told again, if ever.
    ///
    /// A tick may put a Ping into the output, or end the connection with [`Violation::PongMissing`] or
    /// [`Violation::CloseUnanswered`].
    pub fn tick(&mut self, now: Instant) -> Option<Instant> {
        let heard = std::mem::take(&mut self.timer.heard);
        match self.state {
            _ if self.end.is_some() => None,
            State::Over => None,
            State::Closing => self.tick_closing(now),
            State::Open => {
                let keep_alive = self.options.keep_alive?;
                if heard {
                    self.timer.since = None;
                    self.timer.pinged = false;
                }
                self.tick_open(now, keep_alive)
            }
        }
    }

    fn tick_closing(&mut self, now: Instant) -> Option<Instant> {
        let after = self.options.close_timeout;
        let end = *self.timer.since.get_or_insert(now) + after;
        if now < end {
            return Some(end);
        }
        self.stop_listening(Err(Violation::CloseUnanswered { after }));
        None
    }

    fn tick_open(&mut self, now: Instant, keep_alive: KeepAlive) -> Option<Instant> {
        let since = *self.timer.since.get_or_insert(now);
        let wait = if self.timer.pinged {
            keep_alive.within
        } else {
            keep_alive.every
        };
        if now < since + wait {
            return Some(since + wait);
        }
        if self.timer.pinged {
            self.stop_listening(Err(Violation::PongMissing { after: wait }));
            return None;
        }
        let _ = self.ping(b"");
        (self.timer.pinged, self.timer.since) = (true, Some(now));
        Some(now + keep_alive.within)
    }
}
