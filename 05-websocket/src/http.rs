//! The head of an HTTP message: the lines up to the first empty one (RFC 9112, section 2.1).
//!
//! A WebSocket begins as an HTTP request, so one has to read the head of it, and no byte that comes after. Step 3 knows
//! what a head is; ours is to collect the bytes, and never more than [`HEAD_LIMIT`] of them.

use chunked_io::pull_until;
use tcp_socket::http::END_OF_HEAD;
use tcp_socket::{Deadline, Stream};

use crate::tls;

pub use tcp_socket::http::{BadHead, Headers, RequestHead, ResponseHead};

/// How long a head may be by default, in bytes.
pub const HEAD_LIMIT: usize = 16 * 1024;

/// Why there is no head to work with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// The head never came to its end: it was too long, too slow, or the peer closed.
    #[error(transparent)]
    Pull(#[from] chunked_io::Error),
    /// It is TLS that came.
    #[error("it speaks TLS, and this end does not: both ends need wss://, or both ws://")]
    Tls,
    /// It came, and is none.
    #[error(transparent)]
    Bad(#[from] BadHead),
}

/// Pulls a head up to its empty line, for [`RequestHead::parse`] or [`ResponseHead::parse`]. What came after it stays
/// in `pending`, which may also bring what came before.
///
/// # Errors
///
/// [`HeadError::Tls`] as soon as the first byte shows it, [`HeadError::Pull`] if the head is longer than `limit` bytes, too slow for `deadline`, or never ends.
pub fn pull_head(
    stream: &mut impl Stream,
    pending: &mut Vec<u8>,
    limit: usize,
    deadline: impl Into<Deadline>,
) -> Result<Vec<u8>, HeadError> {
    let deadline = deadline.into();
    if pending.is_empty() {
        let mut start = [0; 2048];
        let pulled = stream.pull(&mut start, deadline);
        let count = pulled.map_err(|source| chunked_io::Error::Stopped { moved: 0, source })?;
        pending.extend_from_slice(&start[..count]);
    }
    // Without this look at the first byte both ends would wait: the peer for an answer to its TLS, and this one for the end of
    // a head.
    if let Some(&(tls::HANDSHAKE_RECORD | tls::ALERT_RECORD)) = pending.first() {
        return Err(HeadError::Tls);
    }
    let end = pull_until(stream, pending, END_OF_HEAD, limit, deadline)?;
    Ok(pending.drain(..end).collect())
}

/// Where a head ends that comes in pieces: behind its empty line. Of `bytes`, the first `known` were looked at before.
pub(crate) fn head_end(bytes: &[u8], known: usize) -> Option<usize> {
    // The empty line may have begun in what is known.
    let start = known.saturating_sub(END_OF_HEAD.len() - 1);
    let place = bytes[start..]
        .windows(END_OF_HEAD.len())
        .position(|window| window == END_OF_HEAD)?;
    Some(start + place + END_OF_HEAD.len())
}
