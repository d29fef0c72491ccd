//! The port of a program that is no browser: `ssh 10.0.0.7 -p 8080`.
//!
//! A hidden port is no matter of URLs alone. `ssh HOST` means port 22 just as `http://HOST` means port 80, and each
//! program has an option of its own to say another one.

use crate::endpoint::{Endpoint, EndpointError};
use crate::port::{Port, PortError};

/// RFC 4253, section 4.1.
const DEFAULT_PORT: u16 = 22;

/// Why a command is not one that this course can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SshCommandError {
    /// It does not begin with `ssh`.
    #[error("{text:?} is not an ssh command: write ssh [USER@]HOST [-p PORT]")]
    NotSsh {
        /// What was given.
        text: String,
    },
    /// There is no host, or a second one, or an option that is not `-p`.
    #[error("cannot read {text:?}: only ssh [USER@]HOST [-p PORT] is understood here")]
    Usage {
        /// What was given.
        text: String,
    },
    /// The host is none.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// What follows `-p` is not a port.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Where `ssh [USER@]HOST [-p PORT]` connects to. The option may stand before the host or after it.
///
/// # Errors
///
/// [`SshCommandError`] names the part that is wrong.
pub fn parse_ssh_command(text: &str) -> Result<Endpoint, SshCommandError> {
    let usage = || SshCommandError::Usage {
        text: text.to_owned(),
    };
    let mut words = text.split_ascii_whitespace();
    if words.next() != Some("ssh") {
        return Err(SshCommandError::NotSsh {
            text: text.to_owned(),
        });
    }
    let mut destination = None;
    let mut port: Option<Port> = None;
    while let Some(word) = words.next() {
        match word.strip_prefix("-p") {
            Some("") => port = Some(words.next().ok_or_else(usage)?.parse()?),
            Some(digits) => port = Some(digits.parse()?),
            None if word.starts_with('-') || destination.is_some() => return Err(usage()),
            None => destination = Some(word),
        }
    }
    let destination = destination.ok_or_else(usage)?;
    let (user, host) = match destination.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, destination),
    };
    let place = Endpoint::parse_or_port(host, port.map_or(DEFAULT_PORT, Port::number))?;
    // `ssh HOST:PORT` looks right and is wrong: ssh takes the whole of it for a name.
    if place.scheme().is_some() || !place.port_was_hidden() {
        return Err(usage());
    }
    Ok(place.told_to("ssh", user, port.is_none()))
}
