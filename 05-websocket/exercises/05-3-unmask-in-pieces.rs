//! Exercise 05-3: take the mask off, piece by piece.
//!
//! A client masks its payload: byte 0 with byte 0 of the key, byte 1 with byte 1, and after the fourth from the start again.
//! A server that does not want to wait for the whole frame unmasks each piece as it comes. This one works on the
//! desk, and in the field some messages turn to rubbish. Which? (`cargo ex 05-3`)

/// Takes the mask off the payload of one frame.
#[derive(Debug)]
pub struct Unmasker {
    /// The masking key, from the frame's header.
    key: [u8; 4],
}

impl Unmasker {
    /// At the beginning of the payload.
    pub fn new(key: [u8; 4]) -> Self {
        Self { key }
    }

    /// Unmasks the next piece of the payload where it stands.
    pub fn unmask(&mut self, piece: &mut [u8]) {
        for (place, byte) in piece.iter_mut().enumerate() {
            *byte ^= self.key[place % 4];
        }
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-3");
}

#[cfg(test)]
#[path = "../checks/05-3-unmask-in-pieces.rs"]
mod checks;
