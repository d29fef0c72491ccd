//! All clients of a server, from any thread.

use std::time::Duration;

use chunked_io::event_loop::{ConnectionId, Counts, Handle, Shared};

use crate::frame::{self, FrameHeader};
use crate::{CloseCode, Message};

/// What one connection can be asked by others.
#[derive(Debug)]
pub(super) enum Told {
    Close(CloseCode, String),
    Wake,
}

/// All clients of a server. Clones are cheap. Nothing here waits, and what is sent to a client that has gone is dropped.
#[derive(Clone)]
pub struct Clients(Handle<Told>);

impl Clients {
    pub(super) fn new(handle: &Handle<Told>) -> Self {
        Self(handle.clone())
    }

    /// Says a message to one client.
    pub fn send<'m>(&self, client: ConnectionId, message: impl Into<Message<'m>>) {
        self.0.send(client, &encoded(&message.into()));
    }

    /// Says a message to these clients. It is encoded once, and kept once however many receivers wait for it.
    pub fn send_to<'m>(&self, clients: &[ConnectionId], message: impl Into<Message<'m>>) {
        self.0.send_to(clients, &encoded(&message.into()));
    }

    /// Says a message to every client that is connected; encoded once.
    pub fn send_to_all<'m>(&self, message: impl Into<Message<'m>>) {
        self.0.send_to_all(&encoded(&message.into()));
    }

    /// Begins to close a client's connection. A code that may not be sent is no reason to stay: it becomes 1000.
    pub fn close(&self, client: ConnectionId, code: CloseCode, reason: &str) {
        self.0.tell(client, Told::Close(code, reason.to_owned()));
    }

    /// Has [`Handler::woken`](super::Handler::woken) called for a client: something of its own waits for it, in a place
    /// that the handler knows.
    pub fn wake(&self, client: ConnectionId) {
        self.0.tell(client, Told::Wake);
    }

    /// What the server has done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }

    /// Ends the server, as [`EventServer::shutdown`](super::EventServer::shutdown) does, without waiting for it.
    pub fn shutdown(&self, grace: Duration) {
        self.0.shutdown(grace);
    }
}

/// The frame of a server's message. Nothing in it is about one client: no mask, no key.
pub(super) fn encoded(message: &Message<'_>) -> Shared {
    let payload = message.as_bytes();
    let header = FrameHeader::whole(message.kind().into(), payload.len(), None);
    let mut bytes = Vec::with_capacity(payload.len() + frame::LONGEST_HEADER);
    frame::encode(&header, payload, &mut bytes);
    bytes.into()
}
