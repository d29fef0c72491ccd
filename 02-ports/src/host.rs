//! The host of an endpoint: a name, an IPv4 address or an IPv6 address, in its normal form.
//!
//! Step 1 reads addresses; what is left for this step are names, and the brackets around IPv6.

use std::net::IpAddr;

use ip::{Subject, SubjectError};

/// Why a text is not a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// It is neither an address nor a name, or an address that two programs would read differently.
    #[error(transparent)]
    Unreadable(#[from] SubjectError),
    /// What stands in brackets is not an IPv6 address.
    #[error("{host:?} is not an IPv6 address, and only those stand in brackets")]
    NotIpv6 {
        /// What was given, without the brackets.
        host: String,
    },
    /// It means to be a name, and the rules for names outside ASCII object (RFC 5891, as UTS 46 applies them).
    #[error("{host:?} is no name: {reason}")]
    BadName {
        /// What was given.
        host: String,
        /// What the rules object to.
        reason: url::ParseError,
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
    matches!(
        text.parse(),
        Ok(Subject::Address {
            address: IpAddr::V6(_),
            ..
        })
    )
}

/// The form of `host` in which two spellings of one host are the same text: lower case, IDNA's ASCII form, an
/// IPv6 address without its brackets and as RFC 5952 writes it.
pub(crate) fn normal_form(host: &str) -> Result<String, HostError> {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => ipv6(address),
        None => ipv4_or_name(host),
    }
}

fn ipv6(host: &str) -> Result<String, HostError> {
    match host.parse() {
        Ok(Subject::Address {
            address: IpAddr::V6(address),
            zone,
        }) => Ok(match zone {
            Some(zone) => format!("{address}%{zone}"),
            None => address.to_string(),
        }),
        _ => Err(HostError::NotIpv6 {
            host: host.to_owned(),
        }),
    }
}

fn ipv4_or_name(host: &str) -> Result<String, HostError> {
    let name = match host.parse()? {
        Subject::Name(name) => name,
        Subject::Address { address, .. } => return Ok(address.to_string()),
        Subject::Subnet { .. } => {
            return Err(HostError::Unreadable(SubjectError::Character {
                text: host.to_owned(),
                character: '/',
            }));
        }
    };
    match url::Host::parse(&name) {
        Ok(url::Host::Domain(name)) if has_good_labels(&name) => Ok(name),
        Ok(url::Host::Domain(_)) => Err(HostError::BadLabel { host: name }),
        // Digits that are not ASCII's: IDNA makes an address of them, which step 1 did not see.
        Ok(_) => Err(HostError::BadName {
            host: name,
            reason: url::ParseError::InvalidDomainCharacter,
        }),
        Err(reason) => Err(HostError::BadName { host: name, reason }),
    }
}

fn has_good_labels(name: &str) -> bool {
    // One dot may end a name: it says that the name is complete (RFC 1034, section 3.1).
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// A name as people write it, if that differs from the ASCII form that DNS knows: `한국.kr` for `xn--3e0b707e.kr`.
#[must_use]
pub fn in_unicode(host: &str) -> Option<String> {
    let (unicode, result) = idna::domain_to_unicode(host);
    (result.is_ok() && unicode != host).then_some(unicode)
}
