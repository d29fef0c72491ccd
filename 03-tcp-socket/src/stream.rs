//! What every stream of bytes can do.

use crate::{Deadline, Error};

/// A stream of bytes in both directions: a socket, a TLS session, a scripted peer.
///
/// One call moves *some* bytes, at least one and at most as many as were offered. Whoever needs
/// all of them calls again until they are through: that is the subject of step 4.
pub trait Stream {
    /// Sends from the front of `bytes` and says how many bytes were taken.
    ///
    /// # Errors
    ///
    /// See [`Error`]. Nothing was sent by a call that fails.
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error>;

    /// Receives into the front of `buffer` and says how many bytes came; 0 is the peer's orderly end.
    ///
    /// # Errors
    ///
    /// See [`Error`]. Nothing was received by a call that fails.
    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error>;

    /// Who is at the other end, for messages to people: `127.0.0.1:61613`.
    fn peer(&self) -> String;
}
