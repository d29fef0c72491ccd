//! The client on a real socket: every call returns when it is done, or says why not.
//!
//! ```no_run
//! use stomp::{Client, ClientOptions};
//!
//! let client = Client::connect("stomp://127.0.0.1:61613", &ClientOptions::default())?;
//! let prices = client.subscribe("/topic/price")?;
//! client.send("/topic/price", "71,300")?;
//! for message in prices.take(1) {
//!     println!("{}", message?.text());
//! }
//! client.disconnect()?;
//! # Ok::<(), stomp::Error>(())
//! ```
//!
//! A thread of its own reads what comes and puts each message where its subscription finds it; another
//! keeps the heart-beats. Both end with the connection.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ports::Endpoint;
use tcp_socket::Deadline;
use websocket::tls::ClientTls;

use crate::client::{ClientSession, Event, Greeting, ServerFault};
use crate::transport::{self, Receiver, Sender};
use crate::{AckMode, Command, Error, Frame, HeartBeat, Limits, Output, Version};

/// The settings of a client.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// How long connecting may take, and each answer.
    pub timeout: Duration,
    /// The user's name, for a broker that asks for one.
    pub login: Option<String>,
    /// The user's password.
    pub passcode: Option<String>,
    /// The versions to offer.
    pub versions: Vec<Version>,
    /// How often we can speak, and want to hear something.
    pub heart_beat: HeartBeat,
    /// What a broker may send.
    pub limits: Limits,
    /// The virtual host to ask for; `None` is the host of the URL.
    pub host: Option<String>,
    /// Whom to trust with `stomps://` and `wss://`; `None` trusts whom this machine trusts.
    pub tls: Option<ClientTls>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        let ten_seconds = Duration::from_secs(10);
        Self {
            timeout: Duration::from_secs(5),
            login: None,
            passcode: None,
            versions: Version::ALL.to_vec(),
            heart_beat: HeartBeat {
                can: ten_seconds,
                wants: ten_seconds,
            },
            limits: Limits::default(),
            host: None,
            tls: None,
        }
    }
}

/// A connection to a broker.
#[derive(Debug)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    peer: String,
    timeout: Duration,
    /// Whoever writes holds this for as long as it takes, and the state only for a moment.
    writer: Mutex<Writer>,
    state: Mutex<State>,
    /// Something in the state has changed.
    changed: Condvar,
}

#[derive(Debug)]
struct Writer {
    sender: Sender,
    output: Output,
}

#[derive(Debug)]
struct State {
    session: ClientSession,
    connected: Option<Frame>,
    /// The messages that each subscription has not taken yet.
    inboxes: HashMap<String, VecDeque<Frame>>,
    /// How much they hold, in bytes, and how much they may.
    held: usize,
    hold_at_most: usize,
    /// Receipts that have been asked for and have not come.
    awaited: HashSet<String>,
    last_number: u64,
    /// Why nothing more will come.
    over: Option<Error>,
}

impl Client {
    /// Connects to the broker at `url`: `stomp://HOST:PORT` for TCP, `ws://HOST:PORT/PATH` for
    /// WebSocket, `stomps://` and `wss://` for the same over TLS. Returns once the session is open.
    ///
    /// # Errors
    ///
    /// [`Error`] tells apart a bad URL, a connection that cannot be had, a peer that does not speak STOMP, and
    /// a broker that refuses.
    pub fn connect(url: &str, options: &ClientOptions) -> Result<Self, Error> {
        let deadline = Deadline::after(options.timeout);
        let endpoint: Endpoint = url.parse()?;
        let web_socket = transport::connect_options(
            &options.versions,
            &options.limits,
            options.timeout,
            options.tls.clone(),
        );
        let (sender, receiver) = transport::connect(url, &endpoint, &web_socket, deadline)?;
        Self::greet(&endpoint, sender, receiver, options, deadline)
    }

    /// Opens the session on a connection that stands.
    fn greet(
        endpoint: &Endpoint,
        sender: Sender,
        receiver: Receiver,
        options: &ClientOptions,
        deadline: Deadline,
    ) -> Result<Self, Error> {
        let greeting = Greeting {
            host: options.host.clone().unwrap_or_else(|| endpoint.host().to_owned()),
            login: options.login.clone(),
            passcode: options.passcode.clone(),
            versions: options.versions.clone(),
            heart_beat: options.heart_beat,
        };
        let session = ClientSession::new(greeting, options.limits.clone(), Instant::now())?;
        let shared = Arc::new(Shared {
            peer: endpoint.authority(),
            timeout: options.timeout,
            writer: Mutex::new(Writer {
                sender,
                output: Output::default(),
            }),
            state: Mutex::new(State {
                session,
                connected: None,
                inboxes: HashMap::new(),
                held: 0,
                hold_at_most: options.limits.queued_bytes,
                awaited: HashSet::new(),
                last_number: 0,
                over: None,
            }),
            changed: Condvar::new(),
        });
        // From here on dropping the client closes the connection, and the threads end.
        let client = Self { shared };
        let shared = Arc::clone(&client.shared);
        thread::spawn(move || shared.read(receiver));
        client.shared.flush()?;
        let connected = |state: &mut State| state.connected.is_some().then_some(());
        client.shared.wait_for("CONNECTED", deadline, connected)?;
        let shared = Arc::clone(&client.shared);
        thread::spawn(move || shared.keep_heart_beats());
        Ok(client)
    }

    /// The version that both sides agreed on.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.shared.lock().session.version()
    }

    /// The CONNECTED frame, with what the broker says of itself.
    #[must_use]
    pub fn connected(&self) -> Option<Frame> {
        self.shared.lock().connected.clone()
    }

    /// Publishes a message, and does not wait for what becomes of it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the connection is lost.
    pub fn send(&self, destination: &str, body: impl Into<Vec<u8>>) -> Result<(), Error> {
        self.send_frame(&message(destination, body))
    }

    /// Publishes a message, and returns once the broker has it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the broker does not take it, [`Error::TimedOut`] if it does not answer.
    pub fn send_with_receipt(&self, destination: &str, body: impl Into<Vec<u8>>) -> Result<(), Error> {
        self.shared.ask(message(destination, body))
    }

    /// Sends any frame: for headers of your own.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] if the session's version cannot say it, others if the connection is lost.
    pub fn send_frame(&self, frame: &Frame) -> Result<(), Error> {
        self.shared.send(frame)
    }

    /// Sends any frame with a `receipt` header, and returns once the broker has done what it says.
    ///
    /// # Errors
    ///
    /// As [`Client::send_with_receipt`].
    pub fn ask(&self, frame: Frame) -> Result<(), Error> {
        self.shared.ask(frame)
    }

    /// Subscribes to a destination. When this returns, the broker has taken the subscription: nothing
    /// that is sent from now on is missed.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the broker does not like the destination.
    pub fn subscribe(&self, destination: &str) -> Result<Subscription, Error> {
        self.subscribe_with(destination, AckMode::Auto)
    }

    /// Subscribes to a destination whose messages you will acknowledge.
    ///
    /// # Errors
    ///
    /// As [`Client::subscribe`].
    pub fn subscribe_with(&self, destination: &str, ack: AckMode) -> Result<Subscription, Error> {
        let id = {
            let mut state = self.shared.lock();
            let id = state.next_number().to_string();
            state.inboxes.insert(id.clone(), VecDeque::new());
            id
        };
        let subscription = Subscription {
            shared: Arc::clone(&self.shared),
            id,
        };
        let frame = Frame::new(Command::Subscribe)
            .with("id", &subscription.id)
            .with("destination", destination)
            .with("ack", ack.name());
        self.shared.ask(frame)?;
        Ok(subscription)
    }

    /// Says that a message has been dealt with.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToAcknowledge`] if its subscription is one with [`AckMode::Auto`].
    pub fn ack(&self, message: &Frame) -> Result<(), Error> {
        self.shared.send(&self.settle(Command::Ack, message)?)
    }

    /// Says that a message has not been dealt with: a queue gives it to somebody else, or again to us.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToAcknowledge`] as above; [`Error::Refused`] later on if the session is one of STOMP 1.0,
    /// which has no NACK.
    pub fn nack(&self, message: &Frame) -> Result<(), Error> {
        self.shared.send(&self.settle(Command::Nack, message)?)
    }

    /// The frame that settles a message: 1.2 has a header for that alone.
    fn settle(&self, command: Command, message: &Frame) -> Result<Frame, Error> {
        let names: &[(&'static str, &str)] = match self.version() {
            Some(Version::V1_2) => &[("ack", "id")],
            Some(Version::V1_1) => &[("message-id", "message-id"), ("subscription", "subscription")],
            _ => &[("message-id", "message-id")],
        };
        let mut frame = Frame::new(command);
        for (header, name) in names {
            let value = message.header(header);
            frame
                .headers
                .push(name, value.ok_or(Error::NothingToAcknowledge { header })?);
        }
        Ok(frame)
    }

    /// Begins a transaction: what is sent and acknowledged in it is done at its commit, or not at all.
    ///
    /// # Errors
    ///
    /// [`Error`] if the connection is lost.
    pub fn transaction(&self) -> Result<Transaction<'_>, Error> {
        let name = format!("t{}", self.shared.lock().next_number());
        self.send_frame(&Frame::new(Command::Begin).with("transaction", &name))?;
        Ok(Transaction {
            client: self,
            name,
            ended: false,
        })
    }

    /// Says goodbye, and returns once the broker has processed everything before it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the broker did not answer: it may not have processed everything.
    pub fn disconnect(self) -> Result<(), Error> {
        self.shared.ask(Frame::new(Command::Disconnect))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let closed = Error::Closed {
            peer: self.shared.peer.clone(),
        };
        self.shared.end(closed);
    }
}

/// A transaction. Dropped without a commit, it is aborted.
#[derive(Debug)]
pub struct Transaction<'c> {
    client: &'c Client,
    name: String,
    ended: bool,
}

impl Transaction<'_> {
    /// Publishes a message at the commit.
    ///
    /// # Errors
    ///
    /// [`Error`] if the connection is lost.
    pub fn send(&self, destination: &str, body: impl Into<Vec<u8>>) -> Result<(), Error> {
        self.add(message(destination, body))
    }

    /// Acknowledges a message at the commit.
    ///
    /// # Errors
    ///
    /// As [`Client::ack`].
    pub fn ack(&self, message: &Frame) -> Result<(), Error> {
        self.add(self.client.settle(Command::Ack, message)?)
    }

    /// Does everything, and returns once the broker has.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it cannot all be done; then nothing is.
    pub fn commit(mut self) -> Result<(), Error> {
        self.ended = true;
        self.client
            .ask(Frame::new(Command::Commit).with("transaction", &self.name))
    }

    fn add(&self, frame: Frame) -> Result<(), Error> {
        self.client.send_frame(&frame.with("transaction", &self.name))
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let abort = Frame::new(Command::Abort).with("transaction", &self.name);
            // If the connection is lost, the broker has aborted it already.
            drop(self.client.send_frame(&abort));
        }
    }
}

/// A subscription: an iterator over its MESSAGE frames, which waits for the next one.
#[derive(Debug)]
pub struct Subscription {
    shared: Arc<Shared>,
    id: String,
}

impl Subscription {
    /// The id that its MESSAGE frames carry in their `subscription` header.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The next message, if one comes in time.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if none came, others if the connection is lost.
    pub fn next_within(&self, deadline: impl Into<Deadline>) -> Result<Frame, Error> {
        self.shared.wait_for("MESSAGE", deadline.into(), |state| {
            let frame = state.inboxes.get_mut(&self.id)?.pop_front()?;
            state.held -= frame.body.len();
            Some(frame)
        })
    }

    /// Ends the subscription, and returns once the broker has ended it too.
    ///
    /// # Errors
    ///
    /// [`Error`] if the connection is lost.
    pub fn unsubscribe(self) -> Result<(), Error> {
        self.shared
            .ask(Frame::new(Command::Unsubscribe).with("id", &self.id))
    }
}

impl Iterator for Subscription {
    type Item = Result<Frame, Error>;

    /// Waits for the next message. Ends when the broker has closed the connection in good order.
    fn next(&mut self) -> Option<Self::Item> {
        match self.next_within(Deadline::never()) {
            Err(Error::Closed { .. }) => None,
            result => Some(result),
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if let Some(inbox) = state.inboxes.remove(&self.id) {
            state.held -= inbox.iter().map(|frame| frame.body.len()).sum::<usize>();
            self.shared.changed.notify_all();
        }
    }
}

fn message(destination: &str, body: impl Into<Vec<u8>>) -> Frame {
    Frame::new(Command::Send)
        .with("destination", destination)
        .with("content-type", "text/plain")
        .with_body(body)
}

impl State {
    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Whether more may be read: not while the subscriptions hold too much, unless somebody waits for
    /// a receipt that comes behind it.
    fn may_read(&self) -> bool {
        self.held <= self.hold_at_most || !self.awaited.is_empty() || self.over.is_some()
    }

    /// Puts what has come where whoever waits for it will find it.
    fn sort(&mut self, event: Event, peer: &str) {
        match event {
            Event::Connected(frame) => self.connected = Some(frame),
            Event::Receipt(id) => drop(self.awaited.remove(&id)),
            Event::Error(frame) => {
                self.over = Some(Error::Refused {
                    peer: peer.to_owned(),
                    message: frame.header("message").unwrap_or("no reason given").to_owned(),
                    detail: frame.text().into_owned(),
                });
            }
            Event::Message(frame) => {
                // A message may still be under way when its subscription has ended.
                let id = frame.header("subscription").unwrap_or_default();
                if let Some(inbox) = self.inboxes.get_mut(id) {
                    self.held += frame.body.len();
                    inbox.push_back(frame);
                }
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, frame: &Frame) -> Result<(), Error> {
        {
            let mut state = self.lock();
            if let Some(error) = &state.over {
                return Err(error.clone());
            }
            state.session.send(frame)?;
        }
        self.flush()
    }

    /// Sends a frame, and waits for its receipt.
    fn ask(&self, frame: Frame) -> Result<(), Error> {
        let receipt = {
            let mut state = self.lock();
            let receipt = format!("r{}", state.next_number());
            state.awaited.insert(receipt.clone());
            receipt
        };
        self.changed.notify_all();
        let arrived = |state: &mut State| (!state.awaited.contains(&receipt)).then_some(());
        let sent = self.send(&frame.with("receipt", &receipt));
        let result = sent.and_then(|()| self.wait_for("RECEIPT", Deadline::after(self.timeout), arrived));
        self.lock().awaited.remove(&receipt);
        result
    }

    /// Waits until `ready` gives something, the connection is over, or the time is up.
    fn wait_for<T>(
        &self,
        awaited: &'static str,
        deadline: Deadline,
        mut ready: impl FnMut(&mut State) -> Option<T>,
    ) -> Result<T, Error> {
        let mut state = self.lock();
        loop {
            // What came before the end still counts.
            if let Some(result) = ready(&mut state) {
                self.changed.notify_all();
                return Ok(result);
            }
            if let Some(error) = &state.over {
                return Err(error.clone());
            }
            let left = deadline.remaining().ok_or_else(|| Error::TimedOut {
                peer: self.peer.clone(),
                awaited,
                after: deadline.allowed(),
            })?;
            // Some systems cannot wait for as long as "never" is.
            let pause = left.min(Duration::from_secs(3600));
            let waited = self.changed.wait_timeout(state, pause);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Writes everything that the session has to say.
    fn flush(&self) -> Result<(), Error> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Writer { sender, output } = &mut *writer;
        self.lock().session.take_output(output, Instant::now());
        let sent = sender.send(output, self.timeout);
        drop(writer);
        sent.map_err(|error| self.reason().unwrap_or(error))
    }

    /// Why the connection is over. Whoever fails to send knows only that it is; the thread that reads
    /// is about to find the broker's last words.
    fn reason(&self) -> Option<Error> {
        const MOMENT: Duration = Duration::from_secs(1);
        let not_over = |state: &mut State| state.over.is_none();
        let waited = self.changed.wait_timeout_while(self.lock(), MOMENT, not_over);
        waited.unwrap_or_else(PoisonError::into_inner).0.over.clone()
    }

    /// The thread that reads, until the connection is over.
    fn read(&self, mut receiver: Receiver) {
        loop {
            let ended = match receiver.receive(Deadline::never()) {
                Ok(Some(octets)) => self.take(octets).err(),
                Ok(None) => Some(self.closed()),
                Err(error) => Some(error),
            };
            if let Some(error) = ended {
                return self.end(error);
            }
            let too_much = |state: &mut State| !state.may_read();
            drop(self.changed.wait_while(self.lock(), too_much));
        }
    }

    fn take(&self, octets: &[u8]) -> Result<(), Error> {
        let mut state = self.lock();
        let now = Instant::now();
        state.session.receive(octets, now);
        loop {
            match state.session.next_event(now) {
                Ok(Some(event)) => state.sort(event, &self.peer),
                Ok(None) => break,
                Err(fault) => return Err(self.fault(fault, state.connected.is_some())),
            }
        }
        drop(state);
        self.changed.notify_all();
        Ok(())
    }

    /// Why there is nothing more to read.
    fn closed(&self) -> Error {
        let state = self.lock();
        let peer = self.peer.clone();
        match state.session.receive_end() {
            Err(fault) => self.fault(fault, state.connected.is_some()),
            Ok(()) => Error::Closed { peer },
        }
    }

    /// A peer whose very first octets are wrong does not speak STOMP at all.
    fn fault(&self, fault: ServerFault, connected: bool) -> Error {
        let peer = self.peer.clone();
        if connected {
            Error::Protocol { peer, fault }
        } else {
            Error::NotStomp { peer, fault }
        }
    }

    /// The thread that keeps the heart-beats, if any were agreed on.
    fn keep_heart_beats(&self) {
        loop {
            let mut state = self.lock();
            if state.over.is_some() {
                return;
            }
            let now = Instant::now();
            if let Err(fault) = state.session.tick(now) {
                drop(state);
                return self.end(self.fault(fault, true));
            }
            let Some(wake) = state.session.next_wake() else {
                return;
            };
            drop(state);
            if let Err(error) = self.flush() {
                return self.end(error);
            }
            let state = self.lock();
            let pause = wake.saturating_duration_since(now);
            let not_over = |state: &mut State| state.over.is_none();
            drop(self.changed.wait_timeout_while(state, pause, not_over));
        }
    }

    /// Nothing more will come: whoever waits is told, and the connection is closed.
    fn end(&self, error: Error) {
        // The first reason is the true one.
        self.lock().over.get_or_insert(error);
        self.changed.notify_all();
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.sender.abort();
    }
}
