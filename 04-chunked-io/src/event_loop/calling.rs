//! Connections that this end makes: nobody waits for the answer.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mio::net::TcpStream;
use socket2::{Domain, Socket, Type};
use tcp_socket::Call;

use super::Protocol;
use super::connection::State;
use super::mailbox::Admission;
use super::worker::{Worker, id};

impl<P: Protocol> Worker<P> {
    /// Begins to call. The first event of the connection, or the clock, says what became of it.
    pub(super) fn call_peer(&mut self, peer: SocketAddr, within: Duration, message: P::Message) {
        let Ok((stream, failure)) = begin(peer) else {
            self.handle.tally().not_accepted.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let Some(slot) = self.keep(stream, peer, Admission::Adopted, State::Calling) else {
            return;
        };
        self.call(slot, |protocol, io| protocol.told(message, io));
        self.said.clear();
        let connection = &mut self.slots[slot].connection;
        let id = id(self.thread, slot, connection);
        let until = self.now.checked_add(within);
        self.timers
            .set(id, connection.timer.get_or_insert_default(), until);
        if let Some(error) = failure {
            self.fail(slot, Call::Connect, error);
        } else if connection.state != State::Calling {
            self.abort(slot);
        }
    }

    /// Something has happened on a connection that calls: the peer has answered, or will not.
    pub(super) fn look_for_answer(&mut self, slot: usize) {
        let connection = &mut self.slots[slot].connection;
        match answer(&connection.stream) {
            Err(error) if error.kind() == ErrorKind::NotConnected => {}
            Err(error) => self.fail(slot, Call::Connect, error),
            Ok(()) => {
                connection.state = State::Open;
                let id = id(self.thread, slot, connection);
                self.timers
                    .set(id, connection.timer.get_or_insert_default(), None);
                self.call(slot, Protocol::opened);
                self.settle(slot);
            }
        }
    }
}

/// A socket that calls, and the error if the system knows at once that nobody will answer.
fn begin(peer: SocketAddr) -> io::Result<(TcpStream, Option<io::Error>)> {
    match TcpStream::connect(peer) {
        Ok(stream) => Ok((stream, None)),
        // Its place is taken by one that calls nobody, so that there is a connection to fail.
        Err(error) => {
            let socket = Socket::new(Domain::for_address(peer), Type::STREAM, None)?;
            socket.set_nonblocking(true)?;
            Ok((TcpStream::from_std(socket.into()), Some(error)))
        }
    }
}

/// What became of a call; [`ErrorKind::NotConnected`] if that is not known yet.
fn answer(stream: &TcpStream) -> io::Result<()> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    // A call to a dead port of this machine may reach the very socket that calls.
    if stream.peer_addr()? == stream.local_addr()? {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)
}
