//! One question to DNS, under one deadline.
//!
//! hickory-resolver is written for an async runtime and has no blocking face, so a small runtime on this thread lives
//! for as long as one question does. Nothing else of this step knows that it exists.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::proto::rr::Name;
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{Resolver, ResolverBuilder};

use super::failure::{DnsError, explain, timed_out};
use super::record::{Record, RecordKind};
use super::trace::{Happening, Log, Watcher};
use crate::notation::reverse_name;

/// What to ask, whom, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The whole name; nothing is appended to it.
    pub name: String,
    /// The kind of record.
    pub kind: RecordKind,
    /// The server to ask; without one, those that this machine was told, after its hosts file.
    pub server: Option<SocketAddr>,
    /// The deadline for everything together: all servers, all attempts.
    pub timeout: Duration,
}

/// What came of a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The records, in the server's order: first the chain of CNAMEs, then what stands at its end.
    pub records: Result<Vec<Record>, DnsError>,
    /// Who was asked, and when. Nobody, if the hosts file knew it, or if the name is `localhost`.
    pub trace: Vec<Happening>,
}

impl Question {
    /// Which name does this address have?
    #[must_use]
    pub fn about(address: IpAddr, server: Option<SocketAddr>, timeout: Duration) -> Self {
        Self {
            name: reverse_name(address),
            kind: RecordKind::Ptr,
            server,
            timeout,
        }
    }
}

/// The DNS servers that this machine was told to ask, each once; none if it was told nothing.
#[must_use]
pub fn configured_servers() -> Vec<IpAddr> {
    let Ok((config, _)) = read_system_conf() else {
        return Vec::new();
    };
    let mut servers: Vec<IpAddr> = config.name_servers().iter().map(|server| server.ip).collect();
    servers.dedup();
    servers
}

/// Asks, and waits for the answer or the deadline.
///
/// ```
/// use std::time::Duration;
/// use ip::dns::{Question, RecordKind, look_up};
///
/// let question = Question {
///     name: "localhost".to_owned(),
///     kind: RecordKind::A,
///     server: None,
///     timeout: Duration::from_secs(5),
/// };
/// let answer = look_up(&question);
/// assert_eq!(answer.records.unwrap()[0].data, "127.0.0.1");
/// assert!(answer.trace.is_empty(), "nobody has to be asked for localhost (RFC 6761)");
/// ```
#[must_use]
pub fn look_up(question: &Question) -> Answer {
    let log = Log::new();
    let records = ask(question, &log);
    Answer {
        records,
        trace: log.read(),
    }
}

fn ask(question: &Question, log: &Log) -> Result<Vec<Record>, DnsError> {
    let mut name = Name::from_utf8(&question.name).map_err(|error| DnsError::BadName {
        name: question.name.clone(),
        reason: error.to_string(),
    })?;
    name.set_fqdn(true);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| DnsError::Other {
        name: question.name.clone(),
        reason: error.to_string(),
    })?;
    runtime.block_on(async {
        let mut builder = builder(question, Watcher::new(log.clone()))?;
        set_options(builder.options_mut(), question);
        let resolver = builder.build().map_err(|error| explain(&error, question, &[]))?;
        let looking = resolver.lookup(name, question.kind.record_type());
        let looked = tokio::time::timeout(question.timeout, looking).await;
        match looked {
            Ok(Ok(found)) => Ok(found.answers().iter().map(Record::from).collect()),
            Ok(Err(error)) => Err(explain(&error, question, &log.read())),
            Err(_) => Err(timed_out(question, &log.read())),
        }
    })
}

fn builder(question: &Question, watcher: Watcher) -> Result<ResolverBuilder<Watcher>, DnsError> {
    let Some(server) = question.server else {
        return Resolver::builder(watcher).map_err(|_| DnsError::NotConfigured);
    };
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    let server = NameServerConfig::new(server.ip(), true, connections.into());
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    Ok(Resolver::builder_with_config(config, watcher))
}

/// How often a silent server is asked within the deadline: a datagram may get lost.
const ATTEMPTS: u32 = 3;

fn set_options(options: &mut ResolverOpts, question: &Question) {
    options.attempts = 2; // The resolver means: after the first.
    // Its timeout is one attempt's, so without this three attempts would take three times as long as promised.
    options.timeout = question.timeout / ATTEMPTS;
    options.use_hosts_file = match question.server {
        Some(_) => ResolveHosts::Never,
        None => ResolveHosts::Always,
    };
}
