//! The client's side: what it says goes to the broker, what the broker says goes to it.

use std::convert::Infallible;
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use std::vec;

use chunked_io::event_loop::ConnectionId;

use super::Relay;
use super::boundary::Boundaries;
use super::greeting::greeting;
use super::inbox::{Inbox, ToClient};
use super::upstream::ToUpstream;
use super::window::{Owed, UnderWay, Word};
use crate::server::service::{Talk, Wire};
use crate::{Command, DecodeError, Decoder, Fault, Output, Version, encode};

/// One client, and the way to its connection with the broker.
pub(crate) struct RelayLine {
    relay: Arc<Relay>,
    inbox: Arc<Inbox>,
    stage: Stage,
    /// Nothing may last beyond this time.
    until: Option<Instant>,
    /// The client will send no more.
    ended: bool,
    /// What the client has said, and whether a DISCONNECT was in it.
    said: Boundaries,
    has_left: bool,
    /// What it has heard, and whether an ERROR was in it.
    heard: Boundaries,
    has_heard_error: bool,
    /// A frame of the broker's that has not come as a whole, for a client that takes no pieces.
    unfinished: Vec<u8>,
    under_way: UnderWay,
    owed: Owed,
}

enum Stage {
    /// No whole CONNECT has come.
    Greeting(Box<Decoder>),
    /// The broker is looked for, or has been called.
    Calling {
        greeting: Vec<u8>,
        /// Where else it may be.
        addresses: vec::IntoIter<SocketAddr>,
        /// What the client has said since.
        rest: Vec<u8>,
    },
    Open(ConnectionId),
    Over,
}

impl RelayLine {
    pub(super) fn new(relay: &Arc<Relay>, inbox: Inbox, wire: &mut impl Wire) -> Self {
        let until = Some(wire.now() + relay.limits.connect_time);
        wire.set_timer(until);
        Self {
            relay: Arc::clone(relay),
            inbox: Arc::new(inbox),
            stage: Stage::Greeting(Box::new(Decoder::new(relay.limits.clone()))),
            until,
            ended: false,
            said: Boundaries::default(),
            has_left: false,
            heard: Boundaries::default(),
            has_heard_error: false,
            unfinished: Vec::new(),
            under_way: UnderWay::default(),
            owed: Owed::default(),
        }
    }

    /// Reads on, until the frame that opens the session is whole.
    fn read_greeting(&mut self, octets: &[u8], wire: &mut impl Wire) {
        let Stage::Greeting(decoder) = &mut self.stage else {
            return;
        };
        decoder.push(octets);
        let greeting = match decoder.next_frame() {
            Ok(None) => return,
            Ok(Some(frame)) => greeting(&frame, &self.relay.options),
            Err(error) => Err(error.into()),
        };
        match greeting {
            Ok(greeting) => {
                let rest = decoder.rest().to_vec();
                // Nothing more is read until there is a broker to read it.
                wire.pause();
                self.stage = Stage::Calling {
                    greeting,
                    addresses: Vec::new().into_iter(),
                    rest,
                };
                self.relay.look_up.ask(Arc::downgrade(&self.inbox));
                // Whoever asked before may have to be answered first.
                self.set_timer(Some(wire.now() + self.relay.options.answer_time * 2), wire);
            }
            Err(fault) => self.fail(&fault, wire),
        }
    }

    fn found(&mut self, found: Vec<SocketAddr>, wire: &mut impl Wire) {
        if let Stage::Calling { addresses, .. } = &mut self.stage {
            *addresses = found.into_iter();
            self.call_next(wire);
        }
    }

    /// Calls the broker at the next of its addresses: a name may have more than one.
    fn call_next(&mut self, wire: &mut impl Wire) {
        let Stage::Calling {
            greeting, addresses, ..
        } = &mut self.stage
        else {
            return;
        };
        let Some(broker) = addresses.next() else {
            return self.fail(&Fault::NoBroker, wire);
        };
        let within = self.relay.options.answer_time;
        let message = ToUpstream::For {
            client: Arc::downgrade(&self.inbox),
            greeting: greeting.clone(),
        };
        self.relay.upstreams().call(broker, within, message);
        // Should the system have no descriptor for the call, nobody will tell.
        self.set_timer(Some(wire.now() + within * 2), wire);
    }

    /// The broker has answered.
    fn opened(&mut self, upstream: ConnectionId, wire: &mut impl Wire) {
        let Stage::Calling { rest, .. } = mem::replace(&mut self.stage, Stage::Open(upstream)) else {
            return;
        };
        self.set_timer(None, wire);
        wire.resume();
        if !rest.is_empty() {
            self.pass_up(upstream, &rest, wire);
        }
        if self.ended {
            self.ended(wire);
        }
    }

    fn pass_up(&mut self, upstream: ConnectionId, octets: &[u8], wire: &mut impl Wire) {
        let has_left = &mut self.has_left;
        self.said.follow(octets, |_, command| {
            *has_left |= command == Some(Command::Disconnect);
        });
        self.tell(upstream, ToUpstream::Octets(octets.to_vec()));
        self.under_way.gave(octets.len());
        if self.under_way.is_full() {
            wire.pause();
        }
    }

    fn pass_down(&mut self, octets: Vec<u8>, wire: &mut impl Wire) {
        self.owed.got(octets.len());
        let (mut ends, has_heard_error) = (Vec::new(), &mut self.has_heard_error);
        self.heard.follow(&octets, |end, command| {
            ends.push(end);
            *has_heard_error |= command == Some(Command::Error);
        });
        if wire.is_stream() {
            wire.say(&Output::of_stream(octets));
        } else {
            self.say_frames(&octets, &ends, wire);
        }
    }

    /// Says what is whole, and keeps the rest.
    fn say_frames(&mut self, octets: &[u8], ends: &[usize], wire: &mut impl Wire) {
        let before = self.unfinished.len();
        self.unfinished.extend_from_slice(octets);
        let (mut output, mut start) = (Output::default(), 0);
        let mut say = |octets: &[u8]| {
            let Ok(()) = output.add(|frame| {
                frame.extend_from_slice(octets);
                Ok::<_, Infallible>(())
            });
        };
        for end in ends.iter().map(|end| before + end) {
            // The ends of line that brokers like to put behind a frame go with it.
            let is_end_of_line = |octet: &&u8| matches!(octet, b'\n' | b'\r');
            let more = self.unfinished[end..].iter().take_while(is_end_of_line).count();
            say(&self.unfinished[start..end + more]);
            start = end + more;
        }
        if self.heard.is_between() && start < self.unfinished.len() {
            // A heart-beat.
            say(&self.unfinished[start..]);
            start = self.unfinished.len();
        }
        self.unfinished.drain(..start);
        wire.say(&output);
        let limit = self.relay.limits.body_bytes;
        if self.unfinished.is_empty() {
            self.unfinished = Vec::new();
        } else if self.unfinished.len() > limit + self.relay.limits.head_bytes {
            self.fail(&DecodeError::BodyTooLong { limit }.into(), wire);
        }
    }

    /// The broker is gone. Was that to be expected?
    fn upstream_ended(&mut self, wire: &mut impl Wire) {
        let was_expected = self.has_left || self.has_heard_error;
        if was_expected || (wire.is_stream() && !self.heard.is_between()) {
            // In the middle of a frame nothing else can be said. The end says enough.
            self.close(wire);
        } else {
            self.fail(&Fault::BrokerLost, wire);
        }
    }

    fn say_what_has_left(&mut self, wire: &mut impl Wire) {
        if let Stage::Open(upstream) = self.stage {
            match self.owed.word(wire.queued()) {
                Word::Taken(bytes) => self.tell(upstream, ToUpstream::Taken(bytes)),
                Word::Wait => wire.tell_when_drained(),
                Word::None => {}
            }
        }
    }

    fn tell(&self, upstream: ConnectionId, message: ToUpstream) {
        self.relay.upstreams().tell(upstream, message);
    }

    fn set_timer(&mut self, until: Option<Instant>, wire: &mut impl Wire) {
        self.until = until;
        wire.set_timer(until);
    }

    /// Tells the client what is wrong, and closes.
    fn fail(&mut self, fault: &Fault, wire: &mut impl Wire) {
        let mut output = Output::default();
        // None of its headers needs an escape.
        let _ = output.add(|octets| encode(&fault.to_frame(None), Version::V1_2, octets));
        wire.say(&output);
        self.close(wire);
    }

    fn close(&mut self, wire: &mut impl Wire) {
        self.hang_up();
        wire.close();
    }

    /// The broker is to know that nobody is there any more, behind the client's last word.
    fn hang_up(&mut self) {
        let letters = self.inbox.close();
        let opened = letters.iter().find_map(|letter| match letter {
            ToClient::Open(upstream) => Some(*upstream),
            _ => None,
        });
        let open = match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Open(upstream) => Some(upstream),
            // The broker may have answered, and nobody has read it yet.
            Stage::Calling { .. } => opened,
            Stage::Greeting(_) | Stage::Over => None,
        };
        if let Some(upstream) = open {
            self.tell(upstream, ToUpstream::End);
        }
    }
}

impl Talk for RelayLine {
    fn received(&mut self, octets: &[u8], wire: &mut impl Wire) {
        match &mut self.stage {
            Stage::Greeting(_) => self.read_greeting(octets, wire),
            Stage::Calling { rest, .. } => rest.extend_from_slice(octets),
            Stage::Open(upstream) => {
                let upstream = *upstream;
                self.pass_up(upstream, octets, wire);
            }
            Stage::Over => {}
        }
    }

    fn ended(&mut self, wire: &mut impl Wire) {
        self.ended = true;
        match &self.stage {
            Stage::Greeting(decoder) if decoder.is_inside_frame() => self.fail(&Fault::Unfinished, wire),
            // Its last words are still to be delivered.
            Stage::Calling { .. } => {}
            // It has said goodbye, and waits for the broker's answer.
            Stage::Open(_) if self.has_left => {
                self.set_timer(Some(wire.now() + self.relay.closing_time), wire);
            }
            Stage::Greeting(_) | Stage::Open(_) | Stage::Over => self.close(wire),
        }
    }

    fn woken(&mut self, wire: &mut impl Wire) {
        for letter in self.inbox.take() {
            match (letter, &self.stage) {
                (_, Stage::Over) => return,
                (ToClient::Open(upstream), _) => self.opened(upstream, wire),
                (ToClient::Octets(octets), _) => self.pass_down(octets, wire),
                (ToClient::Taken(bytes), _) => {
                    self.under_way.taken(bytes);
                    if !self.under_way.is_full() {
                        wire.resume();
                    }
                }
                (ToClient::Addresses(addresses), _) => self.found(addresses, wire),
                (ToClient::NoAnswer, _) => self.call_next(wire),
                (ToClient::Ended, _) => self.upstream_ended(wire),
            }
        }
        self.say_what_has_left(wire);
    }

    fn drained(&mut self, wire: &mut impl Wire) {
        self.say_what_has_left(wire);
    }

    fn timer(&mut self, wire: &mut impl Wire) {
        if self.until.is_none_or(|until| wire.now() < until) {
            return;
        }
        match self.stage {
            Stage::Greeting(_) => {
                let fault = Fault::ConnectTimeout(self.relay.limits.connect_time);
                self.fail(&fault, wire);
            }
            Stage::Calling { .. } => self.fail(&Fault::NoBroker, wire),
            Stage::Open(_) | Stage::Over => self.close(wire),
        }
    }

    fn shut_down(&mut self, wire: &mut impl Wire) {
        if wire.is_stream() && !self.heard.is_between() {
            self.close(wire);
        } else {
            self.fail(&Fault::ShuttingDown, wire);
        }
    }

    fn gone(&mut self) {
        self.hang_up();
    }
}
