//! Exercise 04-7: an echo server that survives.
//!
//! `serve` says every line back to its client. It does so on the desk, where each line comes in one piece. Meet the clients of
//! the field: one sends half a line, one sends two at once, one takes two bytes at a time, one sends a byte every 400 ms to hold
//! the server for ever, one never ends its line, and one leaves in the middle. Let the server survive all six: only whole lines
//! go back, each of them whole; a line has `patience` to come, and at most `LONGEST` bytes. (`cargo ex 04-7`)

use std::error::Error;
use std::time::Duration;

use tcp_socket::{Deadline, Stream};

/// The longest line that is said back, in bytes, with its line feed.
pub const LONGEST: usize = 16;

/// Says every line back, until the client leaves. Returns how many lines went back.
pub fn serve(client: &mut impl Stream, patience: Duration) -> Result<usize, Box<dyn Error>> {
    let mut buffer = [0; LONGEST];
    let mut lines = 0;
    loop {
        let count = client.pull(&mut buffer, Deadline::after(patience))?;
        if count == 0 {
            return Ok(lines);
        }
        client.send(&buffer[..count], Deadline::after(patience))?;
        lines += 1;
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-7");
}

#[cfg(test)]
#[path = "../checks/04-7-echo-server.rs"]
mod checks;
