//! What the broker's side has for the client's, which may live on another thread.

use std::mem;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

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
    letters: Mutex<Vec<ToClient>>,
    waker: Waker,
}

impl Inbox {
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            letters: Mutex::default(),
            waker,
        }
    }

    pub(super) fn put(&self, letter: ToClient) {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.push(letter);
        let is_first = letters.len() == 1;
        drop(letters);
        // Whoever was first has rung already.
        if is_first {
            (self.waker)();
        }
    }

    pub(super) fn take(&self) -> Vec<ToClient> {
        mem::take(&mut self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
