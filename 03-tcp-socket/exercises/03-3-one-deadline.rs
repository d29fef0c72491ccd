//! Exercise 03-3: a line within a second, and not a line within a second a byte.
//!
//! `pull_line` is to give up when `within` has passed. Its users complain: a peer that dribbles holds it for minutes, although
//! they allow it one second. Run it against the scripted peer (`cargo ex 03-3`), find the fault and mend it.

use std::time::Duration;

use tcp_socket::{Deadline, Error, Stream};

/// Pulls one line, a byte at a time, without its end. `None` if the peer closes before the line is whole.
pub fn pull_line(stream: &mut impl Stream, within: Duration) -> Result<Option<String>, Error> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        match stream.pull(&mut byte, Deadline::after(within))? {
            0 => return Ok(None),
            _ if byte == *b"\n" => return Ok(Some(String::from_utf8_lossy(&line).into_owned())),
            _ => line.push(byte[0]),
        }
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-3");
}

#[cfg(test)]
#[path = "../checks/03-3-one-deadline.rs"]
mod checks;
