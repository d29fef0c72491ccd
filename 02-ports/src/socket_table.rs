//! The system's table of sockets: who listens where, and which connections hold a port.
//!
//! Every system keeps one; `ss`, `netstat` and `lsof` print it. The crate `listeners` reads it on Linux, macOS and
//! Windows, and finds the process behind each socket. On Linux it leaves out what it cannot name: the sockets of other
//! users, and connections in TIME_WAIT, which belong to no process any more. There the kernel's own files
//! fill the gap.

#[cfg(any(target_os = "linux", test))]
mod proc_net;

use std::net::SocketAddr;

use crate::service::Protocol;

/// Why the table cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("this system does not show its sockets: {reason}")]
pub struct SocketTableError {
    reason: String,
}

/// What a socket is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A server that waits for callers.
    Listening,
    /// A UDP socket: whoever sends to its port is heard.
    Datagram,
    /// A connection, in whatever state.
    Connection,
    /// A connection that has ended: the system keeps its four numbers for a while, so that a late segment
    /// cannot be taken for one of a new connection (RFC 9293, section 3.6.1).
    TimeWait,
}

/// The process that owns a socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// Its program's name.
    pub name: String,
}

/// One socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// This machine's end.
    pub local: SocketAddr,
    /// The other end of a connection, where the system tells.
    pub remote: Option<SocketAddr>,
    /// What the socket is doing.
    pub state: State,
    /// Who owns it; `None` if nobody does, or if the system does not tell.
    pub process: Option<Process>,
}

/// All TCP and UDP sockets of this machine, by port.
///
/// # Errors
///
/// [`SocketTableError`] on systems that do not show the table.
pub fn read() -> Result<Vec<Entry>, SocketTableError> {
    let owned = listeners::get_all().map_err(|error| SocketTableError {
        reason: error.to_string(),
    })?;
    let owned: Vec<Entry> = owned.into_iter().map(Entry::from).collect();
    #[cfg(target_os = "linux")]
    let mut entries = proc_net::read(&owned);
    #[cfg(not(target_os = "linux"))]
    let mut entries = owned;
    entries.sort_by_key(|entry| (entry.local.port(), entry.protocol, entry.local.ip()));
    Ok(entries)
}

/// The sockets of [`read`] that anybody may send to: TCP servers, and UDP sockets that are not connected.
///
/// # Errors
///
/// As [`read`].
pub fn listening() -> Result<Vec<Entry>, SocketTableError> {
    let mut entries = read()?;
    entries.retain(|entry| matches!(entry.state, State::Listening | State::Datagram));
    entries.dedup();
    Ok(entries)
}

impl From<listeners::Listener> for Entry {
    fn from(found: listeners::Listener) -> Self {
        let (protocol, state) = match (found.protocol, found.state) {
            (listeners::Protocol::UDP, _) => (Protocol::Udp, State::Datagram),
            (listeners::Protocol::TCP, listeners::SocketState::Listen) => (Protocol::Tcp, State::Listening),
            (listeners::Protocol::TCP, listeners::SocketState::TimeWait) => (Protocol::Tcp, State::TimeWait),
            (listeners::Protocol::TCP, _) => (Protocol::Tcp, State::Connection),
        };
        Self {
            protocol,
            local: found.socket,
            remote: None,
            state,
            process: Some(Process {
                id: found.process.pid,
                name: found.process.name,
            }),
        }
    }
}
