//! The system's own list of services: `/etc/services` (`man 5 services`).
//!
//! A line names a service, its port and protocol, and perhaps other names for it: `http 80/tcp www`. Whatever follows a
//! `#` is a remark.

use std::io;
use std::path::{Path, PathBuf};

use super::{Protocol, Service, Source};
use crate::port::{Port, PortError};

/// Why a line of a services file says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// There is no `PORT/PROTOCOL` behind the name.
    #[error("line {line}: write NAME PORT/PROTOCOL, as in: http 80/tcp")]
    Incomplete {
        /// The line's number, from 1.
        line: usize,
    },
    /// The port is none.
    #[error("line {line}: {source}")]
    Port {
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        source: PortError,
    },
    /// The protocol is none of those known here.
    #[error("line {line}: {protocol:?} is no protocol that has ports: tcp, udp, sctp, dccp")]
    Protocol {
        /// The line's number, from 1.
        line: usize,
        /// What was given.
        protocol: String,
    },
}

/// Where this system keeps the file.
#[must_use]
pub fn system_path() -> PathBuf {
    if cfg!(windows) {
        let root = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
        Path::new(&root).join(r"System32\drivers\etc\services")
    } else {
        PathBuf::from("/etc/services")
    }
}

/// The services of the file at `path`, one for each line that makes sense; the others are passed over, as the
/// system itself does.
///
/// # Errors
///
/// Whatever keeps the file from being read.
pub fn read(path: &Path) -> io::Result<Vec<Service>> {
    // One strange byte in a remark should not hide all services.
    let bytes = std::fs::read(path)?;
    Ok(parse(&String::from_utf8_lossy(&bytes))
        .filter_map(Result::ok)
        .collect())
}

/// The lines of a services file, without the empty ones.
pub fn parse(text: &str) -> impl Iterator<Item = Result<Service, LineError>> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let said = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = said.split_ascii_whitespace().collect();
        (!words.is_empty()).then(|| service(&words, index + 1))
    })
}

fn service(words: &[&str], line: usize) -> Result<Service, LineError> {
    let [name, place, aliases @ ..] = words else {
        return Err(LineError::Incomplete { line });
    };
    let (port, protocol) = place.split_once('/').ok_or(LineError::Incomplete { line })?;
    let port: Port = port.parse().map_err(|source| LineError::Port { line, source })?;
    let protocol = Protocol::by_name(protocol).ok_or_else(|| LineError::Protocol {
        line,
        protocol: protocol.to_owned(),
    })?;
    Ok(Service {
        name: (*name).to_owned(),
        port: port.number(),
        protocols: vec![protocol],
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
        source: Source::System,
    })
}
