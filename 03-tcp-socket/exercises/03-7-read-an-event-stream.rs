//! Exercise 03-7: hear server-sent events.
//!
//! An event is a line `data: TEXT` and an empty line. A block that begins with a colon is a comment: servers send one now and
//! then, so that nobody takes the connection for dead. The starter takes each pull for one event, as if TCP had messages
//! (`cargo ex 03-7`).

use tcp_socket::{Deadline, Error, Stream};

/// Pulls the next event, and gives its text; `None` at the end of the stream. What was pulled too much stays in `pending` for
/// the next call.
pub fn next_event(
    stream: &mut impl Stream,
    pending: &mut Vec<u8>,
    deadline: Deadline,
) -> Result<Option<String>, Error> {
    let mut buffer = [0; 64];
    pending.clear();
    let count = stream.pull(&mut buffer, deadline)?;
    pending.extend_from_slice(&buffer[..count]);
    let text = String::from_utf8_lossy(pending);
    Ok(text.strip_prefix("data: ").map(|data| data.trim_end().to_owned()))
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-7");
}

#[cfg(test)]
#[path = "../checks/03-7-read-an-event-stream.rs"]
mod checks;
