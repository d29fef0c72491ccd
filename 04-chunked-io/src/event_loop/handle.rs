//! The loop seen from elsewhere: any thread, and the callbacks of other connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use tcp_socket::TcpSocket;

use super::mailbox::{Admission, Command, Mailbox, Offer};
use super::{ConnectionId, Shared};

/// Sends to any connection, from any thread. Clones are cheap and lead to the same loop.
///
/// Nothing here waits. What is sent to a connection that is gone, or to a server that has ended, is dropped: by the
/// time it arrives that could have happened anyway.
pub struct Handle<M> {
    team: Arc<Team<M>>,
}

/// What the threads of one server share.
pub(super) struct Team<M> {
    pub(super) mailboxes: Vec<Mailbox<M>>,
    pub(super) tally: Tally,
    /// Whose turn it is to get a connection.
    turn: AtomicU32,
}

/// What is counted as it happens.
#[derive(Default)]
pub(super) struct Tally {
    /// Callers connected now; those that were refused or adopted are not counted.
    pub(super) connections: AtomicUsize,
    pub(super) timers: AtomicUsize,
    pub(super) accepted: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) not_accepted: AtomicU64,
    pub(super) dropped: AtomicU64,
}

/// What a server has done so far, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Callers that are connected now.
    pub connections: usize,
    /// Timers that the loop holds now. Those of connections that are gone are swept out when they are many.
    pub timers: usize,
    /// Callers that got a connection.
    pub accepted: u64,
    /// Callers that were refused, because as many connections were open as the settings allow.
    pub refused: u64,
    /// How often the system had no descriptor or no memory for a caller, who then waited.
    pub not_accepted: u64,
    /// Messages that a full queue dropped ([`WhenFull::Drop`](super::WhenFull::Drop)), one for each receiver.
    pub dropped: u64,
}

impl<M> Clone for Handle<M> {
    fn clone(&self) -> Self {
        Self {
            team: Arc::clone(&self.team),
        }
    }
}

impl<M> Handle<M> {
    pub(super) fn new(mailboxes: Vec<Mailbox<M>>) -> Self {
        let team = Team {
            mailboxes,
            tally: Tally::default(),
            turn: AtomicU32::new(0),
        };
        Self { team: Arc::new(team) }
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.team.tally
    }

    pub(super) fn mailboxes(&self) -> &[Mailbox<M>] {
        &self.team.mailboxes
    }

    /// The thread whose turn it is to get a connection.
    pub(super) fn next_thread(&self) -> u32 {
        let threads = u32::try_from(self.team.mailboxes.len()).unwrap_or(u32::MAX);
        self.team.turn.fetch_add(1, Ordering::Relaxed) % threads
    }

    pub(super) fn post(&self, thread: u32, command: Command<M>) -> Result<(), Command<M>> {
        match self.team.mailboxes.get(thread as usize) {
            Some(mailbox) => mailbox.post(command),
            None => Err(command),
        }
    }

    /// Gives a message to the protocol of a connection: [`Protocol::told`](super::Protocol::told).
    pub fn tell(&self, to: ConnectionId, message: M) {
        let _ = self.post(to.thread, Command::Tell(to, message));
    }

    /// Sends bytes through a connection: [`Protocol::relayed`](super::Protocol::relayed).
    pub fn send(&self, to: ConnectionId, bytes: &Shared) {
        let _ = self.post(to.thread, Command::Send(to, Shared::clone(bytes)));
    }

    /// Sends the same bytes through many connections. They are kept once, and each thread is asked once.
    pub fn send_to(&self, to: &[ConnectionId], bytes: &Shared) {
        for (thread, ids) in by_thread(to, self.team.mailboxes.len()) {
            let _ = self.post(thread, Command::SendTo(ids, Shared::clone(bytes)));
        }
    }

    /// Sends the same bytes through every connection that is open.
    pub fn send_to_all(&self, bytes: &Shared) {
        for mailbox in &self.team.mailboxes {
            let _ = mailbox.post(Command::SendToAll(Shared::clone(bytes)));
        }
    }

    /// Gives a message to many connections, made anew for each of them: [`Protocol::told`](super::Protocol::told).
    /// It is for news that each connection says in its own way, and a full queue treats it as it treats
    /// bytes: [`WhenFull::Drop`](super::WhenFull::Drop) drops it.
    pub fn offer_to(&self, to: &[ConnectionId], message: impl Fn() -> M + Send + Sync + 'static) {
        let offer: Offer<M> = Arc::new(message);
        for (thread, ids) in by_thread(to, self.team.mailboxes.len()) {
            let _ = self.post(thread, Command::OfferTo(ids, Arc::clone(&offer)));
        }
    }

    /// As [`offer_to`](Handle::offer_to), to every connection that is open.
    pub fn offer_to_all(&self, message: impl Fn() -> M + Send + Sync + 'static) {
        let offer: Offer<M> = Arc::new(message);
        for mailbox in &self.team.mailboxes {
            let _ = mailbox.post(Command::OfferToAll(Arc::clone(&offer)));
        }
    }

    /// Lets the loop serve a connection that was made elsewhere: a client's end, say, or a caller that another
    /// listener has accepted. The limit of connections does not count it.
    pub fn adopt(&self, socket: TcpSocket) {
        let peer = socket.peer_address();
        let stream = std::net::TcpStream::from(socket);
        // It fails only for what is no socket.
        if stream.set_nonblocking(true).is_err() {
            return;
        }
        let command = Command::Open {
            stream: TcpStream::from_std(stream),
            peer,
            admission: Admission::Adopted,
        };
        let _ = self.post(self.next_thread(), command);
    }

    /// Has the loop call somebody, and does not wait for the answer. The protocol that is made for the connection is first
    /// [told](super::Protocol::told) the message, so that it knows what it is for; what it says then goes nowhere. Once the
    /// peer has answered it is [opened](super::Protocol::opened). If the peer does not, within this time, it is
    /// [closed](super::Protocol::closed) without having been open.
    ///
    /// The limit of connections does not count it. If the system has no descriptor for it, the message is dropped.
    pub fn call(&self, peer: SocketAddr, within: Duration, message: M) {
        let command = Command::Call {
            peer,
            within,
            message,
        };
        let _ = self.post(self.next_thread(), command);
    }

    /// Ends the server: no more callers, every protocol says [goodbye](super::Protocol::shutdown), what was said
    /// leaves. What has not left after `grace` is given up.
    pub fn shutdown(&self, grace: Duration) {
        let deadline = Instant::now() + grace;
        for mailbox in &self.team.mailboxes {
            let _ = mailbox.post(Command::Shutdown(deadline));
        }
    }

    /// What the server has done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let tally = &self.team.tally;
        Counts {
            connections: tally.connections.load(Ordering::Relaxed),
            timers: tally.timers.load(Ordering::Relaxed),
            accepted: tally.accepted.load(Ordering::Relaxed),
            refused: tally.refused.load(Ordering::Relaxed),
            not_accepted: tally.not_accepted.load(Ordering::Relaxed),
            dropped: tally.dropped.load(Ordering::Relaxed),
        }
    }
}

/// The receivers that live on each of so many threads; threads without any are left out.
pub(super) fn by_thread(
    ids: &[ConnectionId],
    threads: usize,
) -> impl Iterator<Item = (u32, Vec<ConnectionId>)> {
    (0u32..).take(threads).filter_map(|thread| {
        let there: Vec<_> = ids.iter().copied().filter(|id| id.thread == thread).collect();
        (!there.is_empty()).then_some((thread, there))
    })
}
