//! Repeat `pull` until a message is whole.
//!
//! A stream has no message boundaries: what was sent in one call may arrive in three, and what was
//! sent in three may arrive in one. The reader has to know where a message ends: after a number of bytes
//! ([`pull_exact`]), at a delimiter ([`pull_until`]), or when the peer closes ([`pull_to_end`]).

use tcp_socket::{Deadline, Stream};

use crate::Error;
use crate::framing::delimiter::find;

/// How much is asked of the system in one call when the length is not known beforehand, in bytes.
const CHUNK: usize = 8 * 1024;

/// Fills `buffer` completely, in as many calls as it takes, under one deadline for the whole.
///
/// # Errors
///
/// [`Error::EndedEarly`] if the peer closes first, [`Error::Stopped`] if a call fails; both say how many
/// bytes had come, and those are in the front of `buffer`.
pub fn pull_exact(
    stream: &mut impl Stream,
    buffer: &mut [u8],
    deadline: impl Into<Deadline>,
) -> Result<(), Error> {
    let deadline = deadline.into();
    let mut pulled = 0;
    while pulled < buffer.len() {
        match pull_some(stream, &mut buffer[pulled..], pulled, deadline)? {
            0 => {
                let wanted = format!("{} bytes", buffer.len());
                return Err(ended_early(stream, pulled, wanted));
            }
            count => pulled += count,
        }
    }
    Ok(())
}

/// Pulls until `delimiter` has come, and returns how many bytes of `pending` come up to its end.
///
/// `pending` holds what has been pulled and not used yet: pass the same vector again, after draining the
/// message from its front, because one pull may bring the start of the next message too. A message may
/// have `limit` bytes with its delimiter; `pending` never grows beyond that and one pull of 8 KiB.
///
/// # Errors
///
/// [`Error::TooLong`] if `limit` bytes came without a delimiter, [`Error::EndedEarly`] if the peer closes first,
/// [`Error::Stopped`] if a call fails, [`Error::EmptyDelimiter`]. What came so far stays in `pending`.
pub fn pull_until(
    stream: &mut impl Stream,
    pending: &mut Vec<u8>,
    delimiter: &[u8],
    limit: usize,
    deadline: impl Into<Deadline>,
) -> Result<usize, Error> {
    if delimiter.is_empty() {
        return Err(Error::EmptyDelimiter);
    }
    let deadline = deadline.into();
    let mut searched = 0;
    loop {
        let end = find(pending, delimiter, searched);
        if let Some(end) = end.filter(|end| *end <= limit) {
            return Ok(end);
        }
        if end.is_some() || pending.len() >= limit {
            return Err(too_long(stream, limit, pending.len()));
        }
        // No byte is looked at twice, but for a delimiter that begins at the end of those at hand.
        searched = pending.len().saturating_sub(delimiter.len() - 1);
        if pull_onto(stream, pending, CHUNK, deadline)? == 0 {
            let wanted = format!("the bytes up to \"{}\"", delimiter.escape_ascii());
            return Err(ended_early(stream, pending.len(), wanted));
        }
    }
}

/// Pulls until the peer closes its end, and returns everything that came: at most `limit` bytes.
///
/// # Errors
///
/// [`Error::TooLong`] if more than `limit` bytes come, [`Error::Stopped`] if a call fails.
pub fn pull_to_end(
    stream: &mut impl Stream,
    limit: usize,
    deadline: impl Into<Deadline>,
) -> Result<Vec<u8>, Error> {
    let deadline = deadline.into();
    let mut bytes = Vec::new();
    while pull_onto(stream, &mut bytes, CHUNK, deadline)? > 0 {
        if bytes.len() > limit {
            return Err(too_long(stream, limit, bytes.len()));
        }
    }
    Ok(bytes)
}

/// One pull of at most `most` bytes onto the end of `bytes`.
pub(crate) fn pull_onto(
    stream: &mut impl Stream,
    bytes: &mut Vec<u8>,
    most: usize,
    deadline: Deadline,
) -> Result<usize, Error> {
    let mut piece = [0; CHUNK];
    let count = pull_some(stream, &mut piece[..most.min(CHUNK)], bytes.len(), deadline)?;
    bytes.extend_from_slice(&piece[..count]);
    Ok(count)
}

/// One pull; on failure, the count that had moved before it.
fn pull_some(
    stream: &mut impl Stream,
    buffer: &mut [u8],
    moved: usize,
    deadline: Deadline,
) -> Result<usize, Error> {
    stream
        .pull(buffer, deadline)
        .map_err(|source| Error::Stopped { moved, source })
}

pub(crate) fn ended_early(stream: &impl Stream, moved: usize, wanted: String) -> Error {
    let peer = stream.peer();
    Error::EndedEarly { peer, moved, wanted }
}

fn too_long(stream: &impl Stream, limit: usize, moved: usize) -> Error {
    let peer = stream.peer();
    Error::TooLong { peer, limit, moved }
}
