//! The server's end: a socket that waits for callers.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use ports::Endpoint;
use socket2::{Domain, Protocol, Socket, Type};

use crate::{Call, Error, TcpSocket};

/// How a [`Listener`] is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenOptions {
    /// How many callers may wait to be accepted (listen(2)). The system may cut it to its own limit, and Linux takes one
    /// more. It shakes hands with those in the queue by itself: they are connected, and may send, before anybody accepts
    /// them.
    pub backlog: i32,
    /// Lets several listeners, in one process or in several of one user, have the same port. Linux spreads the
    /// callers over them; macOS does not; Windows has nothing of the kind, and there it changes nothing.
    pub reuse_port: bool,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            backlog: 1024,
            reuse_port: false,
        }
    }
}

/// A socket that is bound to a port and hands out one [`TcpSocket`] for each caller.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    address: SocketAddr,
}

impl Listener {
    /// Binds to the first address of `endpoint` that can be had, and listens. Port 0 lets the system choose one;
    /// [`Listener::local_address`] says which.
    ///
    /// # Errors
    ///
    /// [`Error::AddressInUse`], [`Error::AddressNotAvailable`], [`Error::PermissionDenied`], or
    /// [`Error::Resolve`] if the host is a name without an address.
    pub fn bind(endpoint: &Endpoint) -> Result<Self, Error> {
        Self::bind_with(endpoint, ListenOptions::default())
    }

    /// As [`Listener::bind`], with options.
    ///
    /// # Errors
    ///
    /// As [`Listener::bind`].
    pub fn bind_with(endpoint: &Endpoint, options: ListenOptions) -> Result<Self, Error> {
        const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
        let mut result = Err(Error::Resolve(ip::ResolveError::NoAddress {
            host: endpoint.host().to_owned(),
        }));
        for address in ip::resolve(endpoint.host(), endpoint.port(), RESOLVE_TIMEOUT)? {
            result = Self::open(address, options);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// Binds to one address and listens. `0.0.0.0` takes callers of IPv4, `[::]` those of both families.
    ///
    /// # Errors
    ///
    /// As [`Listener::bind`], without the name.
    pub fn bind_address(address: SocketAddr) -> Result<Self, Error> {
        Self::open(address, ListenOptions::default())
    }

    pub(crate) fn open(address: SocketAddr, options: ListenOptions) -> Result<Self, Error> {
        let failed = |call| move |source| Error::from_io(call, address, Duration::ZERO, source);
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))
            .map_err(failed(Call::Socket))?;
        // On Unix this lets a server that was restarted take its port back while old connections are still in
        // TIME_WAIT. On Windows the same option would let two servers share a port.
        if cfg!(unix) {
            socket.set_reuse_address(true).map_err(failed(Call::Option))?;
        }
        #[cfg(all(
            unix,
            not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
        ))]
        if options.reuse_port {
            socket.set_reuse_port(true).map_err(failed(Call::Option))?;
        }
        // `[::]` is to mean the same on every system: callers of both families. (An IPv4 caller then shows as
        // ::ffff:192.0.2.1, RFC 4291, section 2.5.5.2; a TcpSocket says it plainly.)
        if address.is_ipv6() && address.ip().is_unspecified() {
            socket.set_only_v6(false).map_err(failed(Call::Option))?;
        }
        socket.bind(&address.into()).map_err(failed(Call::Bind))?;
        socket.listen(options.backlog).map_err(failed(Call::Listen))?;
        let address = socket
            .local_addr()
            .map_err(failed(Call::Listen))?
            .as_socket()
            .unwrap_or(address);
        Ok(Self { socket, address })
    }

    /// The address and port that callers reach.
    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the next caller.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpenFiles`] if the process has no descriptor left for it.
    pub fn accept(&self) -> Result<TcpSocket, Error> {
        loop {
            match self.socket.accept() {
                Ok((socket, peer)) => {
                    let peer = peer.as_socket().unwrap_or(self.address);
                    return Ok(TcpSocket::accepted(socket, peer));
                }
                Err(error) if concerns_one_caller(&error) => {}
                Err(source) => {
                    return Err(Error::from_io(Call::Accept, self.address, Duration::ZERO, source));
                }
            }
        }
    }
}

/// The bare listener, for a program that waits in another way than [`Listener::accept`] does.
impl From<Listener> for std::net::TcpListener {
    fn from(listener: Listener) -> Self {
        listener.socket.into()
    }
}

/// Whether this caller hung up or got lost while it waited in line: the next one may not have. (Linux reports
/// even errors of the network here, as if `accept` had sent something.)
#[must_use]
pub fn concerns_one_caller(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Interrupted
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
    )
}
