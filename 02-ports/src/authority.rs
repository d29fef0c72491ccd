//! The authority: the part of a URL that says where, `[userinfo@]host[:port]` (RFC 3986, section 3.2).
//!
//! `HOST:PORT` on a command line is the same thing without a URL around it, so both are split here.

use crate::endpoint::EndpointError;
use crate::host;
use crate::port::Port;

/// An authority in its parts. The host is in its normal form already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) user_info: Option<String>,
    pub(crate) host: String,
    /// `None` if nothing was said. `host:` says nothing too, which RFC 3986 allows.
    pub(crate) port: Option<u16>,
}

impl Authority {
    /// Splits `authority`, a part of `text`; errors show the whole `text`.
    pub(crate) fn split(authority: &str, text: &str) -> Result<Self, EndpointError> {
        // The last `@`: whatever stands before it is the user's name, however much it looks like a host.
        let (user_info, place) = match authority.rsplit_once('@') {
            Some((user_info, place)) => (Some(user_info.to_owned()), place),
            None => (None, authority),
        };
        let (host, port) = split_port(place, text)?;
        let host = match host {
            "" => Err(EndpointError::NoHost {
                text: text.to_owned(),
            }),
            host => host::normal_form(host).map_err(|source| EndpointError::BadHost {
                text: text.to_owned(),
                source,
            }),
        }?;
        Ok(Self {
            user_info,
            host,
            port: port.map(|port| parse_port(port, text)).transpose()?,
        })
    }
}

/// The host, still in its brackets if it has any, and the digits after the colon if there are any.
fn split_port<'a>(place: &'a str, text: &str) -> Result<(&'a str, Option<&'a str>), EndpointError> {
    let (host, rest) = match place.find(']') {
        Some(end) if place.starts_with('[') => place.split_at(end + 1),
        // An IPv6 address is full of colons. Without brackets nobody can tell which of them begins the port.
        _ if host::is_ipv6(place) => {
            return Err(EndpointError::NoBrackets {
                text: text.to_owned(),
            });
        }
        _ => place.split_at(place.rfind(':').unwrap_or(place.len())),
    };
    match (rest, rest.strip_prefix(':')) {
        ("" | ":", _) => Ok((host, None)),
        (_, Some(port)) => Ok((host, Some(port))),
        (_, None) => Err(EndpointError::BadPort {
            text: text.to_owned(),
            port: rest.to_owned(),
        }),
    }
}

fn parse_port(port: &str, text: &str) -> Result<u16, EndpointError> {
    let port: Port = port.parse().map_err(|_| EndpointError::BadPort {
        text: text.to_owned(),
        port: port.to_owned(),
    })?;
    Ok(port.number())
}
