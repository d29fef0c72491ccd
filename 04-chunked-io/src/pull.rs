//! Repeat `pull` until a message is whole.
//!
//! A stream has no message boundaries: what was sent in one call may arrive in three, and what was
//! sent in three may arrive in one. The reader has to know where a message ends: after a number of bytes
//! ([`pull_exact`]), at a delimiter ([`pull_until`]), or when the peer closes ([`pull_to_end`]).

use tcp_socket::{Deadline, Stream};

use crate::Error;

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
                return Err(Error::EndedEarly {
                    peer: stream.peer(),
                    moved: pulled,
                    wanted,
                });
            }
            count => pulled += count,
        }
    }
    Ok(())
}

/// Pulls until `delimiter` has come, and returns how many bytes of `pending` come up to its end.
///
/// `pending` holds what has been pulled and not used yet: pass the same vector again, after draining the
/// message from its front, because one pull may bring the start of the next message too. No more than
/// `limit` bytes are kept while looking.
///
/// # Errors
///
/// [`Error::TooLong`] if `limit` bytes came without a delimiter, [`Error::EndedEarly`] if the peer closes first,
/// [`Error::Stopped`] if a call fails. What came so far stays in `pending`.
pub fn pull_until(
    stream: &mut impl Stream,
    pending: &mut Vec<u8>,
    delimiter: &[u8],
    limit: usize,
    deadline: impl Into<Deadline>,
) -> Result<usize, Error> {
    let deadline = deadline.into();
    let mut searched = 0;
    loop {
        if let Some(end) = find(pending, delimiter, searched) {
            return if end <= limit {
                Ok(end)
            } else {
                Err(Error::TooLong {
                    peer: stream.peer(),
                    limit,
                })
            };
        }
        if pending.len() >= limit {
            return Err(Error::TooLong {
                peer: stream.peer(),
                limit,
            });
        }
        // A delimiter may begin in the bytes at hand and end in those to come.
        searched = pending.len().saturating_sub(delimiter.len().saturating_sub(1));
        if pull_onto(stream, pending, deadline)? == 0 {
            let wanted = format!("a message that ends in {:?}", String::from_utf8_lossy(delimiter));
            return Err(Error::EndedEarly {
                peer: stream.peer(),
                moved: pending.len(),
                wanted,
            });
        }
    }
}

/// Pulls until the peer closes its end, and returns everything that came.
///
/// # Errors
///
/// [`Error::TooLong`] after `limit` bytes without an end, [`Error::Stopped`] if a call fails.
pub fn pull_to_end(
    stream: &mut impl Stream,
    limit: usize,
    deadline: impl Into<Deadline>,
) -> Result<Vec<u8>, Error> {
    let deadline = deadline.into();
    let mut bytes = Vec::new();
    while pull_onto(stream, &mut bytes, deadline)? > 0 {
        if bytes.len() > limit {
            return Err(Error::TooLong {
                peer: stream.peer(),
                limit,
            });
        }
    }
    Ok(bytes)
}

/// One pull onto the end of `bytes`.
fn pull_onto(stream: &mut impl Stream, bytes: &mut Vec<u8>, deadline: Deadline) -> Result<usize, Error> {
    let before = bytes.len();
    bytes.resize(before + CHUNK, 0);
    let result = pull_some(stream, &mut bytes[before..], before, deadline);
    bytes.truncate(before + result.as_ref().copied().unwrap_or(0));
    result
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

/// Where `delimiter` ends in `bytes`, looking from `start`.
fn find(bytes: &[u8], delimiter: &[u8], start: usize) -> Option<usize> {
    let offset = bytes[start..]
        .windows(delimiter.len())
        .position(|window| window == delimiter)?;
    Some(start + offset + delimiter.len())
}
