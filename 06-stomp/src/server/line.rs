//! One connection to the broker, whatever carries it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::hub::Hub;
use super::service::{Service, Talk, Waker, Wire};
use super::status;
use websocket::Resource;

use crate::users::Login;
use crate::users::gate::Verdict;
use crate::{ConnectionId, Fault, Order, Output, Reply, Session};

/// With this much on its way out, in bytes, a socket gets no more until all of it has left.
pub(super) const ENOUGH: usize = 256 * 1024;

/// How long a publisher waits for subscribers that are behind.
const PATIENCE: Duration = Duration::from_millis(200);

/// One connection's session, and its place in the hub.
pub(super) struct Line {
    hub: Arc<Hub>,
    id: ConnectionId,
    session: Session,
    /// What must wait for room in the queues.
    held_back: Option<Box<Order>>,
    /// Nothing is read for others' sake, until this time at most.
    waits_until: Option<Instant>,
    /// The client has said all, and has yet to be told that it is on the disk.
    ends_later: bool,
}

impl Service for Hub {
    type Line = Line;

    fn resources(self: &Arc<Self>) -> Vec<Resource> {
        status::resources(self)
    }

    fn open(self: &Arc<Self>, waker: Waker, wire: &mut impl Wire) -> Line {
        Line::new(self, waker, wire)
    }
}

impl Line {
    fn new(hub: &Arc<Hub>, waker: Waker, wire: &mut impl Wire) -> Self {
        let (id, session) = hub.join(waker, wire.now());
        let line = Self {
            hub: Arc::clone(hub),
            id,
            session,
            held_back: None,
            waits_until: None,
            ends_later: false,
        };
        wire.set_timer(line.session.next_wake());
        line
    }
}

impl Talk for Line {
    fn received(&mut self, octets: &[u8], wire: &mut impl Wire) {
        self.session.receive(octets, wire.now());
        if self.waits_until.is_none() {
            self.work(wire);
        }
    }

    fn ended(&mut self, wire: &mut impl Wire) {
        self.ends_later = self.hub.lock().owes(self.id);
        if self.ends_later {
            return;
        }
        self.session.receive_end();
        if self.waits_until.is_none() {
            self.work(wire);
        }
    }

    fn woken(&mut self, wire: &mut impl Wire) {
        if self.session.awaits_verdict() {
            return self.hear_verdict(wire);
        }
        if self.waits_until.is_some() && !self.hub.lock().must_wait(self.id) {
            self.waits_until = None;
            wire.resume();
            // What was not read could not be heard.
            self.session.receive(&[], wire.now());
            return self.work(wire);
        }
        self.say(wire);
        if self.ends_later && !self.session.is_closed() {
            self.ended(wire);
        }
    }

    fn drained(&mut self, wire: &mut impl Wire) {
        self.woken(wire);
    }

    fn timer(&mut self, wire: &mut impl Wire) {
        let now = wire.now();
        if self.waits_until.is_some_and(|until| now >= until) {
            self.waits_until = Some(now + PATIENCE);
            self.session.receive(&[], now);
            self.hub.lock().wait_no_longer(self.id);
        }
        self.session.tick(now);
        self.woken(wire);
    }

    fn shut_down(&mut self, wire: &mut impl Wire) {
        self.session.fail(&Fault::ShuttingDown, None);
        self.say(wire);
    }

    fn gone(&mut self) {
        self.hub.lock().leave(self.id);
    }
}

impl Line {
    /// Does what has been asked for, and answers.
    fn work(&mut self, wire: &mut impl Wire) {
        let held_back = self.held_back.take().map(|order| *order);
        let mut hub = self.hub.lock();
        let room = ENOUGH.saturating_sub(wire.queued());
        let held_back = hub.serve(self.id, &mut self.session, held_back, room, wire.now());
        let waits = hub.must_wait(self.id);
        drop(hub);
        self.held_back = held_back.map(Box::new);
        if let Some(login) = self.session.take_login() {
            self.ask_gate(login, wire);
            if self.session.awaits_verdict() {
                // It may be in the outbox already; it will wake us.
                return;
            }
        }
        if waits {
            self.waits_until = Some(wire.now() + PATIENCE);
            wire.pause();
        }
        self.say(wire);
    }

    /// Has a passcode checked. Until that is done nothing is read.
    fn ask_gate(&mut self, login: Login, wire: &mut impl Wire) {
        let (hub, id) = (Arc::clone(&self.hub), self.id);
        let tell = move |verdict: Verdict| {
            let refused = |fault| Reply::Fault { fault, receipt: None };
            hub.tell(id, verdict.map_or_else(refused, Reply::LetIn));
        };
        wire.pause();
        let asked = self
            .hub
            .gate
            .as_ref()
            .map(|gate| gate.check(login, wire.from(), tell));
        if let Some(Err(fault)) = asked {
            self.session.fail(&fault, None);
        }
    }

    /// The passcode may have been checked.
    fn hear_verdict(&mut self, wire: &mut impl Wire) {
        let mut replies = Vec::new();
        self.hub.lock().take(self.id, usize::MAX, &mut replies);
        for reply in replies {
            self.session.deliver(reply);
        }
        if !self.session.awaits_verdict() {
            wire.resume();
            // What was not read could not be heard.
            self.session.receive(&[], wire.now());
            self.work(wire);
        }
    }

    /// Says what there is to say, as far as there is room.
    fn say(&mut self, wire: &mut impl Wire) {
        let mut replies = Vec::new();
        self.flush(wire);
        while !self.session.is_closed() {
            if wire.queued() >= ENOUGH {
                self.hub.lock().will_come_back(self.id);
                wire.tell_when_drained();
                break;
            }
            self.hub.lock().take(self.id, ENOUGH, &mut replies);
            if replies.is_empty() {
                break;
            }
            for reply in replies.drain(..) {
                self.say_one(reply, wire);
            }
            self.flush(wire);
        }
        if self.session.is_closed() {
            self.hub.lock().leave(self.id);
            wire.close();
        } else {
            wire.set_timer(self.session.next_wake().into_iter().chain(self.waits_until).min());
        }
    }

    fn say_one(&mut self, reply: Reply, wire: &mut impl Wire) {
        match reply {
            Reply::Fanned(fan) if self.session.is_open() => {
                self.flush(wire);
                wire.say_shared(&fan);
                self.session.sent(wire.now());
            }
            reply => self.session.deliver(reply),
        }
    }

    fn flush(&mut self, wire: &mut impl Wire) {
        if self.session.output_len() > 0 {
            let mut output = Output::default();
            self.session.take_output(&mut output, wire.now());
            wire.say(&output);
        }
    }
}
