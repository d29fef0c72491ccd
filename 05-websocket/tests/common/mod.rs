//! A machine with its output, for tests that feed it bytes.

#![allow(dead_code, clippy::unwrap_used, reason = "shared by tests, which may panic")]

use std::time::Instant;

use websocket::{CloseCode, Connection, Event, Message, Options, Role};

pub(crate) struct Machine {
    pub(crate) connection: Connection,
    pub(crate) output: Vec<u8>,
}

impl Machine {
    pub(crate) fn new(role: Role, options: Options) -> Self {
        Self {
            connection: Connection::new(role, options),
            output: Vec::new(),
        }
    }

    /// Everything that comes of `bytes`, when they are received in one read.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Vec<Event<'static>> {
        let mut bytes = bytes.to_vec();
        let mut input = &mut bytes[..];
        let next = || self.connection.next_event(&mut input, &mut self.output);
        std::iter::from_fn(next).map(Event::into_owned).collect()
    }

    pub(crate) fn send<'a>(&mut self, message: impl Into<Message<'a>>) {
        self.connection.send(message, &mut self.output).unwrap();
    }

    pub(crate) fn close(&mut self, code: CloseCode) {
        self.connection.close(code, "", &mut self.output).unwrap();
    }

    /// When the machine wants to hear the time again, if `now` is not the end of it.
    pub(crate) fn tick(&mut self, now: Instant) -> Option<Instant> {
        self.connection.tick(now, &mut self.output).unwrap()
    }

    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }
}
