//! Exercise 04-3: a length before each message.
//!
//! The stream consists of messages, each with two bytes of length before it, the higher one first. The decoder is fed
//! with pieces of any size, and is to give whole messages. It owns no socket, so it can be tried with every way of
//! cutting the stream: `cargo ex 04-3`.

/// Takes a stream apart into messages.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What has come and was not used yet.
    pending: Vec<u8>,
}

impl Decoder {
    /// Takes the next piece of the stream.
    pub fn feed(&mut self, piece: &[u8]) {
        self.pending.extend_from_slice(piece);
    }

    /// The next message; `None` if not all of it has come yet.
    pub fn next_message(&mut self) -> Option<Vec<u8>> {
        let (header, rest) = self.pending.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*header));
        let message = rest[..length.min(rest.len())].to_vec();
        self.pending.clear();
        Some(message)
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-3");
}

#[cfg(test)]
#[path = "../checks/04-3-length-decoder.rs"]
mod checks;
