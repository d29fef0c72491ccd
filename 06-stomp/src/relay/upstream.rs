//! The broker's side: one connection for each client, called when the client has said CONNECT.

use std::sync::Weak;

use chunked_io::event_loop::{Closed, Io, Protocol};

use super::inbox::{Inbox, ToClient};
use super::window::{Owed, UnderWay, Word};

/// What a connection to the broker can be told.
pub(super) enum ToUpstream {
    /// For whom it is, and what to say first.
    For { client: Weak<Inbox>, greeting: Vec<u8> },
    /// The client says this.
    Octets(Vec<u8>),
    /// So much of what was given to the client's side has left.
    Taken(usize),
    /// The client has gone.
    End,
}

/// A connection to the broker.
#[derive(Default)]
pub(super) struct Upstream {
    /// Once the client's connection has gone it leads nowhere.
    client: Weak<Inbox>,
    greeting: Vec<u8>,
    is_open: bool,
    under_way: UnderWay,
    owed: Owed,
}

impl Upstream {
    /// Returns whether the client's side will read it. If not, its [`End`](ToUpstream::End) is on the way, and its last
    /// words perhaps before that: so nothing is closed until then.
    fn write(&self, letter: ToClient) -> bool {
        self.client.upgrade().is_some_and(|client| client.put(letter))
    }

    fn say_what_has_left(&mut self, io: &mut Io<'_, ToUpstream>) {
        match self.owed.word(io.queued()) {
            Word::Taken(bytes) => {
                self.write(ToClient::Taken(bytes));
            }
            Word::Wait => io.tell_when_drained(),
            Word::None => {}
        }
    }

    /// The last letter to the client.
    fn end(&mut self, letter: ToClient) {
        self.write(letter);
        self.client = Weak::new();
    }
}

impl Protocol for Upstream {
    type Message = ToUpstream;

    fn opened(&mut self, io: &mut Io<'_, ToUpstream>) {
        self.is_open = true;
        if self.write(ToClient::Open(io.id())) {
            io.send_vec(&mut self.greeting);
        } else {
            // It has gone without knowing whom to tell.
            io.close();
        }
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ToUpstream>) {
        if self.write(ToClient::Octets(bytes.to_vec())) {
            self.under_way.gave(bytes.len());
            if self.under_way.is_full() {
                io.pause();
            }
        }
    }

    fn told(&mut self, message: ToUpstream, io: &mut Io<'_, ToUpstream>) {
        match message {
            ToUpstream::For { client, greeting } => (self.client, self.greeting) = (client, greeting),
            ToUpstream::Octets(mut octets) => {
                self.owed.got(octets.len());
                io.send_vec(&mut octets);
                self.say_what_has_left(io);
            }
            ToUpstream::Taken(bytes) => {
                self.under_way.taken(bytes);
                if !self.under_way.is_full() {
                    io.resume();
                }
            }
            ToUpstream::End => {
                self.client = Weak::new();
                io.close();
            }
        }
    }

    fn drained(&mut self, io: &mut Io<'_, ToUpstream>) {
        self.say_what_has_left(io);
    }

    fn peer_finished(&mut self, io: &mut Io<'_, ToUpstream>) {
        self.end(ToClient::Ended);
        io.close();
    }

    fn closed(&mut self, _: &Closed, _: &mut Io<'_, ToUpstream>) {
        self.end(if self.is_open {
            ToClient::Ended
        } else {
            ToClient::NoAnswer
        });
    }
}
