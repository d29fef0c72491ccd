//! Exercise 04-1: receive all of it.
//!
//! `receive_all` is to fill the buffer: one byte after the other, until there is room for no more. Run it
//! against the scripted peer (`cargo ex 04-1`) and read the conversation: what did it ask for, and
//! what had come when it stopped asking?

use tcp_socket::{Deadline, Error, Stream};

/// Fills `buffer` from `stream`, and returns how many bytes came: all, unless the peer closed before.
pub fn receive_all(stream: &mut impl Stream, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
    stream.pull(buffer, deadline)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-1");
}

#[cfg(test)]
#[path = "../checks/04-1-receive-all.rs"]
mod checks;
