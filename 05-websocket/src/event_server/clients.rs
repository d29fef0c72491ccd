//! All clients of a server, from any thread.

use std::sync::Arc;
use std::time::Duration;

use chunked_io::event_loop::{ConnectionId, Counts, Handle};

use crate::{CloseCode, Message, Prepared};

/// What one connection can be asked by others.
#[derive(Debug)]
pub(super) enum Told {
    Say(Arc<Prepared>),
    Close(CloseCode, String),
    Wake,
}

/// The message for each receiver: whether it can be packed, only the receiver's own connection knows.
pub(super) fn say<'m>(message: impl Into<Message<'m>>) -> impl Fn() -> Told + Send + Sync + 'static {
    let prepared = Arc::new(Prepared::new(message));
    move || Told::Say(Arc::clone(&prepared))
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
        self.0.offer_to(&[client], say(message));
    }

    /// Says a message to these clients. It is encoded once, and packed once for all who agreed to that; it is kept once
    /// however many receivers wait for it.
    pub fn send_to<'m>(&self, clients: &[ConnectionId], message: impl Into<Message<'m>>) {
        self.0.offer_to(clients, say(message));
    }

    /// Says a message to every client that is connected; encoded once.
    pub fn send_to_all<'m>(&self, message: impl Into<Message<'m>>) {
        self.0.offer_to_all(say(message));
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
