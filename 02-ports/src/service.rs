//! Services: the names that people use for ports, and the registry that joins the two.
//!
//! A port is a bare number. That 22 means `ssh` is an agreement, kept by IANA (RFC 6335), copied into a file on
//! most systems, and enforced by nobody.

pub mod file;
mod story;
mod table;

use std::fmt;

pub use story::Story;

/// A transport protocol. Each one has ports of its own: 53 of TCP is not 53 of UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// A reliable stream of bytes (RFC 9293).
    Tcp,
    /// Single datagrams (RFC 768).
    Udp,
    /// Reliable messages in several streams (RFC 9260).
    Sctp,
    /// Datagrams with congestion control (RFC 4340).
    Dccp,
    /// `AppleTalk`'s datagrams. History, but services files still list four of its sockets.
    Ddp,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Tcp, Self::Udp, Self::Sctp, Self::Dccp, Self::Ddp];

    /// The name in a services file: `tcp`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
            Self::Dccp => "dccp",
            Self::Ddp => "ddp",
        }
    }

    /// The protocol of that name, in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Who says that the service has this port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// IANA's registry of service names and port numbers.
    Iana,
    /// Debian's services file; IANA has no such entry.
    Debian,
    /// No registry at all: the programs agreed among themselves.
    Convention,
    /// A services file of this machine.
    System,
}

impl Source {
    /// A few words for a person.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Iana => "IANA",
            Self::Debian => "Debian's list",
            Self::Convention => "convention, in no registry",
            Self::System => "this machine's services file",
        }
    }
}

/// A name, its port, and the protocols for which the two belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The official name: `http`.
    pub name: String,
    /// The port.
    pub port: u16,
    /// In the order tcp, udp, sctp, dccp.
    pub protocols: Vec<Protocol>,
    /// Other names for it: `www`.
    pub aliases: Vec<String>,
    /// Who says so.
    pub source: Source,
}

impl Service {
    /// Whether `name` is its name or one of its aliases, in any case (RFC 6335, section 5.1).
    #[must_use]
    pub fn answers_to(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
            || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }

    fn add_protocols(&mut self, more: &[Protocol]) {
        self.protocols.extend(more);
        self.protocols.sort_unstable();
        self.protocols.dedup();
    }
}

/// A list of services that can be asked both ways: from the port to the name, and back.
#[derive(Debug, Clone)]
pub struct Registry {
    services: Vec<Service>,
}

impl Registry {
    /// The list that this crate carries, the same on every machine.
    #[must_use]
    pub fn built_in() -> Self {
        let services = table::ROWS
            .iter()
            .map(|row| Service {
                name: row.name.to_owned(),
                port: row.port,
                protocols: row.protocols.to_vec(),
                aliases: row.aliases.iter().map(|&alias| alias.to_owned()).collect(),
                source: row.source,
            })
            .collect();
        Self { services }
    }

    /// Adds what a services file knows and this list does not. A name that already has the port stays as it is.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = Service>) -> Self {
        for service in more {
            let begin = self.services.partition_point(|known| known.port < service.port);
            let end = self.services.partition_point(|known| known.port <= service.port);
            let same = self.services[begin..end]
                .iter_mut()
                .find(|known| known.answers_to(&service.name));
            match same {
                None => self.services.insert(end, service),
                // A services file has a line for each protocol.
                Some(known) if known.source == Source::System => known.add_protocols(&service.protocols),
                Some(_) => {}
            }
        }
        self
    }

    /// All services, by port.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The services that share `port`.
    pub fn by_port(&self, port: u16) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(move |service| service.port == port)
    }

    /// The services that answer to `name`: `echo` is one of TCP and UDP, and another of `AppleTalk`.
    pub fn by_name(&self, name: &str) -> impl Iterator<Item = &Service> {
        self.services
            .iter()
            .filter(move |service| service.answers_to(name))
    }

    /// The known name that looks most like `name`, if one does: what was probably meant.
    #[must_use]
    pub fn nearest_name(&self, name: &str) -> Option<&str> {
        const ALIKE: f64 = 0.85;
        let wanted = name.to_ascii_lowercase();
        self.services
            .iter()
            .map(|service| {
                (
                    strsim::jaro_winkler(&wanted, &service.name),
                    service.name.as_str(),
                )
            })
            .filter(|(likeness, _)| *likeness >= ALIKE)
            .max_by(|(left, _), (right, _)| left.total_cmp(right))
            .map(|(_, name)| name)
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::built_in()
    }
}
