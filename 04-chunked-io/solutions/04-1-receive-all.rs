//! Exercise 04-1, one good answer.

use tcp_socket::{Deadline, Error, Stream};

/// Fills `buffer` from `stream`, and returns how many bytes came: all, unless the peer closed before.
pub fn receive_all(stream: &mut impl Stream, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
    let mut received = 0;
    while received < buffer.len() {
        match stream.pull(&mut buffer[received..], deadline)? {
            0 => break,
            count => received += count,
        }
    }
    Ok(received)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-1");
}

#[cfg(test)]
#[path = "../checks/04-1-receive-all.rs"]
mod checks;
