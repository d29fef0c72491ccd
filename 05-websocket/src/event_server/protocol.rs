//! One connection of the server: first a request in HTTP, then the state machine.

use std::cell::RefCell;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use chunked_io::event_loop::{Closed, Io, Protocol};

use super::clients::Told;
use super::{Caller, Ending, Handler, Peer};
use crate::connection::Options;
use crate::http::{HeadError, RequestHead, head_end};
use crate::tls::{ALERT_RECORD, HANDSHAKE_RECORD, OverTls, TlsError};
use crate::web_socket::{Traffic, observe};
use crate::{AcceptOptions, CloseCode, Connection, Error, Event, Refusal};

/// A buffer that has grown beyond this for one large message is given back, in bytes.
const MOST_KEPT: usize = 256 * 1024;

thread_local! {
    /// What a connection says in one callback. One for each thread, however many connections it serves.
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What all connections of a server share.
pub(super) struct Rules<H> {
    options: AcceptOptions,
    connection: Arc<Options>,
    handler: H,
}

impl<H> Rules<H> {
    pub(super) fn new(options: AcceptOptions, handler: H) -> Self {
        let connection = Options {
            // A handler gets whole messages.
            in_parts: false,
            ..options.socket.connection.clone()
        };
        Self {
            connection: Arc::new(connection),
            options,
            handler,
        }
    }
}

/// One connection.
pub(super) struct WebSocketProtocol<H: Handler> {
    rules: Arc<Rules<H>>,
    stage: Stage<H::Client>,
    /// When the handler wants its timer to be called.
    alarm: Option<Instant>,
}

enum Stage<C> {
    /// As much of the request's head as has come, if it did not come at once.
    Request(Vec<u8>),
    Open(Connection, C),
    /// The end has been told to the handler, or it never heard of this caller.
    Over,
}

impl<H: Handler> WebSocketProtocol<H> {
    pub(super) fn new(rules: Arc<Rules<H>>) -> Self {
        Self {
            rules,
            stage: Stage::Request(Vec::new()),
            alarm: None,
        }
    }

    /// Takes the next bytes of the request. When its head is whole, it is answered.
    fn read_request(&mut self, bytes: &mut [u8], io: &mut Io<'_, Told>) {
        let Stage::Request(have) = &mut self.stage else {
            return;
        };
        let before = have.len();
        have.extend_from_slice(bytes);
        let is_tls = matches!(have.first(), Some(&(HANDSHAKE_RECORD | ALERT_RECORD)));
        let end = head_end(have, before);
        match end {
            _ if is_tls => self.refuse(Refusal::NoTls, io),
            Some(end) if end <= self.rules.options.head_limit => {
                let head = RequestHead::parse(&have[..end]);
                let frames = end - before;
                match head {
                    Ok(head) => self.answer(&head, &mut bytes[frames..], io),
                    Err(bad) => {
                        let refusal = Refusal::for_head(&HeadError::Bad(bad));
                        self.refuse(refusal.unwrap_or(Refusal::HeadTooLong), io);
                    }
                }
            }
            None if have.len() < self.rules.options.head_limit => {}
            _ => self.refuse(Refusal::HeadTooLong, io),
        }
    }

    /// Grants the request or not; `frames` came behind it.
    fn answer(&mut self, head: &RequestHead, frames: &mut [u8], io: &mut Io<'_, Told>) {
        let options = &self.rules.options;
        observe(&options.socket, Traffic::Received(head.to_string().as_bytes()));
        let (request, response) = match options.answer(head) {
            Ok(answer) => answer,
            Err(refusal) => return self.refuse(refusal, io),
        };
        let head = response.to_head().to_string();
        io.send(head.as_bytes());
        observe(&options.socket, Traffic::Sent(head.as_bytes()));

        let mut connection =
            Connection::server(Arc::clone(&self.rules.connection)).compressed(response.compression.as_ref());
        let caller = Caller {
            address: io.peer(),
            request: &request,
            subprotocol: response.subprotocol.as_deref(),
        };
        let alarm = &mut self.alarm;
        let client = with_output(&self.rules.options, io, |output, io| {
            self.rules.handler.open(
                &caller,
                &mut Peer {
                    connection: &mut connection,
                    output,
                    io,
                    alarm,
                    options: &self.rules.options.socket,
                },
            )
        });
        self.stage = Stage::Open(connection, client);
        // The loop's clock, which wakes the connection when it wants to be.
        self.tick(io);
        self.read_frames(frames, io);
    }

    /// Calls the handler for a client that is connected.
    fn with_client(
        &mut self,
        io: &mut Io<'_, Told>,
        call: impl FnOnce(&H, &mut H::Client, &mut Peer<'_, '_>),
    ) {
        let Stage::Open(connection, client) = &mut self.stage else {
            return;
        };
        let (before, alarm, rules) = (self.alarm, &mut self.alarm, &self.rules);
        with_output(&rules.options, io, |output, io| {
            let mut peer = Peer {
                connection,
                output,
                io,
                alarm,
                options: &rules.options.socket,
            };
            call(&rules.handler, client, &mut peer);
        });
        self.look_at_clock(before, io);
    }

    /// The timer, if the handler has moved it or has begun to close.
    fn look_at_clock(&mut self, alarm_before: Option<Instant>, io: &mut Io<'_, Told>) {
        if self.alarm == alarm_before {
            self.expect_close(io);
        } else {
            self.tick(io);
        }
    }

    fn refuse(&mut self, refusal: Refusal, io: &mut Io<'_, Told>) {
        io.send(&refusal.to_response());
        io.close();
        self.stage = Stage::Over;
        let peer = io.peer().to_string();
        self.rules.handler.refused(&Error::Refused { peer, refusal });
    }

    fn read_frames(&mut self, mut bytes: &mut [u8], io: &mut Io<'_, Told>) {
        observe(&self.rules.options.socket, Traffic::Received(bytes));
        self.handle_events(io, |connection, output| connection.next_event(&mut bytes, output));
    }

    /// Calls the handler for what has happened, until there is no `next`.
    fn handle_events<'e>(
        &mut self,
        io: &mut Io<'_, Told>,
        mut next: impl FnMut(&mut Connection, &mut Vec<u8>) -> Option<Event<'e>>,
    ) {
        let Stage::Open(connection, client) = &mut self.stage else {
            return;
        };
        let (handler, options) = (&self.rules.handler, &self.rules.options.socket);
        let (before, alarm) = (self.alarm, &mut self.alarm);
        let end = with_output(&self.rules.options, io, |output, io| {
            while let Some(event) = next(connection, output) {
                match event {
                    Event::Message(message) => {
                        let mut peer = Peer {
                            connection,
                            output,
                            io,
                            alarm,
                            options,
                        };
                        handler.message(client, message, &mut peer);
                    }
                    Event::Closed(close) => return Some(Ok(close)),
                    Event::Failed(violation) => return Some(Err(violation)),
                    _ => {}
                }
            }
            None
        });
        match end {
            Some(Ok(close)) => self.end(&Ending::Closed(&close), io),
            Some(Err(violation)) => self.end(&Ending::Failed(&violation), io),
            None => self.look_at_clock(before, io),
        }
    }

    /// A Close of ours may be answered late, or never.
    fn expect_close(&mut self, io: &mut Io<'_, Told>) {
        if let Stage::Open(connection, _) = &self.stage
            && !connection.is_open()
        {
            self.tick(io);
        }
    }

    fn tick(&mut self, io: &mut Io<'_, Told>) {
        let Stage::Open(connection, _) = &mut self.stage else {
            return;
        };
        let next = with_output(&self.rules.options, io, |output, io| {
            connection.tick(io.now(), output)
        });
        match next {
            Ok(next) => io.set_timer(next.into_iter().chain(self.alarm).min()),
            Err(violation) => self.end(&Ending::Failed(&violation), io),
        }
    }

    /// Tells the handler, once, and closes when all has left.
    fn end(&mut self, ending: &Ending<'_>, io: &mut Io<'_, Told>) {
        io.close();
        let Stage::Open(mut connection, client) = mem::replace(&mut self.stage, Stage::Over) else {
            return;
        };
        // What is said from here on goes nowhere.
        let mut peer = Peer {
            connection: &mut connection,
            output: &mut Vec::new(),
            io,
            alarm: &mut None,
            options: &self.rules.options.socket,
        };
        self.rules.handler.close(client, ending, &mut peer);
    }

    fn close(&mut self, code: CloseCode, reason: &str, io: &mut Io<'_, Told>) {
        match &mut self.stage {
            Stage::Open(connection, _) => {
                let code = if code.may_be_sent() {
                    code
                } else {
                    CloseCode::NORMAL
                };
                with_output(&self.rules.options, io, |output, _| {
                    // If a Close has gone out already, one is enough.
                    let _ = connection.close(code, reason, output);
                });
                self.expect_close(io);
            }
            Stage::Request(_) | Stage::Over => io.close(),
        }
    }
}

/// Lends the thread's buffer, and sends what was written into it.
fn with_output<'io, T>(
    options: &AcceptOptions,
    io: &mut Io<'io, Told>,
    say: impl FnOnce(&mut Vec<u8>, &mut Io<'io, Told>) -> T,
) -> T {
    OUTPUT.with_borrow_mut(|output| {
        let result = say(output, io);
        if !output.is_empty() {
            observe(&options.socket, Traffic::Sent(output));
            io.send_vec(output);
            output.shrink_to(MOST_KEPT);
        }
        result
    })
}

impl<H: Handler> Protocol for WebSocketProtocol<H> {
    type Message = Told;

    fn opened(&mut self, io: &mut Io<'_, Told>) {
        io.set_timer(Some(io.now() + self.rules.options.socket.handshake_timeout));
    }

    fn refused(&mut self, io: &mut Io<'_, Told>) {
        self.refuse(Refusal::Full, io);
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, Told>) {
        match self.stage {
            Stage::Open(..) => self.read_frames(bytes, io),
            Stage::Request(_) => self.read_request(bytes, io),
            Stage::Over => {}
        }
    }

    fn room(&mut self) -> Option<&mut [u8]> {
        match &mut self.stage {
            Stage::Open(connection, _) => connection.room(),
            Stage::Request(_) | Stage::Over => None,
        }
    }

    fn filled(&mut self, count: usize, io: &mut Io<'_, Told>) {
        if let Stage::Open(connection, _) = &mut self.stage
            && let Some(room) = connection.room()
        {
            // As it came: it is not unmasked yet.
            observe(&self.rules.options.socket, Traffic::Received(&room[..count]));
        }
        let mut count = Some(count);
        self.handle_events(io, |connection, output| connection.filled(count.take()?, output));
    }

    fn peer_finished(&mut self, io: &mut Io<'_, Told>) {
        match &mut self.stage {
            Stage::Open(connection, _) => {
                if let Err(violation) = connection.receive_end() {
                    self.end(&Ending::Failed(&violation), io);
                }
            }
            Stage::Request(_) | Stage::Over => io.close(),
        }
    }

    fn told(&mut self, message: Told, io: &mut Io<'_, Told>) {
        match message {
            Told::Close(code, reason) => self.close(code, &reason, io),
            // Not before the handshake, and not after a Close.
            Told::Say(message) => self.with_client(io, |_, _, peer| {
                let _ = peer.send_prepared(&message);
            }),
            Told::Wake => self.with_client(io, |handler, client, peer| handler.woken(client, peer)),
        }
    }

    fn drained(&mut self, io: &mut Io<'_, Told>) {
        self.with_client(io, |handler, client, peer| handler.drained(client, peer));
    }

    fn timer(&mut self, io: &mut Io<'_, Told>) {
        match self.stage {
            Stage::Request(_) => self.refuse(Refusal::TimedOut, io),
            Stage::Open(..) => {
                if self.alarm.take_if(|at| *at <= io.now()).is_some() {
                    self.with_client(io, |handler, client, peer| handler.timer(client, peer));
                }
                self.tick(io);
            }
            Stage::Over => {}
        }
    }

    fn shutdown(&mut self, io: &mut Io<'_, Told>) {
        self.close(CloseCode::GOING_AWAY, "the server stops", io);
    }

    fn closed(&mut self, why: &Closed, io: &mut Io<'_, Told>) {
        self.end(&Ending::Lost(why), io);
    }
}

impl<H: Handler> OverTls for WebSocketProtocol<H> {
    fn without_tls(&mut self, error: TlsError, io: &mut Io<'_, Told>) {
        match error {
            // Whoever speaks plain text understands plain text only.
            TlsError::NotTls { .. } => self.refuse(Refusal::TlsOnly, io),
            error => {
                io.close();
                self.stage = Stage::Over;
                self.rules.handler.refused(&error.into());
            }
        }
    }
}
