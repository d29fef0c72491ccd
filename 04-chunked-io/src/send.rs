//! Repeat `send` until every byte has left.

use tcp_socket::{Deadline, Stream};

use crate::Error;

/// Sends all of `bytes`, in as many calls as it takes, under one deadline for the whole.
///
/// # Errors
///
/// [`Error::Stopped`] with the number of bytes that had left before the call that failed.
pub fn send_all(stream: &mut impl Stream, bytes: &[u8], deadline: impl Into<Deadline>) -> Result<(), Error> {
    let deadline = deadline.into();
    let mut sent = 0;
    while sent < bytes.len() {
        sent += stream
            .send(&bytes[sent..], deadline)
            .map_err(|source| Error::Stopped { moved: sent, source })?;
    }
    Ok(())
}
