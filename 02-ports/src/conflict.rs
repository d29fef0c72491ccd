//! The same port twice: when the system allows it, and when it does not.
//!
//! Nothing here is told from a book. Each [`Trial`] opens real sockets, and keeps what the system said.
//! Whatever listens, listens on loopback; a wildcard is bound and never listened on.

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};

use socket2::{Domain, Protocol, Socket, Type};

/// The options of a server socket that decide whether it may share a port. They have to be set before `bind`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// `SO_REUSEADDR`.
    pub reuse_address: bool,
    /// `SO_REUSEPORT`; Windows has none.
    pub reuse_port: bool,
    /// `IPV6_V6ONLY`: whether `[::]` leaves IPv4 alone.
    pub only_v6: bool,
}

const PLAIN: Options = Options {
    reuse_address: false,
    reuse_port: false,
    only_v6: false,
};
const REUSE_ADDRESS: Options = Options {
    reuse_address: true,
    ..PLAIN
};
const REUSE_PORT: Options = Options {
    reuse_port: true,
    ..PLAIN
};
const ONLY_V6: Options = Options {
    only_v6: true,
    ..PLAIN
};

/// What happened when a port that somebody had was asked for again.
#[derive(Debug)]
pub struct Trial {
    /// Who had the port.
    pub first: String,
    /// What was asked for.
    pub then: String,
    /// What the system said.
    pub outcome: io::Result<()>,
}

/// Opens a TCP socket and binds it. It does not listen.
///
/// # Errors
///
/// Whatever the system says, [`io::ErrorKind::AddrInUse`] above all.
pub fn bind(address: SocketAddr, options: Options) -> io::Result<Socket> {
    bind_for(Type::STREAM, Protocol::TCP, address, options)
}

/// Opens a UDP socket and binds it: from then on it receives.
///
/// # Errors
///
/// As [`bind`].
pub fn bind_datagram(address: SocketAddr, options: Options) -> io::Result<Socket> {
    bind_for(Type::DGRAM, Protocol::UDP, address, options)
}

fn bind_for(kind: Type, protocol: Protocol, address: SocketAddr, options: Options) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    socket.set_reuse_address(options.reuse_address)?;
    if options.reuse_port {
        set_reuse_port(&socket)?;
    }
    if address.is_ipv6() {
        socket.set_only_v6(options.only_v6)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

#[cfg(unix)]
fn set_reuse_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(not(unix))]
fn set_reuse_port(_: &Socket) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this system has no SO_REUSEPORT",
    ))
}

/// A server on a free port of loopback, listening.
struct Server {
    socket: Socket,
    port: u16,
}

impl Server {
    fn start(options: Options) -> io::Result<Self> {
        let socket = bind((Ipv4Addr::LOCALHOST, 0).into(), options)?;
        socket.listen(16)?;
        let port = address_of(&socket)?.port();
        Ok(Self { socket, port })
    }

    /// Serves one caller, hangs up first, and stops. The connection stays behind in TIME_WAIT.
    fn serve_once_and_stop(self) -> io::Result<()> {
        let mut caller = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        drop(self.socket.accept()?);
        caller.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

/// All trials, in the order of the lesson: another socket beside a server, options, a server that has just ended, UDP.
///
/// # Errors
///
/// If not even the first server can be had.
pub fn trials() -> io::Result<Vec<Trial>> {
    let mut trials = beside_a_server()?;
    trials.extend(with_options()?);
    trials.extend(after_a_server()?);
    trials.extend(with_datagrams()?);
    Ok(trials)
}

/// One server listens on 127.0.0.1, and others want its port on this address or another.
fn beside_a_server() -> io::Result<Vec<Trial>> {
    let server = Server::start(PLAIN)?;
    let wanted: [(&str, IpAddr, Options); 6] = [
        ("127.0.0.1 again", Ipv4Addr::LOCALHOST.into(), PLAIN),
        (
            "127.0.0.2, another address of loopback",
            Ipv4Addr::new(127, 0, 0, 2).into(),
            PLAIN,
        ),
        (
            "0.0.0.0, which includes 127.0.0.1",
            Ipv4Addr::UNSPECIFIED.into(),
            PLAIN,
        ),
        (
            "[::1], loopback of the other family",
            Ipv6Addr::LOCALHOST.into(),
            PLAIN,
        ),
        ("[::], which takes IPv4 too", Ipv6Addr::UNSPECIFIED.into(), PLAIN),
        ("[::] with IPV6_V6ONLY", Ipv6Addr::UNSPECIFIED.into(), ONLY_V6),
    ];
    let trial = |(then, address, options): (&str, IpAddr, Options)| Trial {
        first: "127.0.0.1 listens".to_owned(),
        then: then.to_owned(),
        outcome: bind((address, server.port).into(), options).map(drop),
    };
    Ok(wanted.into_iter().map(trial).collect())
}

/// Both sockets have options, and the first one listens.
fn with_options() -> io::Result<Vec<Trial>> {
    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const WILDCARD: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let pairs: [(&str, Options, &str, IpAddr, Options); 4] = [
        (
            "with SO_REUSEADDR",
            REUSE_ADDRESS,
            "again with SO_REUSEADDR",
            LOOPBACK,
            REUSE_ADDRESS,
        ),
        (
            "with SO_REUSEADDR",
            REUSE_ADDRESS,
            "0.0.0.0 with SO_REUSEADDR",
            WILDCARD,
            REUSE_ADDRESS,
        ),
        (
            "without options",
            PLAIN,
            "again with SO_REUSEPORT",
            LOOPBACK,
            REUSE_PORT,
        ),
        (
            "with SO_REUSEPORT",
            REUSE_PORT,
            "again with SO_REUSEPORT",
            LOOPBACK,
            REUSE_PORT,
        ),
    ];
    let mut trials = Vec::new();
    for (first, old, then, address, new) in pairs {
        let outcome = match Server::start(old) {
            Ok(server) => bind((address, server.port).into(), new).map(drop),
            Err(error) => Err(error),
        };
        trials.push(Trial {
            first: format!("listens {first}"),
            then: then.to_owned(),
            outcome,
        });
    }
    Ok(trials)
}

/// The server is gone, but a connection that it closed is in TIME_WAIT, and a new server wants the port.
fn after_a_server() -> io::Result<Vec<Trial>> {
    let pairs = [
        ("had no option", PLAIN, "again without options", PLAIN),
        ("had no option", PLAIN, "again with SO_REUSEADDR", REUSE_ADDRESS),
        ("had SO_REUSEADDR", REUSE_ADDRESS, "again without options", PLAIN),
        (
            "had SO_REUSEADDR",
            REUSE_ADDRESS,
            "again with SO_REUSEADDR",
            REUSE_ADDRESS,
        ),
    ];
    let mut trials = Vec::new();
    for (first, old, then, new) in pairs {
        let server = Server::start(old)?;
        let address = (Ipv4Addr::LOCALHOST, server.port).into();
        server.serve_once_and_stop()?;
        trials.push(Trial {
            first: format!("TIME_WAIT, {first}"),
            then: then.to_owned(),
            outcome: bind(address, new).map(drop),
        });
    }
    Ok(trials)
}

/// UDP has ports of its own, and other rules for sharing them: there are no callers that could be dealt out.
fn with_datagrams() -> io::Result<Vec<Trial>> {
    let server = Server::start(PLAIN)?;
    let beside_tcp = Trial {
        first: "127.0.0.1 listens".to_owned(),
        then: "UDP, the same port of 127.0.0.1".to_owned(),
        outcome: bind_datagram((Ipv4Addr::LOCALHOST, server.port).into(), PLAIN).map(drop),
    };
    let mut trials = vec![beside_tcp];
    for (with, options) in [
        ("without options", PLAIN),
        ("with SO_REUSEADDR", REUSE_ADDRESS),
        ("with SO_REUSEPORT", REUSE_PORT),
    ] {
        let again = |socket: Socket| bind_datagram(address_of(&socket)?, options).map(drop);
        trials.push(Trial {
            first: format!("UDP {with}"),
            then: format!("UDP again {with}"),
            outcome: bind_datagram((Ipv4Addr::LOCALHOST, 0).into(), options).and_then(again),
        });
    }
    Ok(trials)
}

fn address_of(socket: &Socket) -> io::Result<SocketAddr> {
    let address = socket.local_addr()?.as_socket();
    address.ok_or_else(|| io::Error::other("a socket without an address of the Internet"))
}
