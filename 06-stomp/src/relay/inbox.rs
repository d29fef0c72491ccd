//! What the broker's side has for the client's, which may live on another thread.

use std::mem;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chunked_io::event_loop::ConnectionId;

use crate::server::service::Waker;

/// What a client's side can be told.
#[derive(Debug)]
pub(super) enum ToClient {
    /// These are the broker's addresses, the best one first.
    Addresses(Vec<SocketAddr>),
    /// The broker has answered the call: this connection leads to it.
    Open(ConnectionId),
    /// The broker says this.
    Octets(Vec<u8>),
    /// So much of what was given to the broker's side has left.
    Taken(usize),
    /// The broker did not answer the call.
    NoAnswer,
    /// The broker has closed the connection, or it was lost.
    Ended,
}

/// Letters, in order, and a bell.
pub(super) struct Inbox {
    /// `None` once nobody reads them any more.
    letters: Mutex<Option<Vec<ToClient>>>,
    waker: Waker,
}

impl Inbox {
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            letters: Mutex::new(Some(Vec::new())),
            waker,
        }
    }

    /// Returns whether anybody will read it.
    pub(super) fn put(&self, letter: ToClient) -> bool {
        let mut open = self.lock();
        let Some(letters) = open.as_mut() else {
            return false;
        };
        letters.push(letter);
        let is_first = letters.len() == 1;
        drop(open);
        // Whoever was first has rung already.
        if is_first {
            (self.waker)();
        }
        true
    }

    pub(super) fn take(&self) -> Vec<ToClient> {
        self.lock().as_mut().map(mem::take).unwrap_or_default()
    }

    /// The last letters: from now on none is taken in.
    pub(super) fn close(&self) -> Vec<ToClient> {
        self.lock().take().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<ToClient>>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
