//! Masking: a client XORs its payload with a key of four bytes (RFC 6455, section 5.3).
//!
//! The key stands in the header for everybody to read, so masking hides nothing. It keeps a hostile page from
//! choosing the bytes that its browser puts on the wire, which could look like HTTP to a proxy on the way
//! (section 10.3). That is why each frame needs a fresh key that the page cannot foresee.

use std::cell::RefCell;

/// The four bytes that a payload is XORed with.
pub type MaskingKey = [u8; 4];

/// Masks or unmasks `bytes`, which begin `offset` bytes into the payload. XOR undoes itself, so it is one
/// and the same operation.
///
/// Byte `i` of the payload meets byte `i % 4` of the key. Eight bytes are done at a time, with the key twice side by
/// side: that runs at the speed of memory.
pub fn apply(bytes: &mut [u8], key: MaskingKey, offset: usize) {
    let key: [u8; 8] = std::array::from_fn(|i| key[(offset + i) % 4]);
    let twice = u64::from_ne_bytes(key);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ twice).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key) {
        *byte ^= key;
    }
}

/// Where a client's masking keys come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeySource {
    /// The system's generator of secrets: unpredictable, as section 5.3 asks.
    #[default]
    System,
    /// The same key every time: for pictures and tests only.
    Fixed(MaskingKey),
}

/// How many keys are fetched from the system at a time: a call for each frame would cost more than the frame.
const BATCH: usize = 64;

thread_local! {
    /// Keys that this thread has fetched and not used.
    static SPARE: RefCell<Vec<MaskingKey>> = const { RefCell::new(Vec::new()) };
}

impl KeySource {
    /// A key that has not been used before.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers to give.
    pub fn next_key(self) -> Result<MaskingKey, getrandom::Error> {
        match self {
            Self::Fixed(key) => Ok(key),
            Self::System => SPARE.with_borrow_mut(spare),
        }
    }
}

/// The last of the `keys`, after new ones are fetched if there is none.
fn spare(keys: &mut Vec<MaskingKey>) -> Result<MaskingKey, getrandom::Error> {
    if let Some(key) = keys.pop() {
        return Ok(key);
    }
    let mut bytes = [0; BATCH * size_of::<MaskingKey>()];
    getrandom::fill(&mut bytes)?;
    let (fresh, _) = bytes.as_chunks();
    keys.extend_from_slice(&fresh[1..]);
    Ok(fresh[0])
}
