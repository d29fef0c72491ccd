//! The default ports of URL schemes: the numbers that a URL hides.
//!
//! Where a scheme has a default port, a URL should leave it out (RFC 3986, section 3.2.3). The service
//! registry is no help here: IANA's service `ws` is something else than the scheme `ws`, and has no port.

/// A URL scheme that has a default port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// In lower case: `ws`.
    pub name: &'static str,
    /// The port that a URL of this scheme means when it names none.
    pub default_port: u16,
    /// The document that says so.
    pub source: &'static str,
    /// If everybody on the path can read what is sent: what to use in its place.
    pub in_the_clear: Option<&'static str>,
}

impl Scheme {
    /// The scheme called `name`, in lower case, if it is one of those in the course.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.name == name)
    }
}

/// The port that `scheme`, in lower case, means when the URL names none.
#[must_use]
pub fn default_port(scheme: &str) -> Option<u16> {
    Scheme::by_name(scheme).map(|scheme| scheme.default_port)
}

const fn scheme(
    name: &'static str,
    default_port: u16,
    source: &'static str,
    in_the_clear: Option<&'static str>,
) -> Scheme {
    Scheme {
        name,
        default_port,
        source,
        in_the_clear,
    }
}

/// The schemes of the course.
pub const SCHEMES: &[Scheme] = &[
    scheme("http", 80, "RFC 9110, section 4.2.1", Some("https")),
    scheme("https", 443, "RFC 9110, section 4.2.2", None),
    scheme("ws", 80, "RFC 6455, section 3", Some("wss")),
    scheme("wss", 443, "RFC 6455, section 3", None),
    scheme(
        "ftp",
        21,
        "RFC 1738, section 3.2",
        Some("sftp, which is a part of ssh"),
    ),
    scheme("ssh", 22, "RFC 4253, section 4.1", None),
    scheme("telnet", 23, "RFC 4248, section 2", Some("ssh")),
    // In no registry: what the brokers have agreed on.
    scheme(
        "stomp",
        61613,
        "convention of the STOMP brokers",
        Some("STOMP over TLS or over wss"),
    ),
];
