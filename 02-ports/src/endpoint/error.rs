//! What can be wrong with a text that means to be an endpoint.

use crate::host::HostError;

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
    /// The host cannot be one.
    #[error("no host in {text:?}: {source}")]
    BadHost {
        /// What was given.
        text: String,
        /// What is wrong with the host.
        source: HostError,
    },
    /// The port is missing, and no scheme implies one.
    #[error("{text:?} names no port: write {host}:PORT, or a URL whose scheme has a default port")]
    NoPort {
        /// What was given.
        text: String,
        /// The host in it, as it stands before a port.
        host: String,
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
    #[error(
        "{text:?} is an IPv6 address without brackets, which hide where the port begins: write [ADDRESS]:PORT"
    )]
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
    /// White space, a control character or a backslash: no URL has one, though browsers forgive them
    /// (RFC 3986, section 2).
    #[error("{text:?} holds the character {character:?}, which stands in no URL and in no HOST:PORT")]
    BadCharacter {
        /// What was given.
        text: String,
        /// The first such character.
        character: char,
    },
    /// A URL cannot hold the zone of an IPv6 address: RFC 9844 withdrew the only way to write it.
    #[error("{text:?} holds a zone (%...), and a URL cannot: write [ADDRESS%ZONE]:PORT instead (RFC 9844)")]
    ZoneInUrl {
        /// What was given.
        text: String,
    },
    /// A name before `@` where only a URL may have one.
    #[error("{text:?} has a user name before the @: leave it out, or write a URL such as ssh://USER@HOST")]
    UserInfo {
        /// What was given.
        text: String,
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
