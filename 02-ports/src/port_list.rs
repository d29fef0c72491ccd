//! Several ports in one word: `22,80,8000-8100`, and names among them.

use crate::port::{Port, PortError};
use crate::service::{Protocol, Registry};

/// Why a text is no list of ports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortListError {
    /// A part is neither a port nor a range of ports.
    #[error(transparent)]
    Port(#[from] PortError),
    /// A range that ends before it begins.
    #[error("{first}-{last} is no range: it ends before it begins")]
    Backwards {
        /// Where it begins.
        first: Port,
        /// Where it ends.
        last: Port,
    },
    /// Port 0 stands for "choose one" in `bind`, and for nothing in `connect`.
    #[error("nobody can be reached on port 0: the first port is 1")]
    Zero,
    /// A name that no TCP service has.
    #[error(
        "{name:?} is neither a port nor a TCP service: write ports, ranges and names, as in ssh,80,8000-8100"
    )]
    UnknownService {
        /// What was given.
        name: String,
    },
}

/// The TCP ports that `text` lists, in ascending order, each once.
///
/// # Errors
///
/// [`PortListError`] names the first part that is wrong.
pub fn parse(text: &str, registry: &Registry) -> Result<Vec<u16>, PortListError> {
    let mut ports = Vec::new();
    for part in text.split(',') {
        ports.extend(one_part(part.trim(), registry)?);
    }
    ports.sort_unstable();
    ports.dedup();
    if ports.first() == Some(&0) {
        return Err(PortListError::Zero);
    }
    Ok(ports)
}

fn one_part(part: &str, registry: &Registry) -> Result<Vec<u16>, PortListError> {
    // Names have hyphens too: only a digit can begin a range, and every name holds a letter (RFC 6335, section 5.1).
    if part.contains(|character: char| character.is_ascii_alphabetic()) {
        return named(part, registry);
    }
    let (first, last) = part.split_once('-').unwrap_or((part, part));
    let (first, last): (Port, Port) = (first.parse()?, last.parse()?);
    if last < first {
        return Err(PortListError::Backwards { first, last });
    }
    Ok((first.number()..=last.number()).collect())
}

fn named(name: &str, registry: &Registry) -> Result<Vec<u16>, PortListError> {
    let ports: Vec<u16> = registry
        .by_name(name)
        .filter(|service| service.protocols.contains(&Protocol::Tcp))
        .map(|service| service.port)
        .collect();
    if ports.is_empty() {
        return Err(PortListError::UnknownService {
            name: name.to_owned(),
        });
    }
    Ok(ports)
}

/// The ports of all TCP services that `registry` knows: where it is worth knocking.
#[must_use]
pub fn usual(registry: &Registry) -> Vec<u16> {
    let mut ports: Vec<u16> = registry
        .services()
        .iter()
        .filter(|service| service.port != 0 && service.protocols.contains(&Protocol::Tcp))
        .map(|service| service.port)
        .collect();
    ports.dedup();
    ports
}

/// Ports in ascending order, as a person writes them: `1-21, 23, 25-79`.
#[must_use]
pub fn in_words(ports: &[u16]) -> String {
    let runs = ports.chunk_by(|left, right| left.checked_add(1) == Some(*right));
    let words: Vec<String> = runs
        .map(|run| match run {
            [first, .., last] => format!("{first}-{last}"),
            [only] => only.to_string(),
            [] => String::new(),
        })
        .collect();
    words.join(", ")
}
