//! A line on TCP: the stream is the frames, one after the other. TLS below it changes nothing here.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use chunked_io::event_loop::{Closed, Io, Protocol};
use websocket::tls::{OverTls, TlsError};

use super::hub::Hub;
use super::line::{Line, Wire};
use crate::{Fan, Fault, Output, Session};

/// Something waits for a connection in the hub.
#[derive(Debug)]
pub(crate) struct Wake;

/// One connection.
pub(super) struct TcpLine {
    hub: Arc<Hub>,
    /// Once it is open.
    line: Option<Line>,
}

impl TcpLine {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self { hub, line: None }
    }

    fn with_line<'io>(&mut self, io: &mut Io<'io, Wake>, call: impl FnOnce(&mut Line, &mut Io<'io, Wake>)) {
        if let Some(line) = &mut self.line {
            call(line, io);
        }
    }
}

impl Protocol for TcpLine {
    type Message = Wake;

    fn opened(&mut self, io: &mut Io<'_, Wake>) {
        let (handle, id) = (io.handle().clone(), io.id());
        let waker = Box::new(move || handle.tell(id, Wake));
        self.line = Some(Line::new(&self.hub, waker, io));
    }

    fn refused(&mut self, io: &mut Io<'_, Wake>) {
        let fault = Fault::Full;
        let mut session = Session::new(String::new(), Arc::clone(&self.hub.session), io.now());
        session.fail(&fault, None);
        let mut output = Output::default();
        session.take_output(&mut output, io.now());
        io.send(output.octets());
        io.close();
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, Wake>) {
        self.with_line(io, |line, io| line.received(bytes, io));
    }

    fn peer_finished(&mut self, io: &mut Io<'_, Wake>) {
        self.with_line(io, Line::ended);
    }

    fn told(&mut self, _: Wake, io: &mut Io<'_, Wake>) {
        self.with_line(io, Line::woken);
    }

    fn drained(&mut self, io: &mut Io<'_, Wake>) {
        self.with_line(io, Line::drained);
    }

    fn timer(&mut self, io: &mut Io<'_, Wake>) {
        self.with_line(io, Line::timer);
    }

    fn shutdown(&mut self, io: &mut Io<'_, Wake>) {
        self.with_line(io, Line::shut_down);
    }

    fn closed(&mut self, _: &Closed, _: &mut Io<'_, Wake>) {
        if let Some(mut line) = self.line.take() {
            line.gone();
        }
    }
}

impl OverTls for TcpLine {
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
