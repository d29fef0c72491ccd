//! A line on TCP: the stream is the frames, one after the other. TLS below it changes nothing here.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use chunked_io::event_loop::{Closed, Io, Protocol};
use websocket::tls::{OverTls, TlsError};

use super::service::{Service, Talk, Wire};
use crate::{Fan, Fault, Output, Version, encode};

/// Something waits for a connection.
#[derive(Debug)]
pub(super) struct Wake;

/// One connection.
pub(super) struct TcpLine<S: Service> {
    service: Arc<S>,
    /// Once it is open.
    line: Option<S::Line>,
}

impl<S: Service> TcpLine<S> {
    pub(super) fn new(service: &Arc<S>) -> Self {
        Self {
            service: Arc::clone(service),
            line: None,
        }
    }

    fn with_line<'io>(
        &mut self,
        io: &mut Io<'io, Wake>,
        call: impl FnOnce(&mut S::Line, &mut Io<'io, Wake>),
    ) {
        if let Some(line) = &mut self.line {
            call(line, io);
        }
    }
}

impl<S: Service> Protocol for TcpLine<S> {
    type Message = Wake;

    fn opened(&mut self, io: &mut Io<'_, Wake>) {
        let (handle, id) = (io.handle().clone(), io.id());
        let waker = Box::new(move || handle.tell(id, Wake));
        self.line = Some(self.service.open(waker, io));
    }

    fn refused(&mut self, io: &mut Io<'_, Wake>) {
        let mut octets = Vec::new();
        // None of its headers needs an escape.
        let _ = encode(&Fault::Full.to_frame(None), Version::V1_0, &mut octets);
        io.send(&octets);
        io.close();
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, Wake>) {
        self.with_line(io, |line, io| line.received(bytes, io));
    }

    fn peer_finished(&mut self, io: &mut Io<'_, Wake>) {
        self.with_line(io, S::Line::ended);
    }

    fn told(&mut self, _: Wake, io: &mut Io<'_, Wake>) {
        self.with_line(io, S::Line::woken);
    }

    fn drained(&mut self, io: &mut Io<'_, Wake>) {
        self.with_line(io, S::Line::drained);
    }

    fn timer(&mut self, io: &mut Io<'_, Wake>) {
        self.with_line(io, S::Line::timer);
    }

    fn shutdown(&mut self, io: &mut Io<'_, Wake>) {
        self.with_line(io, S::Line::shut_down);
    }

    fn closed(&mut self, _: &Closed, _: &mut Io<'_, Wake>) {
        if let Some(mut line) = self.line.take() {
            line.gone();
        }
    }
}

impl<S: Service> OverTls for TcpLine<S> {
    fn without_tls(&mut self, _: TlsError, io: &mut Io<'_, Wake>) {
        io.close();
    }
}

impl Wire for Io<'_, Wake> {
    fn say(&mut self, output: &Output) {
        self.send(output.octets());
    }

    fn say_shared(&mut self, fan: &Fan) {
        self.send_shared(fan.octets());
    }

    fn is_stream(&self) -> bool {
        true
    }

    fn queued(&self) -> usize {
        Io::queued(self)
    }

    fn tell_when_drained(&mut self) {
        Io::tell_when_drained(self);
    }

    fn set_timer(&mut self, at: Option<Instant>) {
        Io::set_timer(self, at);
    }

    fn now(&self) -> Instant {
        Io::now(self)
    }

    fn from(&self) -> IpAddr {
        self.peer().ip()
    }

    fn pause(&mut self) {
        Io::pause(self);
    }

    fn resume(&mut self) {
        Io::resume(self);
    }

    fn close(&mut self) {
        Io::close(self);
    }
}
