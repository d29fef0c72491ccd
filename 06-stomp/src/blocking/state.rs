//! What a client knows: how its connection stands, what its subscriptions hold, and who waits for which receipt.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::client::{ClientSession, Event};
use crate::{Change, Command, Error, Frame};

/// How many changes of the connection are kept for a caller who does not ask.
const MOST_CHANGES: usize = 100;

/// How the connection stands.
#[derive(Debug)]
pub(super) enum Standing {
    Open,
    /// Not yet, or not at the moment.
    Away(Error),
    /// It will not come back.
    Over(Error),
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) session: ClientSession,
    pub(super) connected: Option<Frame>,
    standing: Standing,
    /// Which connection this is, counted from 1.
    pub(super) connection: u64,
    /// We have said goodbye: the broker may close.
    pub(super) leaving: bool,
    subscriptions: BTreeMap<u64, Inbox>,
    /// How much all of them hold, in bytes.
    held: usize,
    /// The subscriptions that the broker has not yet taken again, by their receipts.
    again: HashSet<String>,
    /// The receipts that calls wait for.
    awaited: HashMap<String, Awaited>,
    last_number: u64,
    /// How many frames without a receipt this connection was given, and how many of them the broker must have read, since
    /// it has confirmed one behind them.
    plain: u64,
    confirmed: u64,
    /// Frames that went down with a connection, which no caller has been told of.
    untold: u64,
    pub(super) changes: VecDeque<Change>,
}

/// A subscription: how to make it again, and the messages that it has not taken yet.
#[derive(Debug)]
struct Inbox {
    subscribe: Frame,
    messages: VecDeque<Frame>,
}

#[derive(Debug)]
struct Awaited {
    /// How many plain frames were sent before.
    plain_before: u64,
    answer: Option<Result<(), Error>>,
}

impl Inbox {
    fn holds(&self) -> usize {
        self.messages.iter().map(|frame| frame.body.len()).sum()
    }
}

/// The id of a subscription on a connection. It tells whether a message came over the connection that stands now: only
/// then can it be acknowledged.
pub(super) fn id(key: u64, connection: u64) -> String {
    if connection == 1 {
        return key.to_string();
    }
    format!("{key}.{connection}")
}

/// The subscription and the connection of an [`id`].
pub(super) fn read_id(id: &str) -> Option<(u64, u64)> {
    let (key, connection) = id.split_once('.').unwrap_or((id, "1"));
    Some((key.parse().ok()?, connection.parse().ok()?))
}

impl State {
    /// The state of a client whose first connection is not open yet.
    pub(super) fn new(session: ClientSession, peer: &str) -> Self {
        Self {
            session,
            connected: None,
            standing: Standing::Away(Error::Closed {
                peer: peer.to_owned(),
            }),
            connection: 1,
            leaving: false,
            subscriptions: BTreeMap::new(),
            held: 0,
            again: HashSet::new(),
            awaited: HashMap::new(),
            last_number: 0,
            plain: 0,
            confirmed: 0,
            untold: 0,
            changes: VecDeque::new(),
        }
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// A new subscription, and the SUBSCRIBE frame that makes it on this connection.
    pub(super) fn add_subscription(&mut self, subscribe: Frame) -> (u64, Frame) {
        let key = self.next_number();
        let frame = subscribe.clone().with("id", &id(key, self.connection));
        let messages = VecDeque::new();
        self.subscriptions.insert(key, Inbox { subscribe, messages });
        (key, frame)
    }

    pub(super) fn remove_subscription(&mut self, key: u64) {
        let inbox = self.subscriptions.remove(&key);
        self.held -= inbox.map_or(0, |inbox| inbox.holds());
    }

    pub(super) fn next_message(&mut self, key: u64) -> Option<Frame> {
        let frame = self.subscriptions.get_mut(&key)?.messages.pop_front()?;
        self.held -= frame.body.len();
        Some(frame)
    }

    pub(super) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether the broker has taken all subscriptions again.
    pub(super) fn has_all_again(&self) -> bool {
        self.again.is_empty()
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Open)
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Over(_))
    }

    /// Whether more may be read: not while the subscriptions hold too much, unless somebody waits for
    /// a receipt that comes behind it.
    pub(super) fn may_read(&self, hold_at_most: usize) -> bool {
        self.held <= hold_at_most || !self.awaited.is_empty() || !self.is_open()
    }

    /// Whether a frame may be sent, on connection `on` if it makes sense on that one only.
    pub(super) fn may_send(&mut self, on: Option<u64>, peer: &str) -> Result<(), Error> {
        let peer = peer.to_owned();
        match &self.standing {
            Standing::Over(error) => Err(error.clone()),
            _ if on.is_some_and(|on| on != self.connection) => Err(Error::Stale { peer }),
            Standing::Away(cause) => Err(Error::Away {
                peer,
                cause: Box::new(cause.clone()),
            }),
            Standing::Open if self.untold > 0 => Err(Error::Unconfirmed {
                peer,
                frames: std::mem::take(&mut self.untold),
            }),
            Standing::Open => Ok(()),
        }
    }

    /// Puts what has come where whoever waits for it will find it.
    pub(super) fn sort(&mut self, event: Event, peer: &str) -> Result<(), Error> {
        match event {
            Event::Connected(frame) => self.connected = Some(frame),
            Event::Receipt(receipt) => self.confirm(&receipt),
            Event::Error(frame) => {
                return Err(Error::Refused {
                    peer: peer.to_owned(),
                    message: frame.header("message").unwrap_or("no reason given").to_owned(),
                    detail: frame.text().into_owned(),
                });
            }
            Event::Message(frame) => {
                // A message may still be under way when its subscription has ended.
                let id = frame.header("subscription").and_then(read_id);
                if let Some(inbox) = id.and_then(|(key, _)| self.subscriptions.get_mut(&key)) {
                    self.held += frame.body.len();
                    inbox.messages.push_back(frame);
                }
            }
        }
        Ok(())
    }

    /// A RECEIPT has come. "All the previous frames have been received by the server" (STOMP 1.2, "RECEIPT").
    fn confirm(&mut self, receipt: &str) {
        self.again.remove(receipt);
        if let Some(awaited) = self.awaited.get_mut(receipt) {
            awaited.answer = Some(Ok(()));
            self.confirmed = self.confirmed.max(awaited.plain_before);
        }
    }

    /// The connection is lost: whoever waits for a receipt is told, and what can only be wrong from now on is forgotten.
    pub(super) fn lose(&mut self, cause: Error, returns: bool, peer: &str) {
        for awaited in self
            .awaited
            .values_mut()
            .filter(|awaited| awaited.answer.is_none())
        {
            awaited.answer = Some(Err(match &cause {
                cause @ Error::Refused { .. } => cause.clone(),
                cause if !returns => cause.clone(),
                cause => Error::Unanswered {
                    peer: peer.to_owned(),
                    cause: Box::new(cause.clone()),
                },
            }));
        }
        if !returns {
            self.standing = Standing::Over(cause);
            return;
        }
        let unconfirmed = self.plain - self.confirmed;
        self.untold += unconfirmed;
        self.note(Change::Lost {
            cause: cause.clone(),
            unconfirmed,
        });
        self.standing = Standing::Away(cause);
        // What has not been acknowledged the broker gives again.
        for inbox in self.subscriptions.values_mut() {
            if inbox.subscribe.header("ack") != Some("auto") {
                self.held -= inbox.holds();
                inbox.messages.clear();
            }
        }
    }

    pub(super) fn note(&mut self, change: Change) {
        if self.changes.len() == MOST_CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }

    /// Asks for all subscriptions again. Returns how many there are.
    pub(super) fn subscribe_again(&mut self) -> Result<usize, Error> {
        for (key, inbox) in &self.subscriptions {
            let id = id(*key, self.connection);
            let receipt = format!("again-{id}");
            let frame = inbox.subscribe.clone().with("id", &id).with("receipt", &receipt);
            self.session.send(&frame)?;
            self.again.insert(receipt);
        }
        Ok(self.subscriptions.len())
    }

    /// Another connection has been made; nothing has been said on it yet.
    pub(super) fn begin_again(&mut self, session: ClientSession) {
        self.session = session;
        self.connection += 1;
        self.connected = None;
        self.again.clear();
        (self.plain, self.confirmed) = (0, 0);
    }

    /// The session is open, unless somebody has ended it meanwhile.
    pub(super) fn open(&mut self) {
        if !self.is_over() {
            self.standing = Standing::Open;
        }
    }

    /// The next frame asks for a receipt: its name.
    pub(super) fn await_receipt(&mut self) -> String {
        let receipt = format!("r{}", self.next_number());
        let awaited = Awaited {
            plain_before: self.plain,
            answer: None,
        };
        self.awaited.insert(receipt.clone(), awaited);
        receipt
    }

    /// What has become of a receipt, if anything has.
    pub(super) fn answer(&self, receipt: &str) -> Option<Result<(), Error>> {
        self.awaited.get(receipt)?.answer.clone()
    }

    pub(super) fn forget_receipt(&mut self, receipt: &str) {
        self.awaited.remove(receipt);
    }

    /// Gives a frame to the session. Returns the connection that it is for.
    pub(super) fn say(&mut self, frame: &Frame) -> Result<u64, Error> {
        self.session.send(frame)?;
        self.plain += u64::from(frame.header("receipt").is_none());
        Ok(self.connection)
    }

    /// How many frames went down with a connection, if no caller has been told yet: now one is.
    pub(super) fn take_untold(&mut self) -> Option<u64> {
        Some(std::mem::take(&mut self.untold)).filter(|frames| *frames > 0)
    }
}

/// The SUBSCRIBE frame without the id, which each connection gives anew.
pub(super) fn subscribe_frame(destination: &str, ack: crate::AckMode) -> Frame {
    Frame::new(Command::Subscribe)
        .with("destination", destination)
        .with("ack", ack.name())
}
