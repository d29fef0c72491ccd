//! What a client's calls and its two threads share: the state, and the way to the broker.
//!
//! One thread reads, and calls again if the connection is lost; the other keeps the heart-beats. They do no more than
//! that: whatever they find out they put into [`State`], where a call that waits finds it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ports::Endpoint;
use tcp_socket::Deadline;

use super::ClientOptions;
use super::state::{Standing, State};
use crate::client::{ClientSession, Greeting, ServerFault};
use crate::transport::{self, Receiver, Sender};
use crate::{Change, Error, Frame, Output};

#[derive(Debug)]
pub(super) struct Shared {
    url: String,
    endpoint: Endpoint,
    pub(super) peer: String,
    pub(super) options: ClientOptions,
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

/// What a call to the broker gives: both halves of a connection, and a session that begins.
pub(super) type Line = (Sender, Receiver, ClientSession);

/// Calls the broker.
pub(super) fn dial(
    url: &str,
    endpoint: &Endpoint,
    options: &ClientOptions,
    deadline: Deadline,
) -> Result<Line, Error> {
    let web_socket = transport::connect_options(
        &options.versions,
        &options.limits,
        options.timeout,
        options.tls.clone(),
    );
    let (sender, receiver) = transport::connect(url, endpoint, &web_socket, deadline)?;
    let greeting = Greeting {
        host: options.host.clone().unwrap_or_else(|| endpoint.host().to_owned()),
        login: options.login.clone(),
        passcode: options.passcode.clone(),
        versions: options.versions.clone(),
        heart_beat: options.heart_beat,
    };
    let session = ClientSession::new(greeting, options.limits.clone(), Instant::now())?;
    Ok((sender, receiver, session))
}

impl Shared {
    pub(super) fn new(
        url: &str,
        endpoint: Endpoint,
        options: ClientOptions,
        sender: Sender,
        session: ClientSession,
    ) -> Self {
        let peer = endpoint.authority();
        let state = State::new(session, &peer);
        let output = Output::default();
        Self {
            url: url.to_owned(),
            endpoint,
            peer,
            options,
            writer: Mutex::new(Writer { sender, output }),
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn notify(&self) {
        self.changed.notify_all();
    }

    /// Sends a frame; on connection `on` only, if that is given.
    pub(super) fn send(&self, frame: &Frame, on: Option<u64>) -> Result<(), Error> {
        let connection = {
            let mut state = self.lock();
            state.may_send(on, &self.peer)?;
            state.say(frame)?
        };
        let written = self.write(connection);
        written.map_err(|error| self.loss(connection).unwrap_or(error))
    }

    /// Sends a frame, and waits for its receipt.
    pub(super) fn ask(&self, frame: Frame, on: Option<u64>) -> Result<(), Error> {
        let receipt = self.lock().await_receipt();
        self.notify();
        let answer = |state: &mut State| state.answer(&receipt);
        let sent = self.send(&frame.with("receipt", &receipt), on);
        let result = match sent {
            Ok(()) => self.wait_for("RECEIPT", Deadline::after(self.options.timeout), answer),
            // It may have been lost on its way, which says more.
            Err(error) => Ok(answer(&mut self.lock()).unwrap_or(Err(error))),
        };
        self.lock().forget_receipt(&receipt);
        result?
    }

    /// Waits until `ready` gives something, the connection is over, or the time is up.
    pub(super) fn wait_for<T>(
        &self,
        awaited: &'static str,
        deadline: Deadline,
        mut ready: impl FnMut(&mut State) -> Option<T>,
    ) -> Result<T, Error> {
        let mut state = self.lock();
        loop {
            // What came before the end still counts.
            if let Some(result) = ready(&mut state) {
                self.notify();
                return Ok(result);
            }
            if let Standing::Over(error) = state.standing() {
                return Err(error.clone());
            }
            let left = deadline.remaining();
            let left = left.ok_or_else(|| self.timed_out(awaited, deadline))?;
            // Some systems cannot wait for as long as "never" is.
            let pause = left.min(Duration::from_secs(3600));
            let waited = self.changed.wait_timeout(state, pause);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn timed_out(&self, awaited: &'static str, deadline: Deadline) -> Error {
        Error::TimedOut {
            peer: self.peer.clone(),
            awaited,
            after: deadline.allowed(),
        }
    }

    /// Writes everything that the session has to say, if `connection` still stands.
    fn write(&self, connection: u64) -> Result<(), Error> {
        let mut writer = self.writer();
        let Writer { sender, output } = &mut *writer;
        {
            let mut state = self.lock();
            if state.connection != connection || state.is_over() {
                let peer = self.peer.clone();
                return Err(Error::Closed { peer });
            }
            state.session.take_output(output, Instant::now());
        }
        sender.send(output, self.options.timeout)
    }

    /// Why `connection` is lost. Whoever fails to send knows only that it is; the thread that reads
    /// is about to find the broker's last words.
    fn loss(&self, connection: u64) -> Option<Error> {
        const MOMENT: Duration = Duration::from_secs(1);
        let stands = |state: &mut State| state.is_open() && state.connection == connection;
        let waited = self.changed.wait_timeout_while(self.lock(), MOMENT, stands);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        let peer = self.peer.clone();
        if let (false, Some(frames)) = (state.is_over(), state.take_untold()) {
            return Some(Error::Unconfirmed { peer, frames });
        }
        match state.standing() {
            Standing::Over(error) => Some(error.clone()),
            Standing::Open if state.connection == connection => None,
            Standing::Open => Some(Error::Stale { peer }),
            Standing::Away(cause) => Some(Error::Away {
                peer,
                cause: Box::new(cause.clone()),
            }),
        }
    }

    /// Opens the session on the connection that was made last, and takes up all subscriptions.
    pub(super) fn greet(&self, receiver: &mut Receiver, deadline: Deadline) -> Result<usize, Error> {
        let connection = self.lock().connection;
        self.write(connection)?;
        self.read_until("CONNECTED", receiver, deadline, |state| state.connected.is_some())?;
        let subscriptions = self.lock().subscribe_again()?;
        self.write(connection)?;
        self.read_until("RECEIPT", receiver, deadline, State::has_all_again)?;
        self.lock().open();
        self.notify();
        Ok(subscriptions)
    }

    fn read_until(
        &self,
        awaited: &'static str,
        receiver: &mut Receiver,
        deadline: Deadline,
        mut done: impl FnMut(&State) -> bool,
    ) -> Result<(), Error> {
        while !done(&self.lock()) {
            let octets = receiver
                .receive(deadline)
                .map_err(|error| match deadline.remaining() {
                    Some(_) => error,
                    None => self.timed_out(awaited, deadline),
                })?;
            self.take(octets.ok_or_else(|| self.closed())?)?;
        }
        Ok(())
    }

    /// The thread that reads, and that calls again if that is wanted, until the connection is over.
    pub(super) fn read(&self, mut receiver: Receiver) {
        loop {
            let connection = self.lock().connection;
            let cause = self.read_until_lost(&mut receiver);
            self.lose(connection, cause);
            match self.come_back() {
                Some(returned) => receiver = returned,
                None => return,
            }
        }
    }

    fn read_until_lost(&self, receiver: &mut Receiver) -> Error {
        loop {
            let taken = match receiver.receive(Deadline::never()) {
                Ok(Some(octets)) => self.take(octets),
                Ok(None) => Err(self.closed()),
                Err(error) => Err(error),
            };
            if let Err(error) = taken {
                return error;
            }
            let limit = self.options.limits.queued_bytes;
            let too_much = |state: &mut State| !state.may_read(limit);
            drop(self.changed.wait_while(self.lock(), too_much));
        }
    }

    fn take(&self, octets: &[u8]) -> Result<(), Error> {
        let mut state = self.lock();
        let now = Instant::now();
        state.session.receive(octets, now);
        let result = loop {
            match state.session.next_event(now) {
                Ok(Some(event)) => {
                    if let Err(error) = state.sort(event, &self.peer) {
                        break Err(error);
                    }
                }
                Ok(None) => break Ok(()),
                Err(fault) => break Err(self.fault(fault, state.connected.is_some())),
            }
        };
        drop(state);
        self.notify();
        result
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

    /// The thread that keeps the heart-beats, on one connection after the other.
    pub(super) fn keep_heart_beats(&self) {
        loop {
            let mut state = self.lock();
            let (connection, open) = (state.connection, state.is_open());
            let now = Instant::now();
            let ticked = if open { state.session.tick(now) } else { Ok(()) };
            let wake = state.session.next_wake().filter(|_| open);
            drop(state);
            let beaten = match ticked {
                Err(fault) => Err(self.fault(fault, true)),
                Ok(()) if open => self.write(connection),
                Ok(()) => Ok(()),
            };
            if let Err(error) = beaten {
                self.lose(connection, error);
            }
            let same = |state: &mut State| {
                (state.connection, state.is_open()) == (connection, open) && !state.is_over()
            };
            // Without heart-beats there is nothing to do before the next connection.
            let pause = wake.map_or(Duration::from_secs(3600), |wake| {
                wake.saturating_duration_since(now)
            });
            let waited = self.changed.wait_timeout_while(self.lock(), pause, same);
            if waited.unwrap_or_else(PoisonError::into_inner).0.is_over() {
                return;
            }
        }
    }

    /// `connection` is lost, for the reason that is found first.
    fn lose(&self, connection: u64, cause: Error) {
        let mut state = self.lock();
        if state.connection == connection && state.is_open() {
            let returns = self.options.reconnect.is_some() && !state.leaving;
            state.lose(cause, returns, &self.peer);
        }
        drop(state);
        self.notify();
        self.writer().sender.abort();
    }

    /// Nothing more will come: whoever waits is told, and the connection is closed.
    pub(super) fn end(&self, error: Error) {
        let mut state = self.lock();
        if !state.is_over() {
            state.lose(error, false, &self.peer);
        }
        drop(state);
        self.notify();
        self.writer().sender.abort();
    }

    /// Calls again until the connection stands, or is over.
    fn come_back(&self) -> Option<Receiver> {
        let reconnect = self.options.reconnect.as_ref()?;
        for attempt in 1.. {
            let pause = reconnect.random_pause(attempt);
            let not_over = |state: &mut State| !state.is_over();
            let waited = self.changed.wait_timeout_while(self.lock(), pause, not_over);
            if waited.unwrap_or_else(PoisonError::into_inner).0.is_over() {
                return None;
            }
            match self.call_again() {
                Ok((receiver, subscriptions)) => {
                    let attempts = attempt;
                    self.note(Change::Returned {
                        attempts,
                        subscriptions,
                    });
                    return Some(receiver);
                }
                Err(cause) if reconnect.attempts.is_some_and(|most| attempt >= most) => {
                    self.end(cause);
                    return None;
                }
                Err(cause) => self.note(Change::Failed { attempt, cause }),
            }
        }
        None
    }

    fn note(&self, change: Change) {
        self.lock().note(change);
        self.notify();
    }

    fn call_again(&self) -> Result<(Receiver, usize), Error> {
        let deadline = Deadline::after(self.options.timeout);
        let (sender, mut receiver, session) = dial(&self.url, &self.endpoint, &self.options, deadline)?;
        let mut writer = self.writer();
        let mut state = self.lock();
        writer.sender = sender;
        state.begin_again(session);
        drop((state, writer));
        let greeted = self.greet(&mut receiver, deadline);
        let subscriptions = greeted.inspect_err(|_| self.writer().sender.abort())?;
        Ok((receiver, subscriptions))
    }
}
