//! What a person may ask about, read from text: an address, an address with a prefix, or a name.
//!
//! Reading is strict where systems disagree. `010.0.0.1` is 10.0.0.1 to some and, read as octal, 8.0.0.1 to others;
//! whoever filters addresses with the one and connects with the other has a hole (CVE-2021-29922 was one).
//! So such text is an error, and the error says what the old readings would have made of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

use crate::fault::{Ipv4Fault, Ipv6Fault, PrefixFault};

/// Something that has a place in the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `10.1.2.3`, `2001:db8::1`, `fe80::1%eth0`.
    Address {
        /// The address.
        address: IpAddr,
        /// The zone, without its `%`: on which link an IPv6 address is meant (RFC 4007, section 11).
        zone: Option<String>,
    },
    /// `192.168.0.10/24`: an address and its subnet.
    Subnet {
        /// The address as given, with its prefix.
        net: IpNet,
        /// The zone, without its `%`.
        zone: Option<String>,
    },
    /// `localhost`: somebody has to be asked for its addresses.
    Name(String),
}

/// Why a text is none of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// There is nothing to read.
    #[error("an address or a name is missing: the text is empty")]
    Empty,
    /// It means to be an IPv4 address.
    #[error("{text:?} is not an IPv4 address: {fault}")]
    Ipv4 {
        /// What was read.
        text: String,
        /// What is wrong with it.
        fault: Ipv4Fault,
    },
    /// It means to be an IPv6 address.
    #[error("{text:?} is not an IPv6 address: {fault}")]
    Ipv6 {
        /// What was read.
        text: String,
        /// What is wrong with it.
        fault: Ipv6Fault,
    },
    /// What stands after the slash is no prefix.
    #[error("{text:?} has no good prefix: {fault}")]
    Prefix {
        /// What was read.
        text: String,
        /// What is wrong with it.
        fault: PrefixFault,
    },
    /// A name with a prefix.
    #[error("{name:?} is a name, and only an address can have a prefix: leave /{prefix} out")]
    PrefixOnName {
        /// The name.
        name: String,
        /// What stood after the slash.
        prefix: String,
    },
    /// A URL, or a host with a port.
    #[error(
        "{text:?} is more than a host: step 2 takes it apart (02-ports {text}); give this step {host} alone"
    )]
    MoreThanHost {
        /// What was read.
        text: String,
        /// The host inside it.
        host: String,
    },
    /// A character that no name has.
    #[error("{text:?} is neither an address nor a name: {character:?} stands in no name")]
    Character {
        /// What was read.
        text: String,
        /// The first such character.
        character: char,
    },
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address { address, zone: None });
        }
        if text.is_empty() {
            return Err(SubjectError::Empty);
        }
        if let Some(host) = host_inside(text) {
            return Err(SubjectError::MoreThanHost {
                text: text.to_owned(),
                host,
            });
        }
        let (host, prefix) = split_at(text, '/');
        if !is_numeric(split_at(host, '%').0) {
            return name(text, host, prefix);
        }
        let (address, zone) = address_with_zone(host)?;
        let zone = zone.map(str::to_owned);
        let Some(prefix) = prefix else {
            return Ok(Self::Address { address, zone });
        };
        let net = prefix_length(address, prefix)
            .and_then(|length| IpNet::new(address, length).map_err(|_| PrefixFault::not_a_number(prefix)))
            .map_err(|fault| SubjectError::Prefix {
                text: text.to_owned(),
                fault,
            })?;
        Ok(Self::Subnet { net, zone })
    }
}

/// Reads an address, strictly: four decimal octets without leading zeros, or RFC 4291's text; no zone, no prefix.
///
/// # Errors
///
/// [`SubjectError`] says which octet or hextet is wrong, and what old systems would have made of the text.
pub fn parse_address(text: &str) -> Result<IpAddr, SubjectError> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    Err(if text.contains(':') {
        SubjectError::Ipv6 {
            text: text.to_owned(),
            fault: Ipv6Fault::of(text),
        }
    } else {
        SubjectError::Ipv4 {
            text: text.to_owned(),
            fault: Ipv4Fault::of(text),
        }
    })
}

fn address_with_zone(text: &str) -> Result<(IpAddr, Option<&str>), SubjectError> {
    match split_at(text, '%') {
        (address, None) => Ok((parse_address(address)?, None)),
        (address, Some(zone)) if zone.is_empty() || address.parse::<Ipv6Addr>().is_err() => {
            parse_address(address)?;
            Err(SubjectError::Ipv6 {
                text: text.to_owned(),
                fault: Ipv6Fault::Zone,
            })
        }
        (address, zone) => Ok((parse_address(address)?, zone)),
    }
}

/// Whether the text means to be an address. For IPv4 that is the rule of URLs: it ends in a number (the URL
/// standard, "ends in a number checker"); no top-level domain does.
fn is_numeric(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or(host);
    let digits = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    host.contains(':')
        || digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The length that `/24` or `/255.255.255.0` means.
fn prefix_length(address: IpAddr, text: &str) -> Result<u8, PrefixFault> {
    let longest = if address.is_ipv4() { 32 } else { 128 };
    if let (IpAddr::V4(_), Ok(mask)) = (address, text.parse::<Ipv4Addr>()) {
        return mask_length(mask);
    }
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PrefixFault::not_a_number(text));
    }
    match text.parse::<u8>() {
        _ if text.len() > 1 && text.starts_with('0') => Err(PrefixFault::LeadingZero),
        Ok(length) if length <= longest => Ok(length),
        _ => Err(PrefixFault::TooLong { longest }),
    }
}

/// A mask is ones, then zeros; how many ones.
fn mask_length(mask: Ipv4Addr) -> Result<u8, PrefixFault> {
    let bits = mask.to_bits();
    let ones = bits.leading_ones();
    if ones + bits.trailing_zeros() >= 32 {
        return Ok(u8::try_from(ones).unwrap_or(32));
    }
    if bits.leading_zeros() + bits.trailing_ones() == 32 {
        return Err(PrefixFault::Wildcard {
            mask: Ipv4Addr::from_bits(!bits),
        });
    }
    Err(PrefixFault::Holes { mask })
}

fn name(text: &str, host: &str, prefix: Option<&str>) -> Result<Subject, SubjectError> {
    let strange = |character: &char| {
        character.is_whitespace() || character.is_control() || "/\\?#@%[]<>\"'`,;:".contains(*character)
    };
    if let Some(character) = host.chars().find(strange) {
        return Err(SubjectError::Character {
            text: text.to_owned(),
            character,
        });
    }
    match prefix {
        Some(_) if host.is_empty() => Err(SubjectError::Character {
            text: text.to_owned(),
            character: '/',
        }),
        Some(prefix) => Err(SubjectError::PrefixOnName {
            name: host.to_owned(),
            prefix: prefix.to_owned(),
        }),
        None => Ok(Subject::Name(host.to_owned())),
    }
}

/// The host in `ws://host:80/`, `[::1]:80`, `host:80`: all of them more than this step takes.
fn host_inside(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://").unwrap_or(("", text));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if let Some((inside, _)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return Some(inside.to_owned());
    }
    let (host, port) = split_at(authority, ':');
    let has_port =
        port.is_some_and(|port| !port.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()));
    let is_url = rest.len() < text.len();
    (is_url || (has_port && !host.is_empty() && !text.contains('/'))).then(|| host.to_owned())
}

fn split_at(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}
