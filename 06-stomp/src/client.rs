//! The client's side of one connection: frames to send in, octets out; octets in, events out.
//!
//! Like [`Session`](crate::Session) it owns no socket, thread or clock; [`Client`](crate::Client) has those.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use crate::codec::{DecodeError, Decoder, EncodeError, encode};
use crate::heart_beat::{HeartBeat, Pulse};
use crate::{Command, Frame, Limits, Output, Version};

/// What a client says when it connects.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// The virtual host, by convention the host of the URL.
    pub host: String,
    /// The user's name, for a broker that asks for one.
    pub login: Option<String>,
    /// The user's password.
    pub passcode: Option<String>,
    /// The versions that the client is ready to speak.
    pub versions: Vec<Version>,
    /// How often we can speak, and want to hear something.
    pub heart_beat: HeartBeat,
}

impl Greeting {
    /// The CONNECT frame.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let numbers: Vec<&str> = self.versions.iter().map(|version| version.number()).collect();
        let mut frame = Frame::new(Command::Connect)
            .with("accept-version", &numbers.join(","))
            .with("host", &self.host)
            .with("heart-beat", &self.heart_beat.to_string());
        for (name, value) in [("login", &self.login), ("passcode", &self.passcode)] {
            if let Some(value) = value {
                frame.headers.push(name, value);
            }
        }
        frame
    }
}

/// What has come from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The session is open: the CONNECTED frame.
    Connected(Frame),
    /// A message of one of our subscriptions: the MESSAGE frame.
    Message(Frame),
    /// The frame that asked for this receipt has been processed.
    Receipt(String),
    /// The server is about to close the connection: the ERROR frame says why.
    Error(Frame),
}

/// What a server can do wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerFault {
    /// The octets are no frame.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// The server closed in the middle of a frame.
    #[error("the connection ended in the middle of a frame: the octet 0 that ends it never came")]
    Unfinished,
    /// A frame that has no place here.
    #[error("{command} came where no such frame is expected")]
    Unexpected {
        /// The frame that came.
        command: Command,
    },
    /// CONNECTED names a version that we did not offer.
    #[error("the server chose version {version:?}, which was not offered")]
    Version {
        /// What it chose.
        version: String,
    },
    /// The frame lacks a header without which it cannot be used.
    #[error("{command} has no {header} header, which it needs")]
    MissingHeader {
        /// The frame that came.
        command: Command,
        /// What is missing.
        header: &'static str,
    },
    /// The server promised heart-beats and has fallen silent.
    #[error("nothing came for {0:?}, although heart-beats were agreed on")]
    Silent(Duration),
}

/// The client's side of one connection.
#[derive(Debug)]
pub struct ClientSession {
    greeting: Greeting,
    version: Option<Version>,
    decoder: Decoder,
    pulse: Pulse,
    output: Output,
}

impl ClientSession {
    /// A session that begins now, with CONNECT as its first output.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the greeting holds a line feed.
    pub fn new(greeting: Greeting, limits: Limits, now: Instant) -> Result<Self, EncodeError> {
        let connect = greeting.frame();
        let mut session = Self {
            greeting,
            version: None,
            decoder: Decoder::new(limits),
            pulse: Pulse::none(now),
            output: Output::default(),
        };
        session.send(&connect)?;
        Ok(session)
    }

    /// The version of the session, once it is open.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// Says something to the server.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the session's version has no way to say it.
    pub fn send(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        let version = self.version.unwrap_or(Version::V1_0);
        self.output.add(|octets| encode(frame, version, octets))
    }

    /// Octets have come from the server.
    pub fn receive(&mut self, octets: &[u8], now: Instant) {
        self.pulse.heard(now);
        self.decoder.push(octets);
    }

    /// The next thing that has come, or `None` until more octets do.
    ///
    /// # Errors
    ///
    /// [`ServerFault`] if the server breaks a rule. The session is of no use afterwards.
    pub fn next_event(&mut self, now: Instant) -> Result<Option<Event>, ServerFault> {
        let Some(frame) = self.decoder.next_frame()? else {
            return Ok(None);
        };
        let command = frame.command;
        let event = match command {
            Command::Error => Event::Error(frame),
            Command::Connected if self.version.is_none() => {
                self.connected(&frame, now)?;
                Event::Connected(frame)
            }
            Command::Message if self.version.is_some() => Event::Message(frame),
            Command::Receipt if self.version.is_some() => {
                let header = "receipt-id";
                let id = frame.header(header);
                Event::Receipt(
                    id.ok_or(ServerFault::MissingHeader { command, header })?
                        .to_owned(),
                )
            }
            _ => return Err(ServerFault::Unexpected { command }),
        };
        Ok(Some(event))
    }

    /// The server has closed its end.
    ///
    /// # Errors
    ///
    /// [`ServerFault::Unfinished`] if that was in the middle of a frame.
    pub fn receive_end(&self) -> Result<(), ServerFault> {
        if self.decoder.is_inside_frame() {
            return Err(ServerFault::Unfinished);
        }
        Ok(())
    }

    /// Time has passed: sends a heart-beat if one is due.
    ///
    /// # Errors
    ///
    /// [`ServerFault::Silent`] if the server's heart-beats have stopped.
    pub fn tick(&mut self, now: Instant) -> Result<(), ServerFault> {
        if self.pulse.is_lost(now) {
            return Err(ServerFault::Silent(self.pulse.patience().unwrap_or_default()));
        }
        if self.pulse.is_due(now) && self.output.is_empty() {
            let Ok(()) = self.output.add(|octets| {
                octets.push(b'\n');
                Ok::<_, Infallible>(())
            });
        }
        Ok(())
    }

    /// When to [`tick`](ClientSession::tick) next; `None` if there are no heart-beats.
    #[must_use]
    pub fn next_wake(&self) -> Option<Instant> {
        self.pulse.next_wake()
    }

    /// Exchanges what there is to write for `written`, which is emptied.
    pub fn take_output(&mut self, written: &mut Output, now: Instant) {
        written.clear();
        std::mem::swap(&mut self.output, written);
        if !written.is_empty() {
            self.pulse.sent(now);
        }
    }

    fn connected(&mut self, frame: &Frame, now: Instant) -> Result<(), ServerFault> {
        // A server of STOMP 1.0 does not know the header.
        let number = frame.header("version").unwrap_or("1.0");
        let version = Version::from_number(number)
            .filter(|version| self.greeting.versions.contains(version))
            .ok_or_else(|| ServerFault::Version {
                version: number.to_owned(),
            })?;
        let theirs = frame.header("heart-beat").and_then(HeartBeat::parse);
        self.pulse = Pulse::agree(self.greeting.heart_beat, theirs.unwrap_or(HeartBeat::NONE), now);
        self.version = Some(version);
        self.decoder.set_version(version);
        Ok(())
    }
}
