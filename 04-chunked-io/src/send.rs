//! Repeat `send` until every byte has left.

use std::io::ErrorKind;

use tcp_socket::{Call, Deadline, Stream};

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
        let taken = stream
            .send(&bytes[sent..], deadline)
            .map_err(|source| Error::Stopped { moved: sent, source })?;
        if taken == 0 {
            return Err(took_nothing(stream, sent, deadline));
        }
        sent += taken;
    }
    Ok(())
}

/// A stream that takes no byte and reports no failure breaks its promise; asking again would go on for ever.
fn took_nothing(stream: &impl Stream, moved: usize, deadline: Deadline) -> Error {
    let kind = ErrorKind::WriteZero;
    let source = tcp_socket::Error::from_io(Call::Send, stream.peer(), deadline.elapsed(), kind.into());
    Error::Stopped { moved, source }
}
