//! What a word means where a port is expected: a number, a service's name, or a place with a port in it.

use crate::endpoint::{Endpoint, EndpointError};
use crate::port::{Port, PortError};
use crate::scheme::Scheme;
use crate::service::{Protocol, Registry, Service};
use crate::ssh::{SshCommandError, parse_ssh_command};

/// What was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A number: `443`, or `443/udp`.
    Port {
        /// The number.
        port: Port,
        /// The one protocol that was asked for.
        protocol: Option<Protocol>,
    },
    /// A name of one service or several: `ssh`, or `domain/udp`.
    Service(Vec<Service>),
    /// The scheme of a URL that is no service: `ws`.
    Scheme(&'static Scheme),
    /// A URL, `HOST:PORT`, or an ssh command.
    Endpoint(Endpoint),
}

/// Why a text means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MeaningError {
    /// It looks like a number, and is not a port.
    #[error(transparent)]
    Port(#[from] PortError),
    /// It looks like a place, and is none.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// It looks like an ssh command, and is none.
    #[error(transparent)]
    Ssh(#[from] SshCommandError),
    /// No service has this name.
    #[error("no service is called {name:?}{}", match nearest {
        Some(nearest) => format!(": did you mean {nearest}?"),
        None => ": write a port, a service's name such as ssh, HOST:PORT or a URL".to_owned(),
    })]
    UnknownService {
        /// What was given.
        name: String,
        /// The known name that looks most like it.
        nearest: Option<String>,
    },
    /// What stands behind the slash is no protocol with ports.
    #[error("{protocol:?} is no protocol that has ports: write tcp, udp, sctp or dccp, as in 53/udp")]
    UnknownProtocol {
        /// What was given.
        protocol: String,
    },
}

impl Meaning {
    /// Reads `text`, and looks names up in `registry`.
    ///
    /// # Errors
    ///
    /// [`MeaningError`], by what the text looks like.
    pub fn of(text: &str, registry: &Registry) -> Result<Self, MeaningError> {
        if text.starts_with("ssh ") {
            return Ok(Self::Endpoint(parse_ssh_command(text)?));
        }
        // No service has a colon, a dot, a bracket or an @ in its name (RFC 6335, section 5.1).
        if text.contains([':', '.', '[', '@']) {
            return Ok(Self::Endpoint(text.parse()?));
        }
        let (text, protocol) = split_protocol(text)?;
        if looks_like_a_number(text) {
            let port = text.parse()?;
            return Ok(Self::Port { port, protocol });
        }
        let has_protocol = |service: &&Service| protocol.is_none_or(|one| service.protocols.contains(&one));
        let services: Vec<Service> = registry.by_name(text).filter(has_protocol).cloned().collect();
        if !services.is_empty() {
            return Ok(Self::Service(services));
        }
        if let Some(scheme) = Scheme::by_name(&text.to_ascii_lowercase()) {
            return Ok(Self::Scheme(scheme));
        }
        Err(MeaningError::UnknownService {
            name: text.to_owned(),
            nearest: registry.nearest_name(text).map(str::to_owned),
        })
    }
}

/// `53/udp`, as a services file writes it.
fn split_protocol(text: &str) -> Result<(&str, Option<Protocol>), MeaningError> {
    let Some((text, protocol)) = text.split_once('/') else {
        return Ok((text, None));
    };
    match Protocol::by_name(protocol) {
        Some(protocol) => Ok((text, Some(protocol))),
        None => Err(MeaningError::UnknownProtocol {
            protocol: protocol.to_owned(),
        }),
    }
}

/// Digits, perhaps with a sign: `3gpp-w1ap` is a service, and `-1` a bad port.
fn looks_like_a_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit())
}
