//! SHA-256, fed piece by piece: are these the bytes that were sent?
//!
//! TCP's own checksum has 16 bits (RFC 9293, section 3.1) and covers one segment at a time; disks, memory
//! and programs between the two ends are not covered at all. A digest over the whole file is (the
//! end-to-end argument).

use std::fmt;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::CHUNK;

/// The SHA-256 of a file (FIPS 180-4), printed as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.digest()
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Some(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A digest under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Hasher(Sha256);

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Feeds the first `count` bytes of `source`, and says how many there were.
    pub(super) fn update_from(&mut self, source: &mut impl Read, count: u64) -> io::Result<u64> {
        let mut buffer = vec![0; CHUNK];
        let mut source = source.take(count);
        let mut fed = 0;
        loop {
            match source.read(&mut buffer)? {
                0 => return Ok(fed),
                count => {
                    self.update(&buffer[..count]);
                    fed += count as u64;
                }
            }
        }
    }

    /// The digest of what was fed so far; more may follow.
    pub(super) fn digest(&self) -> Digest {
        Digest(self.0.clone().finalize().into())
    }
}
