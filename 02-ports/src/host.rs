//! The host of an endpoint: a name, an IPv4 address or an IPv6 address, in its normal form.

use std::net::Ipv6Addr;

/// Why a text is not a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The IDNA rules for names object (RFC 5891, as UTS 46 applies them), or those for IPv4 addresses.
    #[error("{host:?} is no name and no address: {reason}")]
    Invalid {
        /// What was given.
        host: String,
        /// What the rules object to.
        reason: url::ParseError,
    },
    /// What stands in brackets is not an IPv6 address.
    #[error("{host:?} is not an IPv6 address, and only those stand in brackets")]
    NotIpv6 {
        /// What was given, without the brackets.
        host: String,
    },
    /// Numbers that some programs take for an IPv4 address, each for another one.
    #[error(
        "{host:?} is {address} to a browser and something else to other programs: write an IPv4 address as \
         four decimal numbers without leading zeros"
    )]
    AmbiguousAddress {
        /// What was given.
        host: String,
        /// How the URL standard reads it.
        address: String,
    },
    /// A label between two dots is empty or too long.
    #[error(
        "{host:?} is no name: each part between dots has 1 to 63 bytes, and all of it at most 253 (RFC 1035)"
    )]
    BadLabel {
        /// What was given.
        host: String,
    },
}

/// Whether `text` is an IPv6 address without brackets, with a zone (`fe80::1%eth0`) or without.
pub(crate) fn is_ipv6(text: &str) -> bool {
    split_zone(text).is_some()
}

/// The form of `host` in which two spellings of one host are the same text: lower case, IDNA's ASCII form, an
/// IPv6 address without its brackets and as RFC 5952 writes it.
pub(crate) fn normal_form(host: &str) -> Result<String, HostError> {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => ipv6(address),
        None => name_or_ipv4(host),
    }
}

fn ipv6(text: &str) -> Result<String, HostError> {
    match split_zone(text) {
        Some((address, Some(zone))) => Ok(format!("{address}%{zone}")),
        Some((address, None)) => Ok(address.to_string()),
        None => Err(HostError::NotIpv6 {
            host: text.to_owned(),
        }),
    }
}

/// An IPv6 address, and the zone behind `%`: the interface in whose neighbourhood the address is meant
/// (RFC 4007, section 11).
fn split_zone(text: &str) -> Option<(Ipv6Addr, Option<&str>)> {
    match text.split_once('%') {
        Some((address, zone)) if is_zone(zone) => Some((address.parse().ok()?, Some(zone))),
        Some(_) => None,
        None => Some((text.parse().ok()?, None)),
    }
}

fn is_zone(zone: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !zone.is_empty() && zone.bytes().all(may_stand)
}

fn name_or_ipv4(host: &str) -> Result<String, HostError> {
    let invalid = |reason| HostError::Invalid {
        host: host.to_owned(),
        reason,
    };
    // The URL standard would decode "%2e" before it looks; nobody who means a host writes it so.
    if host.contains('%') {
        return Err(invalid(url::ParseError::InvalidDomainCharacter));
    }
    match url::Host::parse(host).map_err(invalid)? {
        url::Host::Ipv4(address) if address.to_string() == host => Ok(address.to_string()),
        url::Host::Ipv4(address) => Err(HostError::AmbiguousAddress {
            host: host.to_owned(),
            address: address.to_string(),
        }),
        url::Host::Domain(name) if has_good_labels(&name) => Ok(name),
        url::Host::Domain(_) | url::Host::Ipv6(_) => Err(HostError::BadLabel {
            host: host.to_owned(),
        }),
    }
}

fn has_good_labels(name: &str) -> bool {
    // One dot may end a name: it says that the name is complete (RFC 1034, section 3.1).
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}
