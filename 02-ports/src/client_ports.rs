//! Client ports: what the system lends to whoever connects, and how many there are.
//!
//! A connection is known by four numbers: local address, local port, remote address, remote port. One server port serves
//! any number of callers, because each caller brings two numbers of its own. A caller has fewer to choose from.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

/// The four numbers of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FourTuple {
    /// The end of the one who says it.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
}

impl FourTuple {
    /// Of an open connection.
    ///
    /// # Errors
    ///
    /// If the connection is not open any more.
    pub fn of(stream: &TcpStream) -> io::Result<Self> {
        Ok(Self {
            local: stream.local_addr()?,
            remote: stream.peer_addr()?,
        })
    }
}

/// Connects from a port of one's own choice instead of a lent one.
///
/// # Errors
///
/// Whatever the system says: if these four numbers are in use, it is one of
/// [`AddrInUse`](io::ErrorKind::AddrInUse) and [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable).
pub fn connect_from(port: u16, server: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    // A port that a connection has already can be bound once more only with this.
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.connect(&server.into())?;
    Ok(socket.into())
}

/// What `connect` cost, by the number of connections that were open before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many connections there are now.
    pub connections: usize,
    /// The mean time of one `connect` among the last ones.
    pub each: Duration,
}

/// Opens up to `count` connections from one address to `server`, and reports the pace after each `step`.
///
/// Linux takes even ports for clients as long as there are any, and leaves the odd ones to servers that
/// bind port 0. When the even ones are used up, each `connect` looks through all of them before it
/// tries an odd one: that is the cliff.
///
/// # Errors
///
/// When ports, descriptors or the server give out.
pub fn open_many(
    server: SocketAddr,
    count: usize,
    step: usize,
    mut report: impl FnMut(Pace) -> io::Result<()>,
) -> io::Result<()> {
    let mut open = Vec::with_capacity(count);
    while open.len() < count {
        let step = step.clamp(1, count - open.len());
        let begin = Instant::now();
        for _ in 0..step {
            open.push(connect_without_trace(server)?);
        }
        report(Pace {
            connections: open.len(),
            each: begin.elapsed() / u32::try_from(step).unwrap_or(u32::MAX),
        })?;
    }
    Ok(())
}

/// A connection that is cut off when it is closed, so that no TIME_WAIT keeps its port for a minute.
fn connect_without_trace(server: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_linger(Some(Duration::ZERO))?;
    socket.connect(&server.into())?;
    Ok(socket)
}

/// Accepts callers and keeps them, until the system gives no more descriptors.
///
/// # Errors
///
/// What ended it.
pub fn hold_callers(server: &TcpListener) -> io::Result<()> {
    let mut callers = Vec::new();
    loop {
        callers.push(server.accept()?);
    }
}
