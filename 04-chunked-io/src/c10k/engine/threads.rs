//! A thread for each connection: the first server that everybody writes, and that of step 3.

use std::io;

use tcp_socket::Listener;
use tcp_socket::crowd::{self, Ending};

/// Serves until something runs out, and says what.
///
/// # Errors
///
/// What ran out, in the words of step 3.
pub fn serve(listener: Listener) -> io::Result<()> {
    let words = match crowd::hold(&listener, usize::MAX, |_| {}) {
        Ending::Wanted => return Ok(()),
        Ending::OutOf(_, words) => words,
        Ending::NearlyOutOf(resource) => format!("it is nearly out of {}", resource.name()),
        Ending::Failed(error) => error.to_string(),
    };
    Err(io::Error::other(words))
}
