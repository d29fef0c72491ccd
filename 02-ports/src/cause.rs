//! "Address already in use": by whom, and why?
//!
//! The system says no more than these four words. Its table of sockets holds the answer: somebody has the port
//! on an address that overlaps with the one that was wanted.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::service::Protocol;
use crate::socket_table::{Entry, Process, State};

/// How the address that is held and the one that was wanted overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// They are the same.
    Same,
    /// A wildcard is held, which includes the wanted address.
    HeldIsWildcard,
    /// A wildcard was wanted, which includes the held address.
    WantedIsWildcard,
    /// `[::]` on one side and IPv4 on the other: unless `IPV6_V6ONLY` is set, the wildcard of IPv6 takes the IPv4
    /// addresses too (RFC 3493, section 5.3).
    DualStack,
}

impl Overlap {
    /// How `held` and `wanted` overlap, if they do.
    #[must_use]
    pub fn of(held: IpAddr, wanted: IpAddr) -> Option<Self> {
        let (held, wanted) = (held.to_canonical(), wanted.to_canonical());
        if held == wanted {
            return Some(Self::Same);
        }
        let same_family = held.is_ipv4() == wanted.is_ipv4();
        match (held.is_unspecified(), wanted.is_unspecified()) {
            (true, _) if same_family => Some(Self::HeldIsWildcard),
            (_, true) if same_family => Some(Self::WantedIsWildcard),
            (true, _) if held.is_ipv6() => Some(Self::DualStack),
            (_, true) if wanted.is_ipv6() => Some(Self::DualStack),
            _ => None,
        }
    }
}

/// One holder of a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What is held.
    pub held: SocketAddr,
    /// By what kind of socket.
    pub state: State,
    /// How many of these there are.
    pub count: usize,
    /// By whom, if the system tells.
    pub process: Option<Process>,
    /// Why that is in the way.
    pub overlap: Overlap,
}

/// Everything in `table` that keeps `wanted` from being bound: servers first, then connections.
#[must_use]
pub fn causes(protocol: Protocol, wanted: SocketAddr, table: &[Entry]) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    let on_this_port = |entry: &&Entry| entry.protocol == protocol && entry.local.port() == wanted.port();
    for entry in table.iter().filter(on_this_port) {
        let Some(overlap) = Overlap::of(entry.local.ip(), wanted.ip()) else {
            continue;
        };
        let same = |cause: &&mut Cause| {
            (cause.held, cause.state, &cause.process) == (entry.local, entry.state, &entry.process)
        };
        match causes.iter_mut().find(same) {
            Some(cause) => cause.count += 1,
            None => causes.push(Cause {
                held: entry.local,
                state: entry.state,
                count: 1,
                process: entry.process.clone(),
                overlap,
            }),
        }
    }
    causes.sort_by_key(|cause| cause.state);
    causes
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { held, count, .. } = self;
        let owner = match &self.process {
            Some(process) => format!("{} (process {})", process.name, process.id),
            None => "a process of another user, or in another container,".to_owned(),
        };
        match self.state {
            State::Listening => write!(f, "{owner} listens on {held}"),
            State::Datagram => write!(f, "{owner} receives on {held}"),
            State::Connection => write!(f, "{count} open connection(s) of {owner} have {held}"),
            State::TimeWait => write!(
                f,
                "{count} connection(s) of {held} ended a moment ago and are in TIME_WAIT: wait a minute, or set \
                 SO_REUSEADDR on the server before it binds, this time and the next"
            ),
        }?;
        match self.overlap {
            Overlap::Same => Ok(()),
            Overlap::HeldIsWildcard => f.write_str("; a wildcard is every address of its family"),
            Overlap::WantedIsWildcard => f.write_str("; the wildcard that was wanted includes it"),
            Overlap::DualStack => {
                f.write_str("; the wildcard [::] takes IPv4 too, unless IPV6_V6ONLY is set")
            }
        }
    }
}
