//! From a name to its addresses, as the operating system resolves names.
//!
//! The system asks its hosts file first and then its DNS servers, in the order that the
//! machine's owner chose. POSIX calls this `getaddrinfo`; it blocks for as long as it likes,
//! so [`resolve`] asks on a thread of its own and stops waiting at the deadline.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Why a name gave no address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The system's resolver answered that there is nothing under this name, or could not ask.
    #[error(
        "cannot resolve {host:?}: {}; check the spelling, and that this machine can reach its DNS server",
        reason(source)
    )]
    Failed {
        /// The name that was asked for.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// The name exists and has no address.
    #[error("{host:?} has no address: the name exists, but neither an A nor an AAAA record stands under it")]
    NoAddress {
        /// The name that was asked for.
        host: String,
    },
    /// No answer came in time.
    #[error(
        "cannot resolve {host:?}: no answer within {timeout:?}; check that this machine can reach its DNS server"
    )]
    TimedOut {
        /// The name that was asked for.
        host: String,
        /// How long the answer was waited for.
        timeout: Duration,
    },
}

/// The system's words without the wrapping that the standard library puts around them.
fn reason(source: &io::Error) -> String {
    let text = source.to_string();
    let text = text
        .strip_prefix("failed to lookup address information: ")
        .unwrap_or(&text);
    text.to_lowercase()
}

/// All addresses of `host`, in the order in which the system wants them tried (RFC 6724).
///
/// `host` is a name or an address in text; an address resolves to itself without asking
/// anybody. The port is carried through untouched, as `getaddrinfo` does: what comes back is ready
/// to be connected to, and has room for the zone of an IPv6 link-local address (`fe80::1%eth0`).
///
/// # Errors
///
/// [`ResolveError`] tells apart a name that gave nothing from an answer that did not come in time.
pub fn resolve(host: &str, port: u16, timeout: Duration) -> Result<Vec<SocketAddr>, ResolveError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (answer, answers) = mpsc::channel();
    let name = host.to_owned();
    thread::spawn(move || answer.send((name.as_str(), port).to_socket_addrs().map(Vec::from_iter)));
    match answers.recv_timeout(timeout) {
        Ok(Ok(addresses)) if addresses.is_empty() => Err(ResolveError::NoAddress {
            host: host.to_owned(),
        }),
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(source)) => Err(ResolveError::Failed {
            host: host.to_owned(),
            source,
        }),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(ResolveError::TimedOut {
            host: host.to_owned(),
            timeout,
        }),
    }
}
