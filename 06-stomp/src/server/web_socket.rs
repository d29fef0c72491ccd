//! A line on WebSocket: each frame is a message of its own.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use websocket::event_server::{Caller, Ending, Handler, Peer};
use websocket::tls::ServerTls;
use websocket::{AcceptOptions, CloseCode, Message, Resource};

use super::ServerOptions;
use super::service::{Service, Talk, Wire};
use crate::transport::{as_message, socket_options, subprotocols};
use crate::{Fan, Output, Version};

/// What a browser gets that asks for `/`: prices and a chat.
const PAGE: &str = include_str!("page.html");
/// What the small client of STOMP is that all pages share.
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What a broker grants those who come over WebSocket.
pub(super) fn accept_options(options: &ServerOptions, tls: Option<ServerTls>) -> AcceptOptions {
    let mut socket = socket_options(&options.session.limits, options.closing_time);
    socket.connection.close_timeout = options.closing_time;
    AcceptOptions {
        subprotocols: subprotocols(&Version::ALL),
        origins: options.origins.clone(),
        page: Some(PAGE.to_owned()),
        resources: vec![Resource::new("/stomp.js", SCRIPT, include_str!("stomp.js"))],
        tls,
        socket,
        ..AcceptOptions::default()
    }
}

/// All connections over WebSocket.
pub(super) struct Lines<S>(Arc<S>);

impl<S: Service> Lines<S> {
    pub(super) fn new(service: &Arc<S>) -> Self {
        Self(Arc::clone(service))
    }
}

impl<S: Service> Handler for Lines<S> {
    type Client = S::Line;

    fn open(&self, _: &Caller<'_>, peer: &mut Peer<'_, '_>) -> S::Line {
        let (clients, id) = (peer.clients(), peer.id());
        let waker = Box::new(move || clients.wake(id));
        self.0.open(waker, peer)
    }

    fn message(&self, line: &mut S::Line, message: Message<'_>, peer: &mut Peer<'_, '_>) {
        line.received(message.as_bytes(), peer);
    }

    fn woken(&self, line: &mut S::Line, peer: &mut Peer<'_, '_>) {
        line.woken(peer);
    }

    fn drained(&self, line: &mut S::Line, peer: &mut Peer<'_, '_>) {
        line.drained(peer);
    }

    fn timer(&self, line: &mut S::Line, peer: &mut Peer<'_, '_>) {
        line.timer(peer);
    }

    fn close(&self, mut line: S::Line, _: &Ending<'_>, _: &mut Peer<'_, '_>) {
        line.gone();
    }
}

impl Wire for Peer<'_, '_> {
    fn say(&mut self, output: &Output) {
        for frame in output.frames() {
            // Who is closing has been told enough.
            let _ = self.send(as_message(frame));
        }
    }

    fn say_shared(&mut self, fan: &Fan) {
        self.send_encoded(fan.web_socket());
    }

    fn is_stream(&self) -> bool {
        false
    }

    fn queued(&self) -> usize {
        Peer::queued(self)
    }

    fn tell_when_drained(&mut self) {
        Peer::tell_when_drained(self);
    }

    fn set_timer(&mut self, at: Option<Instant>) {
        Peer::set_timer(self, at);
    }

    fn now(&self) -> Instant {
        Peer::now(self)
    }

    fn from(&self) -> IpAddr {
        self.address().ip()
    }

    fn pause(&mut self) {
        Peer::pause(self);
    }

    fn resume(&mut self) {
        Peer::resume(self);
    }

    fn close(&mut self) {
        let _ = Peer::close(self, CloseCode::NORMAL, "");
    }
}
