//! Exercise 05-1: the accept key.
//!
//! A client sends 16 random bytes in base64. The server puts a text of the standard behind the key, hashes both, and
//! sends the hash back in base64. This server does all that, and yet no client believes it. Why? (`cargo ex 05-1`)

use base64::prelude::{BASE64_STANDARD, Engine};
use sha1::{Digest, Sha1};

/// The text that every WebSocket server knows.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What a server answers to `Sec-WebSocket-Key: {key}`.
pub fn accept_key(key: &str) -> String {
    let key = BASE64_STANDARD.decode(key).unwrap_or_default();
    let hash = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    BASE64_STANDARD.encode(hash)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-1");
}

#[cfg(test)]
#[path = "../checks/05-1-accept-key.rs"]
mod checks;
