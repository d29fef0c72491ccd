//! The server's side of one connection: octets in, orders for the broker out; replies in, octets out.
//!
//! A session owns no socket, thread or clock. Whoever has those feeds it
//! ([`receive`](Session::receive), [`tick`](Session::tick)), hands its orders to the [`Broker`](crate::Broker) one by
//! one ([`next_order`](Session::next_order)), gives it the replies ([`deliver`](Session::deliver)), and writes
//! what it has to say ([`take_output`](Session::take_output)). Once it [is closed](Session::is_closed), that output
//! is the last.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use crate::codec::{Decoder, EncodeError, PlainSend, encode};
use crate::destination::Kind;
use crate::heart_beat::{HeartBeat, Pulse};
use crate::output::Output;
use crate::request::{AckMode, DeliveryName, Order, Reply, Request, SubscriptionName};
use crate::transactions::Transactions;
use crate::users::rights::Right;
use crate::users::{Login, User};
use crate::{Command, Destination, Fault, Frame, Limits, Version};

/// It stays when its client has gone, and stands in the store and in what is told of destinations.
const LONGEST_DURABLE_ID: usize = 255;

/// What all sessions of a server have in common.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// How much a client may ask for.
    pub limits: Limits,
    /// How often we can speak, and want to hear something.
    pub heart_beat: HeartBeat,
    /// The `server` header of CONNECTED.
    pub server: String,
    /// Whether only [users](crate::users) are let in, or everyone is.
    pub users_only: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        use std::time::Duration;
        Self {
            limits: Limits::default(),
            heart_beat: HeartBeat {
                can: Duration::from_secs(1),
                wants: Duration::from_secs(10),
            },
            server: concat!("stomp/", env!("CARGO_PKG_VERSION")).to_owned(),
            users_only: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing counts before CONNECT.
    AwaitingConnect { until: Instant },
    /// CONNECT has come, and somebody else has to say whether this is a user. Frames wait.
    AwaitingVerdict,
    /// Frames are taken.
    Open,
    /// DISCONNECT has come: no frame is taken any more, and the broker has yet to answer.
    Leaving,
    /// Nothing is taken or said any more.
    Closed,
}

/// The server's side of one connection.
///
/// Most connections are silent most of the time, and there may be many. So what only some have, or only for a while, is
/// boxed.
#[derive(Debug)]
pub struct Session {
    options: Arc<SessionOptions>,
    state: State,
    version: Version,
    /// The client will send no more octets.
    ended: bool,
    /// While octets wait, or a frame has begun and not ended.
    decoder: Option<Box<Decoder>>,
    transactions: Option<Box<Transactions>>,
    /// If heart-beats were agreed on.
    pulse: Option<Box<Pulse>>,
    output: Output,
    /// Until the session is open.
    opening: Option<Box<Opening>>,
    /// Who it is, if only users are let in.
    member: Option<Box<Member>>,
}

/// What a session needs only until it is open.
#[derive(Debug)]
struct Opening {
    id: String,
    /// What is to be checked, until somebody takes it.
    login: Option<Login>,
    /// What to say once the user is let in.
    welcome: Option<Frame>,
}

#[derive(Debug)]
struct Member {
    user: Arc<User>,
    /// Where the user may send to, as was found for the last plain SEND.
    last_allowed: String,
}

impl Session {
    /// A session that begins now. `id` is to be unique among the server's sessions.
    #[must_use]
    pub fn new(id: String, options: Arc<SessionOptions>, now: Instant) -> Self {
        Self {
            state: State::AwaitingConnect {
                until: now + options.limits.connect_time,
            },
            version: Version::V1_0,
            ended: false,
            decoder: None,
            transactions: None,
            pulse: None,
            output: Output::default(),
            opening: Some(Box::new(Opening {
                id,
                login: None,
                welcome: None,
            })),
            member: None,
            options,
        }
    }

    /// Octets have come from the client.
    pub fn receive(&mut self, octets: &[u8], now: Instant) {
        if let Some(pulse) = &mut self.pulse {
            pulse.heard(now);
        }
        if !octets.is_empty() && (self.takes_frames() || self.state == State::AwaitingVerdict) {
            let decoder = self.decoder.take().unwrap_or_else(|| self.new_decoder());
            self.decoder.insert(decoder).push(octets);
        }
    }

    fn new_decoder(&self) -> Box<Decoder> {
        let mut decoder = Decoder::new(self.options.limits.clone());
        if !matches!(self.state, State::AwaitingConnect { .. }) {
            decoder.set_version(self.version);
        }
        Box::new(decoder)
    }

    /// The client has closed its end.
    pub fn receive_end(&mut self) {
        self.ended = true;
    }

    /// The next thing that the client wants done, or `None` until more octets come.
    ///
    /// Do it, and deliver the replies, before asking for the next: replies are in the order of requests.
    pub fn next_order(&mut self, now: Instant) -> Option<Order> {
        while self.takes_frames() {
            let Some(decoder) = &mut self.decoder else {
                self.end_of_octets();
                return None;
            };
            let frame = match decoder.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    self.decoder.take_if(|decoder| decoder.is_at_rest());
                    self.end_of_octets();
                    return None;
                }
                Err(error) => {
                    let receipt = decoder.receipt_of_frame();
                    self.fail(&error.into(), receipt.as_deref());
                    return None;
                }
            };
            let receipt = frame.header("receipt").map(str::to_owned);
            match self.read(frame, now) {
                Ok(Some(request)) => return Some(Order { request, receipt }),
                Ok(None) => {}
                Err(fault) => self.fail(&fault, receipt.as_deref()),
            }
        }
        None
    }

    /// The next frame, if it is a SEND that asks for nothing unusual: for the [broker's short way](crate::Broker::publish).
    /// It stays the next one until it is [skipped](Session::skip).
    pub fn plain_send(&mut self) -> Option<PlainSend<'_>> {
        if self.state != State::Open {
            return None;
        }
        let send = self.decoder.as_mut()?.plain_send()?;
        if let Some(member) = &mut self.member
            && member.last_allowed != send.destination
        {
            let destination = Destination::to_send(send.destination).ok()?;
            member.user.rights.check(Right::Write, &destination).ok()?;
            send.destination.clone_into(&mut member.last_allowed);
        }
        Some(send)
    }

    /// Leaves out this many octets: a frame that [`plain_send`](Session::plain_send) has shown.
    pub fn skip(&mut self, octets: usize) {
        if let Some(decoder) = &mut self.decoder {
            decoder.skip(octets);
        }
    }

    /// The broker has something to say.
    pub fn deliver(&mut self, reply: Reply) {
        if self.state == State::Closed {
            return;
        }
        match reply {
            Reply::Message(delivery) => {
                let version = self.version;
                let Ok(()) = self.output.add(|octets| {
                    delivery.encode(version, octets);
                    Ok::<_, Infallible>(())
                });
                self.output.add_credit(delivery.credit);
            }
            Reply::Fanned(fan) => self.output.add_fan(&fan),
            Reply::Receipt(id) => self.say(&Frame::new(Command::Receipt).with("receipt-id", &id)),
            Reply::Goodbye => self.state = State::Closed,
            Reply::Fault { fault, receipt } => self.fail(&fault, receipt.as_deref()),
            Reply::LetIn(user) => self.let_in(user),
        }
        self.refuse_if_too_slow();
    }

    /// Time has passed: sends a heart-beat if one is due, and closes if the client is silent for too long.
    pub fn tick(&mut self, now: Instant) {
        match self.state {
            State::AwaitingConnect { until } if now >= until => {
                let fault = Fault::ConnectTimeout(self.options.limits.connect_time);
                self.fail(&fault, None);
            }
            State::Open => self.tick_pulse(now),
            _ => {}
        }
    }

    fn tick_pulse(&mut self, now: Instant) {
        let Some(pulse) = &self.pulse else {
            return;
        };
        if pulse.is_lost(now) {
            let fault = Fault::Silent(pulse.patience().unwrap_or_default());
            self.fail(&fault, None);
        } else if pulse.is_due(now) && self.output.is_empty() {
            let Ok(()) = self.output.add(|octets| {
                octets.push(b'\n');
                Ok::<_, Infallible>(())
            });
        }
    }

    /// When to [`tick`](Session::tick) next, if nothing happens before.
    #[must_use]
    pub fn next_wake(&self) -> Option<Instant> {
        match self.state {
            State::AwaitingConnect { until } => Some(until),
            State::Open => self.pulse.as_ref()?.next_wake(),
            State::AwaitingVerdict | State::Leaving | State::Closed => None,
        }
    }

    /// What a client has said to be let in, if it is time to check it. The answer is [`Reply::LetIn`] or a fault.
    pub fn take_login(&mut self) -> Option<Login> {
        self.opening.as_mut()?.login.take()
    }

    /// Whether nothing happens here until somebody has checked the login.
    #[must_use]
    pub fn awaits_verdict(&self) -> bool {
        self.state == State::AwaitingVerdict
    }

    /// Something was written past this session, which would have been due to say it.
    pub fn sent(&mut self, now: Instant) {
        if let Some(pulse) = &mut self.pulse {
            pulse.sent(now);
        }
    }

    /// How much there is to write, in bytes.
    #[must_use]
    pub fn output_len(&self) -> usize {
        self.output.len()
    }

    /// Exchanges what there is to write for `written`, which is emptied.
    pub fn take_output(&mut self, written: &mut Output, now: Instant) {
        written.clear();
        std::mem::swap(&mut self.output, written);
        if !written.is_empty() {
            self.sent(now);
        }
    }

    /// Whether the session is over: write its output, and close the connection.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether CONNECT has come and nothing has ended the session.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Closes the session with an ERROR that says why. What was said before is written first.
    pub fn fail(&mut self, fault: &Fault, receipt: Option<&str>) {
        if self.state == State::Closed {
            return;
        }
        self.say(&fault.to_frame(receipt));
        self.state = State::Closed;
    }

    fn takes_frames(&self) -> bool {
        matches!(self.state, State::AwaitingConnect { .. } | State::Open)
    }

    /// All frames that came are done. If nothing more will come, so is the session.
    fn end_of_octets(&mut self) {
        if !self.ended {
            return;
        }
        if let Some(decoder) = self.decoder.take()
            && decoder.is_inside_frame()
        {
            let receipt = decoder.receipt_of_frame();
            self.fail(&Fault::Unfinished, receipt.as_deref());
        }
        self.state = State::Closed;
    }

    fn say(&mut self, frame: &Frame) {
        let version = self.version;
        if self.output.add(|octets| encode(frame, version, octets)).is_err() {
            // Only a receipt that the client made in another version could be impossible to say in this one.
            let without_headers = Frame::new(frame.command).with_body(frame.body.clone());
            let _: Result<(), EncodeError> = self
                .output
                .add(|octets| encode(&without_headers, version, octets));
        }
    }

    /// A client that does not read must not fill our memory, be it with messages or with receipts. What it has not read
    /// is forgotten, and it is told so.
    fn refuse_if_too_slow(&mut self) {
        let limit = self.options.limits.queued_bytes;
        if self.state != State::Closed && self.output.len() > limit {
            self.output.clear();
            self.fail(&Fault::TooSlow { limit }, None);
        }
    }

    /// What a frame asks of the broker, if anything.
    fn read(&mut self, frame: Frame, now: Instant) -> Result<Option<Request>, Fault> {
        let command = frame.command;
        let connecting = matches!(command, Command::Connect | Command::Stomp);
        match self.state {
            State::AwaitingConnect { .. } if connecting => return self.connect(&frame, now).map(|()| None),
            State::AwaitingConnect { .. } => return Err(Fault::NotConnected { command }),
            _ if connecting => return Err(Fault::AlreadyConnected { command }),
            _ => {}
        }
        check_body(&frame, self.version)?;
        let limits = &self.options.limits;
        let request = match command {
            Command::Send => self.send(frame)?,
            Command::Subscribe => self.subscribe(&frame)?,
            Command::Unsubscribe => Request::Unsubscribe {
                name: self.subscription_name(&frame)?,
                for_good: frame.header("durable") == Some("true"),
            },
            Command::Ack => self.settle(&frame, true)?,
            Command::Nack => self.settle(&frame, false)?,
            Command::Begin => {
                let transactions = self.transactions.get_or_insert_default();
                transactions.begin(required(&frame, "transaction")?, limits)?;
                Request::Nothing
            }
            Command::Commit => Request::Commit(self.end_transaction(&frame)?),
            Command::Abort => {
                self.end_transaction(&frame)?;
                Request::Nothing
            }
            Command::Disconnect => {
                self.state = State::Leaving;
                Request::Disconnect
            }
            _ => return Err(Fault::FromServer { command }),
        };
        Ok(Some(request))
    }

    fn connect(&mut self, frame: &Frame, now: Instant) -> Result<(), Fault> {
        let version =
            Version::highest_common(frame.header("accept-version")).ok_or(Fault::NoCommonVersion)?;
        self.version = version;
        if let Some(decoder) = &mut self.decoder {
            decoder.set_version(version);
        }
        check_body(frame, version)?;
        let id = self.opening.as_ref().map_or("", |opening| &opening.id);
        let mut connected = Frame::new(Command::Connected)
            .with("version", version.number())
            .with("session", id)
            .with("server", &self.options.server);
        if version >= Version::V1_1 {
            let ours = self.options.heart_beat;
            let theirs = match frame.header("heart-beat") {
                Some(value) => HeartBeat::parse(value)
                    .ok_or_else(|| bad(frame, "heart-beat", "two numbers, as in 0,0"))?,
                None => HeartBeat::NONE,
            };
            connected.headers.push("heart-beat", &ours.to_string());
            let pulse = Pulse::agree(ours, theirs, now);
            self.pulse = pulse.next_wake().is_some().then(|| Box::new(pulse));
        }
        if let Some(opening) = &mut self.opening
            && self.options.users_only
        {
            let value = |header| frame.header(header).unwrap_or_default().to_owned();
            opening.login = Some(Login {
                name: value("login"),
                passcode: value("passcode"),
            });
            opening.welcome = Some(connected);
            self.state = State::AwaitingVerdict;
        } else {
            self.open(&connected);
        }
        Ok(())
    }

    /// The client is a user.
    fn let_in(&mut self, user: Arc<User>) {
        if let Some(connected) = self.opening.as_mut().and_then(|opening| opening.welcome.take()) {
            let last_allowed = String::new();
            self.member = Some(Box::new(Member { user, last_allowed }));
            self.open(&connected);
        }
    }

    fn open(&mut self, connected: &Frame) {
        self.opening = None;
        self.state = State::Open;
        self.say(connected);
    }

    /// Whether the user may do this, if only users are let in.
    fn check(&self, right: Right, destination: &Destination) -> Result<(), Fault> {
        let member = self.member.as_ref();
        member.map_or(Ok(()), |member| member.user.rights.check(right, destination))
    }

    fn send(&mut self, frame: Frame) -> Result<Request, Fault> {
        let destination = Destination::to_send(required(&frame, "destination")?)?;
        self.check(Right::Write, &destination)?;
        let transaction = frame.header("transaction").map(str::to_owned);
        self.now_or_later(transaction.as_deref(), Request::Send { destination, frame })
    }

    fn subscribe(&self, frame: &Frame) -> Result<Request, Fault> {
        if frame.header("selector").is_some() {
            return Err(Fault::Selector);
        }
        let destination = Destination::to_subscribe(required(frame, "destination")?)?;
        self.check(Right::Read, &destination)?;
        let allowed = if self.version == Version::V1_0 {
            "auto or client"
        } else {
            "auto, client or client-individual"
        };
        let known = |mode: &AckMode| self.version > Version::V1_0 || *mode != AckMode::ClientIndividual;
        let ack = AckMode::from_name(frame.header("ack").unwrap_or("auto"))
            .filter(known)
            .ok_or_else(|| bad(frame, "ack", allowed))?;
        Ok(Request::Subscribe {
            name: self.subscription_name(frame)?,
            durable: self.durable(frame, &destination)?,
            destination,
            ack,
        })
    }

    /// Where the messages wait while the client is away, if it asks for that as it would ask RabbitMQ.
    fn durable(&self, frame: &Frame, destination: &Destination) -> Result<Option<Destination>, Fault> {
        let asks = frame.header("durable") == Some("true") && frame.header("auto-delete") != Some("true");
        // A queue keeps its messages anyway.
        if !asks || destination.kind() != Kind::Topic {
            return Ok(None);
        }
        let user = self.member.as_ref().map_or("", |member| &member.user.name);
        let id = required(frame, "id")?;
        if id.len() > LONGEST_DURABLE_ID {
            let (what, limit) = ("bytes in the id of a durable subscription", LONGEST_DURABLE_ID);
            return Err(Fault::TooMany { what, limit });
        }
        Ok(Some(Destination::durable(destination, user, id)))
    }

    /// The name that SUBSCRIBE and UNSUBSCRIBE give: an id, or in 1.0 perhaps only the destination.
    fn subscription_name(&self, frame: &Frame) -> Result<SubscriptionName, Fault> {
        match frame.header("id") {
            Some(id) => Ok(SubscriptionName::Id(id.into())),
            None if self.version == Version::V1_0 => {
                let destination = required(frame, "destination")?;
                Ok(SubscriptionName::Destination(destination.to_owned()))
            }
            None => Err(missing(frame, "id")),
        }
    }

    fn settle(&mut self, frame: &Frame, accepted: bool) -> Result<Request, Fault> {
        let (command, version) = (frame.command, self.version);
        let delivery = match version {
            Version::V1_0 if !accepted => return Err(Fault::NotInVersion { command, version }),
            Version::V1_0 | Version::V1_1 => DeliveryName::Message {
                id: required(frame, "message-id")?.to_owned(),
                subscription: match frame.header("subscription") {
                    None if version == Version::V1_1 => return Err(missing(frame, "subscription")),
                    subscription => subscription.map(Arc::from),
                },
            },
            Version::V1_2 => DeliveryName::Ack(required(frame, "id")?.to_owned()),
        };
        self.now_or_later(
            frame.header("transaction"),
            Request::Settle { delivery, accepted },
        )
    }

    fn end_transaction(&mut self, frame: &Frame) -> Result<Vec<Request>, Fault> {
        let name = required(frame, "transaction")?;
        let ended = self.transactions.get_or_insert_default().end(name);
        self.transactions.take_if(|transactions| transactions.is_empty());
        ended
    }

    /// Keeps the request for a COMMIT if it is part of a transaction.
    fn now_or_later(&mut self, transaction: Option<&str>, request: Request) -> Result<Request, Fault> {
        let Some(name) = transaction else {
            return Ok(request);
        };
        let transactions = self.transactions.get_or_insert_default();
        transactions.add(name, request, &self.options.limits)?;
        Ok(Request::Nothing)
    }
}

/// STOMP 1.0 says that a body that nobody expects is ignored; from 1.1 on there must be none.
fn check_body(frame: &Frame, version: Version) -> Result<(), Fault> {
    if version > Version::V1_0 && !frame.body.is_empty() && !frame.command.may_have_body() {
        return Err(Fault::BodyNotAllowed {
            command: frame.command,
        });
    }
    Ok(())
}

fn required<'f>(frame: &'f Frame, header: &'static str) -> Result<&'f str, Fault> {
    frame.header(header).ok_or_else(|| missing(frame, header))
}

fn missing(frame: &Frame, header: &'static str) -> Fault {
    Fault::MissingHeader {
        command: frame.command,
        header,
    }
}

fn bad(frame: &Frame, header: &'static str, allowed: &'static str) -> Fault {
    Fault::BadHeader {
        command: frame.command,
        header,
        value: frame.header(header).unwrap_or_default().to_owned(),
        allowed,
    }
}
