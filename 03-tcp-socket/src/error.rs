//! Everything that can go wrong with a socket, told apart.
//!
//! "It does not connect" is the start of a search, not its end. Each variant says which call failed,
//! on which peer, and what to do about it. A peer's orderly close is *not* here: it is `Ok(0)`.

use std::fmt;
use std::io;
use std::time::Duration;

/// The socket call that failed, by its name in POSIX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Call {
    /// Making the socket.
    Socket,
    /// Giving it a local address and port.
    Bind,
    /// Opening it for callers.
    Listen,
    /// Taking the next caller.
    Accept,
    /// Calling a peer.
    Connect,
    /// Giving bytes to the system.
    Send,
    /// Taking bytes from the system.
    Pull,
    /// Closing one direction.
    Shutdown,
    /// Setting or reading an option.
    Option,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Socket => "make a socket for",
            Self::Bind => "bind to",
            Self::Listen => "listen on",
            Self::Accept => "accept on",
            Self::Connect => "connect to",
            Self::Send => "send to",
            Self::Pull => "pull from",
            Self::Shutdown => "shut down the connection to",
            Self::Option => "set an option of the socket to",
        })
    }
}

/// Why a socket call failed: what was tried, on which peer, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host's name gave no address.
    #[error(transparent)]
    Resolve(#[from] ip::ResolveError),
    /// Nobody listens on that port, and the peer's system said so.
    #[error(
        "cannot {call} {peer}: connection refused, as nothing listens there; start the server, or check the port"
    )]
    Refused {
        /// The call that failed.
        call: Call,
        /// The other end.
        peer: String,
    },
    /// No way leads to that address.
    #[error("cannot {call} {peer}: unreachable, as no route leads there; check the network and the address")]
    Unreachable {
        /// The call that failed.
        call: Call,
        /// The other end.
        peer: String,
    },
    /// The deadline passed, or the system gave up waiting for the peer before it did.
    #[error("cannot {call} {peer}: timed out after {after:.1?}; {}", why_late(*call))]
    TimedOut {
        /// The call that was under way.
        call: Call,
        /// The other end.
        peer: String,
        /// How long the operation had run.
        after: Duration,
    },
    /// The peer threw the connection away (a TCP segment with RST, RFC 9293, section 3.5.2).
    #[error(
        "cannot {call} {peer}: connection reset; the peer's program ended or gave up in the middle: look at its log"
    )]
    Reset {
        /// The call that failed.
        call: Call,
        /// The other end.
        peer: String,
    },
    /// The connection was closed before, by the peer or by this end.
    #[error("cannot {call} {peer}: broken pipe, as the connection was closed before; connect again")]
    BrokenPipe {
        /// The call that failed.
        call: Call,
        /// The other end.
        peer: String,
    },
    /// Another socket has this local address and port.
    #[error(
        "cannot {call} {address}: address in use, as another program has this port; stop it, or take another port"
    )]
    AddressInUse {
        /// The call that failed.
        call: Call,
        /// The local address.
        address: String,
    },
    /// The local address cannot be had: no interface has it, or all ports for a new connection are taken.
    #[error("cannot {call} {address}: address not available; {}", why_not_available(*call))]
    AddressNotAvailable {
        /// The call that failed.
        call: Call,
        /// The local address; of a connect, the peer's.
        address: String,
    },
    /// The system does not allow it.
    #[error("cannot {call} {peer}: permission denied; {}", why_denied(*call))]
    PermissionDenied {
        /// The call that failed.
        call: Call,
        /// The other end, or the local address.
        peer: String,
    },
    /// The process has as many files and sockets open as it may.
    #[error("cannot {call} {peer}: too many open files; close connections, or raise the limit (`ulimit -n`)")]
    TooManyOpenFiles {
        /// The call that failed.
        call: Call,
        /// The other end, or the local address.
        peer: String,
    },
    /// Anything else, in the system's own words.
    #[error("cannot {call} {peer}: {source}")]
    Other {
        /// The call that failed.
        call: Call,
        /// The other end, or the local address.
        peer: String,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Names the failure of `call` on `peer` that the system reported as `source`, `after` this long.
    #[must_use]
    pub fn from_io(call: Call, peer: impl fmt::Display, after: Duration, source: io::Error) -> Self {
        use io::ErrorKind;
        let peer = peer.to_string();
        match source.kind() {
            ErrorKind::ConnectionRefused => Self::Refused { call, peer },
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
                Self::Unreachable { call, peer }
            }
            // A call's own time-out is EAGAIN on Unix and WSAETIMEDOUT on Windows.
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::TimedOut { call, peer, after },
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Self::Reset { call, peer },
            ErrorKind::BrokenPipe | ErrorKind::NotConnected => Self::BrokenPipe { call, peer },
            ErrorKind::AddrInUse => Self::AddressInUse { call, address: peer },
            ErrorKind::AddrNotAvailable => Self::AddressNotAvailable { call, address: peer },
            ErrorKind::PermissionDenied => Self::PermissionDenied { call, peer },
            _ if is_too_many_open_files(&source) => Self::TooManyOpenFiles { call, peer },
            _ => Self::Other { call, peer, source },
        }
    }

    /// The failure in a word or two, for a line of a transcript.
    #[must_use]
    pub fn short(&self) -> &'static str {
        match self {
            Self::Resolve(_) => "not resolved",
            Self::Refused { .. } => "refused",
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed out",
            Self::Reset { .. } => "reset",
            Self::BrokenPipe { .. } => "broken pipe",
            Self::AddressInUse { .. } => "address in use",
            Self::AddressNotAvailable { .. } => "address not available",
            Self::PermissionDenied { .. } => "permission denied",
            Self::TooManyOpenFiles { .. } => "too many open files",
            Self::Other { .. } => "failed",
        }
    }
}

/// Each call waits for something else, so each time-out has a reason of its own.
fn why_late(call: Call) -> &'static str {
    match call {
        Call::Connect => "no answer came: check the address and the firewalls on the way, or allow more time",
        Call::Send => "the peer does not read what it was sent: look at what holds it up, or allow more time",
        _ => "the peer sent nothing: look at what it waits for, or allow more time",
    }
}

fn why_not_available(call: Call) -> &'static str {
    match call {
        Call::Connect => "this end's ports are used up, or that address is nobody's: close connections first",
        _ => "no interface of this machine has it: take 127.0.0.1, or 0.0.0.0 for all of them",
    }
}

fn why_denied(call: Call) -> &'static str {
    match call {
        Call::Connect | Call::Send => "a firewall on this machine forbids it: ask its administrator",
        _ => "a port below 1024 may need an administrator: take a higher one",
    }
}

/// The standard library has no stable kind for this one, so the system's number has to tell.
fn is_too_many_open_files(source: &io::Error) -> bool {
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    const WSAEMFILE: i32 = 10024;
    let numbers: &[i32] = if cfg!(windows) {
        &[WSAEMFILE]
    } else {
        &[EMFILE, ENFILE]
    };
    source
        .raw_os_error()
        .is_some_and(|number| numbers.contains(&number))
}
