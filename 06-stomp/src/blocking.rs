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
//! keeps the heart-beats. Both end with the connection, or go on with the next one, if
//! [`ClientOptions::reconnect`] asks for that.

mod shared;
mod state;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::Deadline;
use websocket::tls::ClientTls;

use crate::{AckMode, Change, Command, Error, Frame, HeartBeat, Limits, Reconnect, Version};
use shared::{Shared, dial};
use state::{id, read_id, subscribe_frame};

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
    /// Whether to call again when the connection is lost, and to subscribe again; `None` does not, and everyone who waits
    /// gets the error. No frame is ever sent twice: see [`Client::changes`].
    pub reconnect: Option<Reconnect>,
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
            reconnect: None,
        }
    }
}

/// A connection to a broker.
#[derive(Debug)]
pub struct Client {
    shared: Arc<Shared>,
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
        let (sender, mut receiver, session) = dial(url, &endpoint, options, deadline)?;
        let shared = Shared::new(url, endpoint, options.clone(), sender, session);
        // From here on dropping the client closes the connection, and the threads end.
        let client = Self {
            shared: Arc::new(shared),
        };
        client.shared.greet(&mut receiver, deadline)?;
        let shared = Arc::clone(&client.shared);
        thread::spawn(move || shared.read(receiver));
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

    /// What becomes of the connection from now on: it is lost, it returns. The latest hundred changes are kept for whoever
    /// asks late.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Publishes a message, and does not wait for what becomes of it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the connection is lost. A client that reconnects says [`Error::Away`] meanwhile, and
    /// [`Error::Unconfirmed`] once if messages may have been lost with the connection; this one is not sent then.
    pub fn send(&self, destination: &str, body: impl Into<Vec<u8>>) -> Result<(), Error> {
        self.send_frame(&message(destination, body))
    }

    /// Publishes a message, and returns once the broker has it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the broker does not take it, [`Error::TimedOut`] if it does not answer,
    /// [`Error::Unanswered`] if the connection is lost before it has: then nobody knows whether it has the message.
    pub fn send_with_receipt(&self, destination: &str, body: impl Into<Vec<u8>>) -> Result<(), Error> {
        self.ask(message(destination, body))
    }

    /// Sends any frame: for headers of your own.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] if the session's version cannot say it, others if the connection is lost.
    pub fn send_frame(&self, frame: &Frame) -> Result<(), Error> {
        self.shared.send(frame, None)
    }

    /// Sends any frame with a `receipt` header, and returns once the broker has done what it says.
    ///
    /// # Errors
    ///
    /// As [`Client::send_with_receipt`].
    pub fn ask(&self, frame: Frame) -> Result<(), Error> {
        self.shared.ask(frame, None)
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
        let (key, frame, connection) = {
            let mut state = self.shared.lock();
            let (key, frame) = state.add_subscription(subscribe_frame(destination, ack));
            (key, frame, state.connection)
        };
        let subscription = Subscription {
            shared: Arc::clone(&self.shared),
            key,
        };
        self.shared.ask(frame, Some(connection))?;
        Ok(subscription)
    }

    /// Says that a message has been dealt with.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToAcknowledge`] if its subscription is one with [`AckMode::Auto`], [`Error::Stale`] if it came over
    /// a connection that is lost: the broker gives it again.
    pub fn ack(&self, message: &Frame) -> Result<(), Error> {
        let frame = self.settle(Command::Ack, message)?;
        self.shared.send(&frame, connection_of(message))
    }

    /// Says that a message has not been dealt with: a queue gives it to somebody else, or again to us.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToAcknowledge`] as above; [`Error::Refused`] later on if the session is one of STOMP 1.0,
    /// which has no NACK.
    pub fn nack(&self, message: &Frame) -> Result<(), Error> {
        let frame = self.settle(Command::Nack, message)?;
        self.shared.send(&frame, connection_of(message))
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
        let (number, connection) = {
            let mut state = self.shared.lock();
            (state.next_number(), state.connection)
        };
        let transaction = Transaction {
            client: self,
            name: format!("t{number}"),
            connection,
            ended: false,
        };
        transaction.add(Frame::new(Command::Begin))?;
        Ok(transaction)
    }

    /// Says goodbye, and returns once the broker has processed everything before it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the broker did not answer: it may not have processed everything.
    pub fn disconnect(self) -> Result<(), Error> {
        self.shared.lock().leaving = true;
        self.ask(Frame::new(Command::Disconnect))
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
    /// A connection that is lost has aborted it.
    connection: u64,
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
        if connection_of(message).is_some_and(|connection| connection != self.connection) {
            let peer = self.client.shared.peer.clone();
            return Err(Error::Stale { peer });
        }
        self.add(self.client.settle(Command::Ack, message)?)
    }

    /// Does everything, and returns once the broker has.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it cannot all be done, [`Error::Stale`] if the connection has been lost meanwhile; then
    /// nothing is. [`Error::Unanswered`] if it is lost now: then all of it is done, or nothing.
    pub fn commit(mut self) -> Result<(), Error> {
        self.ended = true;
        let commit = Frame::new(Command::Commit).with("transaction", &self.name);
        self.client.shared.ask(commit, Some(self.connection))
    }

    fn add(&self, frame: Frame) -> Result<(), Error> {
        let frame = frame.with("transaction", &self.name);
        self.client.shared.send(&frame, Some(self.connection))
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // If the connection is lost, the broker has aborted it already.
            drop(self.add(Frame::new(Command::Abort)));
        }
    }
}

/// A subscription: an iterator over its MESSAGE frames, which waits for the next one.
#[derive(Debug)]
pub struct Subscription {
    shared: Arc<Shared>,
    key: u64,
}

impl Subscription {
    /// The id that its MESSAGE frames carry in their `subscription` header, until the connection is lost: on the next one it
    /// is another.
    #[must_use]
    pub fn id(&self) -> String {
        id(self.key, self.shared.lock().connection)
    }

    /// The next message, if one comes in time.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if none came, others if the connection is lost.
    pub fn next_within(&self, deadline: impl Into<Deadline>) -> Result<Frame, Error> {
        self.shared
            .wait_for("MESSAGE", deadline.into(), |state| state.next_message(self.key))
    }

    /// Ends the subscription, and returns once the broker has ended it too.
    ///
    /// # Errors
    ///
    /// [`Error`] if the connection is lost.
    pub fn unsubscribe(self) -> Result<(), Error> {
        let connection = self.shared.lock().connection;
        let unsubscribe = Frame::new(Command::Unsubscribe).with("id", &id(self.key, connection));
        self.shared.ask(unsubscribe, Some(connection))
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

/// What becomes of a connection: an iterator, which waits for the next change, and ends when the connection is lost for
/// good.
#[derive(Debug)]
pub struct Changes {
    shared: Arc<Shared>,
}

impl Changes {
    /// The next change, if there is one in time.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if there was none, others once the connection is lost for good.
    pub fn next_within(&self, deadline: impl Into<Deadline>) -> Result<Change, Error> {
        self.shared
            .wait_for("change", deadline.into(), |state| state.changes.pop_front())
    }
}

impl Iterator for Changes {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        self.next_within(Deadline::never()).ok()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.shared.lock().remove_subscription(self.key);
        self.shared.notify();
    }
}

/// The connection over which a message came, if it says so.
fn connection_of(message: &Frame) -> Option<u64> {
    read_id(message.header("subscription")?).map(|(_, connection)| connection)
}

fn message(destination: &str, body: impl Into<Vec<u8>>) -> Frame {
    Frame::new(Command::Send)
        .with("destination", destination)
        .with("content-type", "text/plain")
        .with_body(body)
}
