//! What a server does with its clients.

use std::net::SocketAddr;
use std::time::Instant;

use chunked_io::event_loop::{Closed, ConnectionId, Io, Shared};

use super::Clients;
use super::clients::{Told, say};
use crate::connection::SendError;
use crate::handshake::Request;
use crate::storage::Payload;
use crate::web_socket::{SocketOptions, Traffic, observe};
use crate::{Close, CloseCode, Connection, Error, Message, Prepared, Violation};

/// The reaction to what clients do: one value for the whole server, and a `Client` for each connection.
///
/// The calls for one client come one at a time and in order. The loop's threads call for different clients at once, so
/// what the handler itself keeps needs a lock. No call may wait for anything: all other clients of its thread wait
/// with it.
pub trait Handler: Send + Sync + 'static {
    /// What is kept for one client; `()` if nothing.
    type Client: 'static;

    /// Somebody is connected.
    fn open(&self, caller: &Caller<'_>, peer: &mut Peer<'_, '_>) -> Self::Client;

    /// A client says something.
    fn message(&self, client: &mut Self::Client, message: Message<'_>, peer: &mut Peer<'_, '_>);

    /// A client has gone; called once for each that came. What is said to it here reaches nobody.
    fn close(&self, client: Self::Client, ending: &Ending<'_>, peer: &mut Peer<'_, '_>) {
        let _ = (client, ending, peer);
    }

    /// Somebody has [woken](Clients::wake) this client.
    fn woken(&self, client: &mut Self::Client, peer: &mut Peer<'_, '_>) {
        let _ = (client, peer);
    }

    /// All that was said has left, as [asked](Peer::tell_when_drained): there is room for more.
    fn drained(&self, client: &mut Self::Client, peer: &mut Peer<'_, '_>) {
        let _ = (client, peer);
    }

    /// The time that was [set](Peer::set_timer) has come.
    fn timer(&self, client: &mut Self::Client, peer: &mut Peer<'_, '_>) {
        let _ = (client, peer);
    }

    /// Somebody called and did not become a client: [`Error::Refused`] says what it was told,
    /// [`Error::Tls`] why there is no TLS with it.
    fn refused(&self, error: &Error) {
        let _ = error;
    }
}

/// Who has connected, and how.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The address and port it calls from.
    pub address: SocketAddr,
    /// What it asked for: path, host, origin, subprotocols.
    pub request: &'a Request,
    /// The subprotocol that was agreed, if any.
    pub subprotocol: Option<&'a str>,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy)]
pub enum Ending<'a> {
    /// In good order: this was the client's Close.
    Closed(&'a Close),
    /// The client broke the protocol, or fell silent.
    Failed(&'a Violation),
    /// The TCP connection ended first.
    Lost(&'a Closed),
}

/// `closed with 1000 (normal closure)`, or what went wrong.
impl std::fmt::Display for Ending<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed(close) => write!(f, "closed with {close}"),
            Self::Failed(violation) => {
                write!(
                    f,
                    "failed: {violation} (RFC 6455, section {})",
                    violation.section()
                )
            }
            Self::Lost(Closed::Done) => f.write_str("was lost: it hung up without a Close frame"),
            Self::Lost(why) => write!(f, "was lost: {why}"),
        }
    }
}

/// One client, while a [`Handler`] is called for it. All that is said in one call leaves in one write.
pub struct Peer<'a, 'io> {
    pub(super) connection: &'a mut Connection,
    pub(super) output: &'a mut Vec<u8>,
    pub(super) io: &'a mut Io<'io, Told>,
    /// When the handler wants its timer to be called.
    pub(super) alarm: &'a mut Option<Instant>,
    pub(super) options: &'a SocketOptions,
}

impl Peer<'_, '_> {
    /// Says a message.
    ///
    /// # Errors
    ///
    /// [`SendError::Closing`] after a Close.
    pub fn send<'m>(&mut self, message: impl Into<Message<'m>>) -> Result<(), SendError> {
        let Some(payload) = self.connection.send_apart(message, self.output)? else {
            return Ok(());
        };
        self.flush();
        observe(self.options, Traffic::Sent(&payload));
        self.io.send_lent(Payload::new(payload));
        Ok(())
    }

    /// Says a message that is encoded for many.
    ///
    /// # Errors
    ///
    /// As [`Peer::send`].
    pub fn send_prepared(&mut self, message: &Prepared) -> Result<(), SendError> {
        let frame = self.connection.send_prepared(message)?;
        self.send_shared(&frame);
        Ok(())
    }

    /// Says frames that others may be told, too: made with [`frame::encode`](crate::frame::encode), without a mask. They are
    /// not copied. After a Close nothing is said.
    pub fn send_encoded(&mut self, frames: &Shared) {
        if !self.connection.is_open() {
            return;
        }
        self.send_shared(frames);
    }

    fn send_shared(&mut self, frames: &Shared) {
        self.flush();
        observe(self.options, Traffic::Sent(frames));
        self.io.send_shared(frames);
    }

    /// What was said before comes first.
    fn flush(&mut self) {
        if !self.output.is_empty() {
            observe(self.options, Traffic::Sent(self.output));
            self.io.send(self.output);
            self.output.clear();
        }
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    ///
    /// As [`Connection::ping`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.connection.ping(payload, self.output)
    }

    /// Begins to close. [`Handler::close`] is called when the client has answered.
    ///
    /// # Errors
    ///
    /// As [`Connection::close`].
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), SendError> {
        self.connection.close(code, reason, self.output)
    }

    /// Says a message to these clients; as [`Clients::send_to`], but those of the same thread are reached without a lock.
    pub fn send_to<'m>(&mut self, clients: &[ConnectionId], message: impl Into<Message<'m>>) {
        self.io.offer_to(clients, say(message));
    }

    /// How many bytes were said and have not left yet: a client that does not read lets this grow.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.io.queued() + self.output.len()
    }

    /// Calls [`Handler::drained`], once, when all that was said has left.
    pub fn tell_when_drained(&mut self) {
        self.io.tell_when_drained();
    }

    /// Reads nothing more from this client, who soon cannot send any more, until [`resume`](Peer::resume).
    pub fn pause(&mut self) {
        self.io.pause();
    }

    /// Reads again.
    pub fn resume(&mut self) {
        self.io.resume();
    }

    /// Calls [`Handler::timer`] at this time, and not at the time set before.
    pub fn set_timer(&mut self, at: Option<Instant>) {
        *self.alarm = at;
    }

    /// When this turn of the loop began.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.io.now()
    }

    /// As [`Clients::wake`], and without a lock if the other lives on this thread.
    pub fn wake(&mut self, other: ConnectionId) {
        self.io.tell(other, Told::Wake);
    }

    /// This client's name, for [`Clients`].
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        self.io.id()
    }

    /// The address and port it calls from.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.io.peer()
    }

    /// All clients, this one among them.
    #[must_use]
    pub fn clients(&self) -> Clients {
        Clients::new(self.io.handle())
    }
}
