//! An endpoint: the host and port that a URL or `host:port` leads to.
//!
//! A URL may hide its port: `http://h` means `http://h:80`, because the scheme has a default
//! (RFC 3986, section 3.2.3). [`Endpoint`] always knows the number, and remembers whether it was said.

mod error;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use url::Url;

use crate::authority::Authority;
use crate::scheme::default_port;

pub use error::EndpointError;

/// A host and a port, with the scheme and path of the URL that led there, if one did.
///
/// Two endpoints are equal if they were written alike; ask [`Endpoint::is_same_place`] whether two spellings
/// lead to one host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Option<String>,
    user_info: Option<UserInfo>,
    host: String,
    port: u16,
    port_was_hidden: bool,
    target: String,
}

/// A user's name and perhaps a password: nothing that `{:?}` should carry into a log.
#[derive(Clone, PartialEq, Eq)]
struct UserInfo(String);

impl fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserInfo(kept out of logs)")
    }
}

impl Endpoint {
    /// An endpoint without a URL around it. `host` is a name or an address, IPv6 without brackets.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Self {
        Self {
            scheme: None,
            user_info: None,
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
        // Alone, an IPv6 address needs no brackets: there is no port that they would have to be told from.
        let bracketed = format!("[{text}]");
        let text = if crate::host::is_ipv6(text) {
            &bracketed
        } else {
            text
        };
        if url_scheme(text).is_some() {
            return text.parse();
        }
        let (host, port) = split_host_port(text)?;
        Ok(Self {
            port_was_hidden: port.is_none(),
            ..Self::new(&host, port.unwrap_or(fallback))
        })
    }

    /// The scheme in lower case, if a URL was given: `ws`.
    #[must_use]
    pub fn scheme(&self) -> Option<&str> {
        self.scheme.as_deref()
    }

    /// What stood before the `@` of the URL: a user's name, and sometimes a password that everybody who sees the
    /// URL can read (RFC 3986, section 3.2.1, advises against it). No other part of the endpoint repeats it.
    #[must_use]
    pub fn user_info(&self) -> Option<&str> {
        self.user_info.as_ref().map(|user_info| user_info.0.as_str())
    }

    /// The host in its normal form: a name in lower case and in ASCII (`xn--...` where it was not), or an address in
    /// text (IPv6 without brackets, with its zone if it has one).
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

    /// Whether both lead to one host and one port, however they were written: `http://h`, `HTTP://H:80/x` and `h:80` do.
    ///
    /// Names are compared, not what they resolve to: two names may well share a machine.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.host == other.host && self.port == other.port
    }

    /// The one form of all spellings that mean the same: lower case, the default port hidden, no user information.
    /// Without a scheme no port can be hidden, and it is the authority.
    #[must_use]
    pub fn normal_form(&self) -> String {
        match &self.scheme {
            Some(scheme) => format!("{scheme}://{}{}", self.short_authority(), self.target),
            None => self.authority(),
        }
    }

    /// Where a reference leads that was found at this URL: a whole URL, `//host/path`, `/path`, or a path beside this one
    /// (RFC 3986, section 5.2). That is how an HTTP `Location` is read. A user in it is left out: nobody here gave that
    /// name.
    ///
    /// # Errors
    ///
    /// [`EndpointError`], if it leads to no endpoint, or this one has no scheme to begin from.
    pub fn join(&self, reference: &str) -> Result<Self, EndpointError> {
        reject_bad_characters(reference)?;
        let joined = Url::parse(&self.normal_form()).and_then(|base| base.join(reference));
        let joined = joined.map_err(|reason| EndpointError::BadUrl {
            text: reference.to_owned(),
            reason,
        })?;
        let endpoint: Self = joined.as_str().parse()?;
        Ok(Self {
            user_info: None,
            ..endpoint
        })
    }

    /// The same place, as a program other than a browser was told of it.
    pub(crate) fn told_to(self, scheme: &str, user: Option<&str>, port_was_hidden: bool) -> Self {
        Self {
            scheme: Some(scheme.to_owned()),
            user_info: user.map(|user| UserInfo(user.to_owned())),
            port_was_hidden,
            ..self
        }
    }

    fn bracketed_host(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }

    fn from_url(text: &str, scheme: &str) -> Result<Self, EndpointError> {
        let authority = Authority::split(url_authority(text), text)?;
        if authority.host.contains('%') {
            return Err(EndpointError::ZoneInUrl {
                text: text.to_owned(),
            });
        }
        let url = Url::parse(text).map_err(|reason| EndpointError::BadUrl {
            text: text.to_owned(),
            reason,
        })?;
        // The `url` crate forgets a default port that was written out, and whether it was is the
        // lecture's question: the authority's own text knows.
        let Some(port) = authority.port.or_else(|| default_port(scheme)) else {
            return Err(EndpointError::NoDefaultPort {
                text: text.to_owned(),
                scheme: scheme.to_owned(),
            });
        };
        Ok(Self {
            scheme: Some(scheme.to_owned()),
            user_info: authority.user_info.map(UserInfo),
            host: authority.host,
            port,
            port_was_hidden: authority.port.is_none(),
            target: request_target(&url),
        })
    }
}

/// Path and query of `url`, without the fragment, which is never sent.
fn request_target(url: &Url) -> String {
    let path = if url.path().is_empty() { "/" } else { url.path() };
    match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

/// The scheme of `text` in lower case, if it begins as a URL does: `ws://` (RFC 3986, section 3.1).
fn url_scheme(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once("://")?;
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let begins_well = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    (begins_well && scheme.bytes().all(may_stand)).then(|| scheme.to_ascii_lowercase())
}

/// The authority of the URL `text`: from the two slashes to the next one, or to the query or fragment.
fn url_authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Host and port of a text that is not a URL; the host comes in its normal form, without brackets.
fn split_host_port(text: &str) -> Result<(String, Option<u16>), EndpointError> {
    reject_bad_characters(text)?;
    let authority = Authority::split(text, text)?;
    match authority.user_info {
        Some(_) => Err(EndpointError::UserInfo {
            text: text.to_owned(),
        }),
        None => Ok((authority.host, authority.port)),
    }
}

/// The URL standard tells browsers to drop tabs and line ends and to take `\` for `/`. What two programs read
/// differently is a way in, so none of it is read here.
fn reject_bad_characters(text: &str) -> Result<(), EndpointError> {
    let is_bad = |character: &char| character.is_whitespace() || character.is_control() || *character == '\\';
    match text.chars().find(is_bad) {
        Some(character) => Err(EndpointError::BadCharacter {
            text: text.to_owned(),
            character,
        }),
        None => Ok(()),
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if let Some(scheme) = url_scheme(text) {
            reject_bad_characters(text)?;
            return Self::from_url(text, &scheme);
        }
        match split_host_port(text)? {
            (host, Some(port)) => Ok(Self::new(&host, port)),
            (host, None) => Err(EndpointError::NoPort {
                text: text.to_owned(),
                host: Self::new(&host, 0).bracketed_host(),
            }),
        }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        match address {
            // Without its zone, a link-local address leads nowhere.
            SocketAddr::V6(v6) if v6.scope_id() != 0 => {
                Self::new(&format!("{}%{}", v6.ip(), v6.scope_id()), v6.port())
            }
            _ => Self::new(&address.ip().to_string(), address.port()),
        }
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
