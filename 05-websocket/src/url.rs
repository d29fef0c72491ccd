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
    #[error("{url:?} is not a WebSocket URL: write ws://HOST:PORT/PATH, or wss:// for TLS")]
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
    /// A server that was asked with TLS wants to be asked again without.
    #[error("{from} sends its callers to {to}, out of TLS: that would give away what was to be kept secret")]
    Downgrade {
        /// Who was asked.
        from: String,
        /// Where it sends its callers.
        to: String,
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
        Some("ws" | "wss") => Ok(endpoint),
        _ => Err(UrlError::WrongScheme { url }),
    }
}

/// Whether the endpoint's scheme asks for TLS.
pub(crate) fn is_secure(endpoint: &Endpoint) -> bool {
    matches!(endpoint.scheme(), Some("wss" | "https"))
}

/// Where a `Location` header leads, seen from the endpoint that gave it. `http` means `ws` here and `https` means `wss`:
/// the handshake is a request of HTTP. Out of TLS no way leads.
pub(crate) fn redirected(from: &Endpoint, location: &str) -> Result<Endpoint, UrlError> {
    let to = from.join(location)?;
    match to.scheme() {
        Some("ws" | "wss" | "http" | "https") => {}
        _ => {
            return Err(UrlError::WrongScheme {
                url: location.to_owned(),
            });
        }
    }
    if is_secure(from) && !is_secure(&to) {
        return Err(UrlError::Downgrade {
            from: from.normal_form(),
            to: to.normal_form(),
        });
    }
    Ok(to)
}
