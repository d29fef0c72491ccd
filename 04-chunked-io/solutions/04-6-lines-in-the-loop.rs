//! Exercise 04-6, one good answer.

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
        self.pending.extend_from_slice(bytes);
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            Self::answer(&self.pending[..end], io);
            self.pending.drain(..=end);
        }
        if self.pending.len() > LONGEST {
            io.send(b"too long\n");
            io.close();
        }
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-6");
}

#[cfg(test)]
#[path = "../checks/04-6-lines-in-the-loop.rs"]
mod checks;
