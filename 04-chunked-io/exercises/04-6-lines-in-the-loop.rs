//! Exercise 04-6: lines in the loop.
//!
//! A server on the event loop answers each line in capital letters and brackets: `hello` is answered with `[HELLO]`.
//! The loop calls `received` when something has come, and what has come is no line yet, or more than one: this server
//! takes it for one. Let it keep what belongs to the next call. And it may not keep for ever: a line of more than 20 bytes
//! is answered with `too long`, and the connection closed. `cargo ex 04-6` shows what came in, and what went out.

use chunked_io::event_loop::{Io, Protocol};

/// The longest line that is answered, in bytes.
pub const LONGEST: usize = 20;

/// One connection of the server.
#[derive(Debug, Default)]
pub struct Capitals {
    /// The beginning of a line whose end has not come yet.
    pub pending: Vec<u8>,
}

impl Capitals {
    /// Answers one line, which comes without its line feed.
    fn answer(line: &[u8], io: &mut Io<'_, ()>) {
        io.send(b"[");
        io.send(&line.to_ascii_uppercase());
        io.send(b"]\n");
    }
}

impl Protocol for Capitals {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        Self::answer(bytes.trim_ascii_end(), io);
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-6");
}

#[cfg(test)]
#[path = "../checks/04-6-lines-in-the-loop.rs"]
mod checks;
