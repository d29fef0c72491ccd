//! An endpoint: the host and port that a URL or `host:port` leads to.
//!
//! A URL may hide its port: `http://h` means `http://h:80`, because the scheme has a default
//! (RFC 3986, section 3.2.3). [`Endpoint`] always knows the number, and remembers whether it was said.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use url::Url;

/// The default port of each scheme of the course, and the document that says so.
const DEFAULT_PORTS: &[(&str, u16, &str)] = &[
    ("http", 80, "RFC 9110, section 4.2.1"),
    ("https", 443, "RFC 9110, section 4.2.2"),
    ("ws", 80, "RFC 6455, section 3"),
    ("wss", 443, "RFC 6455, section 3"),
    ("ftp", 21, "RFC 1738, section 3.2"),
    ("ssh", 22, "RFC 4253, section 4.1"),
    ("telnet", 23, "RFC 4248"),
    // In no registry: what brokers have agreed on.
    ("stomp", 61613, "convention of the STOMP brokers"),
];

/// The port that `scheme` means when the URL names none.
#[must_use]
pub fn default_port(scheme: &str) -> Option<u16> {
    DEFAULT_PORTS
        .iter()
        .find(|(name, ..)| *name == scheme)
        .map(|(_, port, _)| *port)
}

/// The document that gives `scheme` its default port.
#[must_use]
pub fn default_port_source(scheme: &str) -> Option<&'static str> {
    DEFAULT_PORTS
        .iter()
        .find(|(name, ..)| *name == scheme)
        .map(|(.., source)| *source)
}

/// Why a text is not an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// There is no host in the text.
    #[error("{text:?} names no host: write HOST:PORT, [IPV6]:PORT or a URL such as ws://chat.example/stomp")]
    NoHost {
        /// What was given.
        text: String,
    },
    /// The port is missing, and no scheme implies one.
    #[error("{text:?} names no port: write HOST:PORT, as in {text}:80")]
    NoPort {
        /// What was given.
        text: String,
    },
    /// What stands after the colon is not a port.
    #[error("{port:?} in {text:?} is not a port: a port is a number from 0 to 65535")]
    BadPort {
        /// What was given.
        text: String,
        /// The part that should have been a port.
        port: String,
    },
    /// An IPv6 address beside a port has to stand in brackets (RFC 3986, section 3.2.2).
    #[error("{text:?} is an IPv6 address without brackets: write [{text}]:PORT")]
    NoBrackets {
        /// What was given.
        text: String,
    },
    /// The scheme has no default port that the course knows, and the URL says none.
    #[error("{text:?} names no port, and {scheme:?} has no default one: write {scheme}://HOST:PORT")]
    NoDefaultPort {
        /// What was given.
        text: String,
        /// Its scheme.
        scheme: String,
    },
    /// The text begins like a URL and is none.
    #[error("{text:?} is not a URL: {reason}")]
    BadUrl {
        /// What was given.
        text: String,
        /// What the URL grammar objects to.
        reason: url::ParseError,
    },
}

/// A host and a port, with the scheme and path of the URL that led there, if one did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Option<String>,
    host: String,
    port: u16,
    port_was_hidden: bool,
    target: String,
}

impl Endpoint {
    /// An endpoint without a URL around it. `host` is a name or an address, IPv6 without brackets.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Self {
        Self {
            scheme: None,
            host: host.to_owned(),
            port,
            port_was_hidden: false,
            target: "/".to_owned(),
        }
    }

    /// Reads a URL, `HOST:PORT` or `[IPV6]:PORT`; `fallback` is the port of a bare host.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] names the part that is wrong, and what right looks like.
    pub fn parse_or_port(text: &str, fallback: u16) -> Result<Self, EndpointError> {
        match text.parse() {
            Err(EndpointError::NoPort { .. }) => {
                let host = text
                    .strip_prefix('[')
                    .and_then(|rest| rest.strip_suffix(']'))
                    .unwrap_or(text);
                Ok(Self {
                    port_was_hidden: true,
                    ..Self::new(host, fallback)
                })
            }
            Err(EndpointError::NoBrackets { .. }) => Ok(Self {
                port_was_hidden: true,
                ..Self::new(text, fallback)
            }),
            result => result,
        }
    }

    /// The scheme in lower case, if a URL was given: `ws`.
    #[must_use]
    pub fn scheme(&self) -> Option<&str> {
        self.scheme.as_deref()
    }

    /// The host: a name, or an address in text (IPv6 without brackets).
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, whether it was said or hidden.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the text left the port to the scheme.
    #[must_use]
    pub fn port_was_hidden(&self) -> bool {
        self.port_was_hidden
    }

    /// Whether the port is the one that a URL of this scheme need not say.
    #[must_use]
    pub fn has_default_port(&self) -> bool {
        self.scheme().and_then(default_port) == Some(self.port)
    }

    /// What an HTTP request asks for: path and query, at least `/` (RFC 9112, section 3.2.1).
    #[must_use]
    pub fn request_target(&self) -> &str {
        &self.target
    }

    /// `host:port`, IPv6 in brackets: the form for a connection.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("{}:{}", self.bracketed_host(), self.port)
    }

    /// `host`, with `:port` only if the scheme does not imply it: the form for a `Host` header
    /// (RFC 9110, section 7.2).
    #[must_use]
    pub fn short_authority(&self) -> String {
        if self.has_default_port() {
            self.bracketed_host()
        } else {
            self.authority()
        }
    }

    fn bracketed_host(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }

    fn from_url(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text).map_err(|reason| EndpointError::BadUrl {
            text: text.to_owned(),
            reason,
        })?;
        let host = match url.host() {
            Some(url::Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => {
                return Err(EndpointError::NoHost {
                    text: text.to_owned(),
                });
            }
        };
        let scheme = url.scheme().to_owned();
        let Some(port) = url.port().or_else(|| default_port(&scheme)) else {
            return Err(EndpointError::NoDefaultPort {
                text: text.to_owned(),
                scheme,
            });
        };
        let path = if url.path().is_empty() { "/" } else { url.path() };
        let target = match url.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        Ok(Self {
            scheme: Some(scheme),
            host,
            port,
            port_was_hidden: !says_port(text),
            target,
        })
    }
}

/// Whether the authority of the URL `text` ends in `:digits`. The `url` crate forgets a default port
/// that was written out, and the lecture's question is exactly whether it was.
fn says_port(text: &str) -> bool {
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let owned = || text.to_owned();
        if text.contains("://") {
            return Self::from_url(text);
        }
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(EndpointError::NoBrackets { text: owned() });
        }
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match text.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        if host.is_empty() {
            return Err(EndpointError::NoHost { text: owned() });
        }
        let port = port.ok_or_else(|| EndpointError::NoPort { text: owned() })?;
        match port.parse() {
            Ok(number) => Ok(Self::new(host, number)),
            Err(_) => Err(EndpointError::BadPort {
                text: owned(),
                port: port.to_owned(),
            }),
        }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self::new(&address.ip().to_string(), address.port())
    }
}

impl From<(IpAddr, u16)> for Endpoint {
    fn from((address, port): (IpAddr, u16)) -> Self {
        Self::new(&address.to_string(), port)
    }
}

/// The form to show a person: the URL with its port brought to light, or `host:port`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scheme {
            Some(scheme) => write!(f, "{scheme}://{}{}", self.authority(), self.target),
            None => f.write_str(&self.authority()),
        }
    }
}
