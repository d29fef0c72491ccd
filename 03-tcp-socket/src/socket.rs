//! A TCP socket: connect, send and pull, one system call each.
//!
//! Nothing here repeats itself until all is done: a short write stays a short write, so that it can be
//! seen. Each call carries its own deadline.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::time::Duration;

use ports::Endpoint;
use socket2::{Domain, Protocol, Socket, Type};

use crate::attempts::Attempts;
use crate::{Call, Deadline, Error, Stream};

/// Windows counts timeouts in milliseconds, and every system takes 0 for "no timeout".
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(1);

/// macOS refuses a timeout of ages (EDOM). A longer wait is several of these.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// One end of a TCP connection.
#[derive(Debug)]
pub struct TcpSocket {
    socket: Socket,
    peer: SocketAddr,
}

impl TcpSocket {
    /// Connects to the address of `endpoint` that answers first. Resolving its name and trying its addresses
    /// share one deadline.
    ///
    /// # Errors
    ///
    /// [`Error::Resolve`] if the name has no address; otherwise as [`TcpSocket::connect_any`].
    pub fn connect(endpoint: &Endpoint, deadline: impl Into<Deadline>) -> Result<Self, Error> {
        let deadline = deadline.into();
        let left = deadline.remaining().unwrap_or_default();
        let addresses = ip::resolve(endpoint.host(), endpoint.port(), left)?;
        Self::connect_any(&addresses, deadline)
    }

    /// Connects to the one of `addresses` that answers first. They are tried in the order given, the families in
    /// turn, each a little later than the one before: [`happy_eyeballs`](crate::happy_eyeballs) says when.
    ///
    /// # Errors
    ///
    /// If none answers, what the most telling of them said: [`Error::Unreachable`] only if all are.
    pub fn connect_any(addresses: &[SocketAddr], deadline: impl Into<Deadline>) -> Result<Self, Error> {
        let deadline = deadline.into();
        match addresses {
            // Nobody to race with.
            [address] => Self::connect_address(*address, deadline),
            _ => Attempts::new(deadline).race(addresses),
        }
    }

    /// Connects to one address.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], [`Error::Unreachable`], [`Error::TimedOut`] and what else [`Error`] lists.
    pub fn connect_address(peer: SocketAddr, deadline: impl Into<Deadline>) -> Result<Self, Error> {
        let deadline = deadline.into();
        Self::unconnected(peer, deadline)?.call_peer(deadline)
    }

    pub(crate) fn unconnected(peer: SocketAddr, deadline: Deadline) -> Result<Self, Error> {
        Socket::new(Domain::for_address(peer), Type::STREAM, Some(Protocol::TCP))
            .map(|socket| Self { socket, peer })
            .map_err(|source| Error::from_io(Call::Socket, peer, deadline.elapsed(), source))
    }

    pub(crate) fn call_peer(self, deadline: Deadline) -> Result<Self, Error> {
        let failed = |source| self.failed(Call::Connect, deadline.elapsed(), source);
        let left = deadline
            .remaining()
            .ok_or_else(|| failed(ErrorKind::TimedOut.into()))?;
        self.socket
            // Whole milliseconds are counted here, and what is left of the last one is cut off.
            .connect_timeout(&self.peer.into(), left.saturating_add(SHORTEST_TIMEOUT))
            .map_err(failed)?;
        // Whoever calls a dead port of this machine may be given that very port to call from, and TCP then
        // connects the socket to itself (simultaneous open, RFC 9293, section 3.5). Nobody else is there.
        if self.local_address()? == self.peer {
            return Err(failed(ErrorKind::ConnectionRefused.into()));
        }
        Ok(self)
    }

    pub(crate) fn accepted(socket: Socket, peer: SocketAddr) -> Self {
        Self {
            socket,
            peer: plain(peer),
        }
    }

    /// Gives bytes from the front of `bytes` to the system, and says how many it took.
    ///
    /// One call of `send`: it may take fewer than were offered. Taken is not yet delivered: the bytes lie in
    /// this system's buffer, and a peer that never gets them is heard of by a later call or by none.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if the system took none in time, because the peer does not read;
    /// [`Error::Reset`] or [`Error::BrokenPipe`] if the connection is gone.
    pub fn send(&self, bytes: &[u8], deadline: impl Into<Deadline>) -> Result<usize, Error> {
        self.call(Call::Send, deadline.into(), |left| {
            arm(self.socket.set_write_timeout(Some(left)))?;
            self.socket.send(bytes)
        })
    }

    /// Takes what has arrived into the front of `buffer`, and says how many bytes came.
    ///
    /// One call of `recv`: it may bring fewer than fit. 0 is no failure: the peer has closed its end
    /// in good order, and nothing more will come. (So give it a buffer with room: an empty one brings 0, too.)
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if nothing came in time; [`Error::Reset`] if the peer dropped the connection.
    pub fn pull(&self, buffer: &mut [u8], deadline: impl Into<Deadline>) -> Result<usize, Error> {
        self.call(Call::Pull, deadline.into(), |left| {
            arm(self.socket.set_read_timeout(Some(left)))?;
            io::Read::read(&mut &self.socket, buffer)
        })
    }

    /// Makes one system call with the time that is left, and again only if it came back early: then nothing has
    /// moved and nothing is wrong with the connection.
    fn call(
        &self,
        call: Call,
        deadline: Deadline,
        mut system_call: impl FnMut(Duration) -> io::Result<usize>,
    ) -> Result<usize, Error> {
        loop {
            let Some(left) = deadline.remaining() else {
                return Err(self.failed(call, deadline.elapsed(), ErrorKind::TimedOut.into()));
            };
            match system_call(left.clamp(SHORTEST_TIMEOUT, LONGEST_TIMEOUT)) {
                Ok(moved) => return Ok(moved),
                Err(error) if came_back_early(&error) => {}
                Err(source) => return Err(self.failed(call, deadline.elapsed(), source)),
            }
        }
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(crate) fn failed(&self, call: Call, after: Duration, source: io::Error) -> Error {
        Error::from_io(call, self.peer, after, source)
    }

    /// Closes one direction, or both: [`Shutdown::Write`] tells the peer that nothing more will be sent,
    /// while its answer can still be pulled.
    ///
    /// # Errors
    ///
    /// [`Error::BrokenPipe`] if the connection is already gone.
    pub fn shutdown(&self, half: Shutdown) -> Result<(), Error> {
        self.socket
            .shutdown(half)
            .map_err(|source| self.failed(Call::Shutdown, Duration::ZERO, source))
    }

    /// The other end's address and port.
    #[must_use]
    pub fn peer_address(&self) -> SocketAddr {
        self.peer
    }

    /// This end's address and port. The port of a client is an ephemeral one that the system chose.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] if the system no longer knows.
    pub fn local_address(&self) -> Result<SocketAddr, Error> {
        let failed = |source| self.failed(Call::Option, Duration::ZERO, source);
        let address = self.socket.local_addr().map_err(failed)?;
        address
            .as_socket()
            .map(plain)
            .ok_or_else(|| failed(ErrorKind::Unsupported.into()))
    }

    /// A second handle on the same connection, so that one thread may send while another pulls. (Two threads
    /// that pull at once would overwrite each other's timeout.) The connection closes with its last handle.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpenFiles`] if the process has no descriptor left.
    pub fn try_clone(&self) -> Result<Self, Error> {
        let socket = self
            .socket
            .try_clone()
            .map_err(|source| self.failed(Call::Socket, Duration::ZERO, source))?;
        Ok(Self {
            socket,
            peer: self.peer,
        })
    }
}

/// An IPv4 address that a listener for both families has dressed as IPv6, without the dress.
#[must_use]
pub fn plain(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), address.port()),
        // With its zone, if it has one.
        IpAddr::V6(_) => address,
    }
}

/// A connection that is over in both directions takes no more options on macOS (EINVAL). No call on it can
/// block, so it needs no timeout either, and what has arrived can still be pulled.
fn arm(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        result => result,
    }
}

/// Whether a call ended by a signal (EINTR; on Linux even Ctrl-Z and `fg` do that to a socket with a timeout)
/// or because its timer, which is coarser than the deadline, ran out.
fn came_back_early(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock => true,
        // On Windows this is how a timer reports; elsewhere it is TCP itself that gave up on the peer.
        ErrorKind::TimedOut => cfg!(windows),
        _ => false,
    }
}

impl Stream for TcpSocket {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error> {
        TcpSocket::send(self, bytes, deadline)
    }

    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        TcpSocket::pull(self, buffer, deadline)
    }

    fn peer(&self) -> String {
        self.peer.to_string()
    }
}

/// The bare connection, for a program that waits in another way than by deadlines.
impl From<TcpSocket> for std::net::TcpStream {
    fn from(socket: TcpSocket) -> Self {
        socket.socket.into()
    }
}

/// The descriptor, for the few options that only some systems have and this type does not wrap.
#[cfg(unix)]
impl std::os::fd::AsFd for TcpSocket {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
