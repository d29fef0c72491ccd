//! Why a look-up gave nothing: different causes, different cures.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::net::{DnsError as Hickory, NetError};
use hickory_resolver::proto::op::ResponseCode;

use super::look_up::Question;
use super::record::RecordKind;
use super::trace::{Event, Happening};

/// Why a look-up gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DnsError {
    /// The text is no name that DNS could hold.
    #[error("{name:?} is no name for DNS: {reason}")]
    BadName {
        /// What was read.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// NXDOMAIN: nothing of any kind stands under this name.
    #[error("{name} does not exist (NXDOMAIN): check the spelling")]
    NoSuchName {
        /// The name.
        name: String,
    },
    /// The name exists, and has other records only.
    #[error("{name} exists, but has no {kind} record")]
    NoData {
        /// The name.
        name: String,
        /// The kind that was asked for.
        kind: RecordKind,
    },
    /// REFUSED: the server does not want to answer us.
    #[error(
        "{} refused to answer for {name}: it serves other networks or other zones; ask another server",
        list(servers)
    )]
    Refused {
        /// The name.
        name: String,
        /// Who was asked.
        servers: Vec<SocketAddr>,
    },
    /// SERVFAIL and its like: the server tried, and failed.
    #[error(
        "{} failed to answer for {name} ({code}): the fault is there, or at the servers that it asks",
        list(servers)
    )]
    ServerFailed {
        /// The name.
        name: String,
        /// The response code.
        code: String,
        /// Who was asked.
        servers: Vec<SocketAddr>,
    },
    /// Nobody answered in time.
    #[error(
        "no answer for {name} from {} within {timeout:?}: it is silent, or a firewall is in the way",
        list(servers)
    )]
    TimedOut {
        /// The name.
        name: String,
        /// The deadline for everything together.
        timeout: Duration,
        /// Who was asked.
        servers: Vec<SocketAddr>,
    },
    /// The machine is there, and nothing listens on that port.
    #[error("no DNS server listens at {}: check the address and the port", list(servers))]
    NoServer {
        /// Who was asked.
        servers: Vec<SocketAddr>,
    },
    /// This machine was not told whom to ask.
    #[error("this machine knows no DNS server: name one with --server, or put one into its network settings")]
    NotConfigured,
    /// Something else.
    #[error("cannot look up {name}: {reason}")]
    Other {
        /// The name.
        name: String,
        /// What the resolver said.
        reason: String,
    },
}

fn list(servers: &[SocketAddr]) -> String {
    match servers {
        [] => "anybody".to_owned(),
        servers => servers
            .iter()
            .map(SocketAddr::to_string)
            .collect::<Vec<_>>()
            .join(" and "),
    }
}

/// What the resolver's error means, seen together with what happened on the wire.
pub(super) fn explain(error: &NetError, question: &Question, trace: &[Happening]) -> DnsError {
    let name = question.name.clone();
    let servers = asked(trace);
    match error {
        NetError::Dns(Hickory::NoRecordsFound(nothing)) => match nothing.response_code {
            ResponseCode::NXDomain => DnsError::NoSuchName { name },
            ResponseCode::NoError => DnsError::NoData {
                name,
                kind: question.kind,
            },
            code => by_code(code, name, servers),
        },
        NetError::Dns(Hickory::ResponseCode(code)) => by_code(*code, name, servers),
        _ if nobody_listens(trace) => DnsError::NoServer { servers },
        NetError::Timeout => timed_out(question, trace),
        NetError::NoConnections if servers.is_empty() => DnsError::NotConfigured,
        error => DnsError::Other {
            name,
            reason: error.to_string(),
        },
    }
}

fn by_code(code: ResponseCode, name: String, servers: Vec<SocketAddr>) -> DnsError {
    match code {
        ResponseCode::NXDomain => DnsError::NoSuchName { name },
        ResponseCode::Refused => DnsError::Refused { name, servers },
        code => DnsError::ServerFailed {
            name,
            code: code.to_string(),
            servers,
        },
    }
}

pub(super) fn timed_out(question: &Question, trace: &[Happening]) -> DnsError {
    DnsError::TimedOut {
        name: question.name.clone(),
        timeout: question.timeout,
        servers: asked(trace),
    }
}

/// Each server that was asked, once.
fn asked(trace: &[Happening]) -> Vec<SocketAddr> {
    let mut servers = Vec::new();
    for happening in trace {
        if !servers.contains(&happening.server) {
            servers.push(happening.server);
        }
    }
    servers
}

/// Whether every server was found to be absent: the system said so, and none replied.
fn nobody_listens(trace: &[Happening]) -> bool {
    let refused = |server| {
        trace
            .iter()
            .any(|h| h.server == server && h.event == Event::NobodyListens)
    };
    let replied = trace
        .iter()
        .any(|happening| matches!(happening.event, Event::Replied { .. }));
    !trace.is_empty() && !replied && asked(trace).into_iter().all(refused)
}
