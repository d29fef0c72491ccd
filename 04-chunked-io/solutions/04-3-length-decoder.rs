//! Exercise 04-3, one good answer.

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
        let message = rest.get(..length)?.to_vec();
        self.pending.drain(..2 + length);
        Some(message)
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-3");
}

#[cfg(test)]
#[path = "../checks/04-3-length-decoder.rs"]
mod checks;
