//! `ws://` and `wss://`: where a connection leads (RFC 6455, section 3).

use ports::{Endpoint, EndpointError};

/// Why a text is not a WebSocket URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It is no URL at all.
    #[error(transparent)]
    NotUrl(#[from] EndpointError),
    /// It is a URL of something else.
    #[error("{url:?} is not a WebSocket URL: write ws://HOST:PORT/PATH")]
    WrongScheme {
        /// What was given.
        url: String,
    },
    /// It has a fragment, and a WebSocket has no page in which to look for one.
    #[error(
        "{url:?} has a fragment, which no WebSocket URL may have (RFC 6455, section 3): leave out the \"#\""
    )]
    Fragment {
        /// What was given.
        url: String,
    },
    /// It asks for TLS.
    #[error(
        "{url:?} asks for TLS, which this step does not speak yet: use ws:// on a network that you trust"
    )]
    TlsNotSupported {
        /// What was given.
        url: String,
    },
}

/// Reads a WebSocket URL: the endpoint knows its host, its port, even a hidden one, and its request target.
///
/// # Errors
///
/// [`UrlError`] says what is wrong, and what right looks like.
pub fn parse(url: &str) -> Result<Endpoint, UrlError> {
    let endpoint: Endpoint = url.parse()?;
    let url = url.to_owned();
    match endpoint.scheme() {
        _ if url.contains('#') => Err(UrlError::Fragment { url }),
        Some("ws") => Ok(endpoint),
        Some("wss") => Err(UrlError::TlsNotSupported { url }),
        _ => Err(UrlError::WrongScheme { url }),
    }
}
