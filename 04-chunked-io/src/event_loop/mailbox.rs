//! How one thread asks another to do something: a list under a lock, and a bell.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mio::Waker;
use mio::net::TcpStream;

use super::{ConnectionId, Shared};

/// What a thread can be asked to do.
pub(super) enum Command<M> {
    /// Take over a connection.
    Open {
        stream: TcpStream,
        peer: SocketAddr,
        admission: Admission,
    },
    /// Call somebody, for this long at most.
    Call {
        peer: SocketAddr,
        within: Duration,
        message: M,
    },
    Tell(ConnectionId, M),
    Send(ConnectionId, Shared),
    SendTo(Vec<ConnectionId>, Shared),
    SendToAll(Shared),
    OfferTo(Vec<ConnectionId>, Offer<M>),
    OfferToAll(Offer<M>),
    Shutdown(Instant),
}

/// Makes the message for each receiver. A protocol's messages need not be `Clone`.
pub(super) type Offer<M> = Arc<dyn Fn() -> M + Send + Sync>;

/// How a connection comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// It called, and counts towards the limit.
    Admitted,
    /// It called when the limit was reached.
    Refused,
    /// It was made elsewhere.
    Adopted,
}

/// The letters for one thread.
pub(super) struct Mailbox<M> {
    letters: Mutex<Letters<M>>,
    bell: Waker,
}

struct Letters<M> {
    commands: Vec<Command<M>>,
    /// The thread has ended.
    closed: bool,
}

impl<M> Mailbox<M> {
    pub(super) fn new(bell: Waker) -> Self {
        let letters = Letters {
            commands: Vec::new(),
            closed: false,
        };
        Self {
            letters: Mutex::new(letters),
            bell,
        }
    }

    /// Puts in a command; gives it back if nobody will read it.
    pub(super) fn post(&self, command: Command<M>) -> Result<(), Command<M>> {
        let mut letters = self.letters();
        if letters.closed {
            return Err(command);
        }
        letters.commands.push(command);
        let first = letters.commands.len() == 1;
        drop(letters);
        // Whoever was first has rung already.
        if first {
            // It fails only if the system is out of memory, and then nothing better is left to do.
            let _: io::Result<()> = self.bell.wake();
        }
        Ok(())
    }

    /// Takes out all commands and leaves `empty` in their place, so that its storage is used again.
    pub(super) fn collect(&self, empty: Vec<Command<M>>) -> Vec<Command<M>> {
        mem::replace(&mut self.letters().commands, empty)
    }

    /// Takes no more.
    pub(super) fn close(&self) {
        self.letters().closed = true;
        // Dropped when the lock is free again: what a message does when it is dropped is not known here.
        drop(self.collect(Vec::new()));
    }

    /// No code that can panic runs under this lock, so what it holds is in order even then.
    fn letters(&self) -> MutexGuard<'_, Letters<M>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
