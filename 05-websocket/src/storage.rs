//! The storage of large messages, used again: a thread that echoes one of a megabyte would otherwise fetch 256 pages from
//! the system for each, and give them back, and that takes longer than to carry the bytes.

use std::cell::RefCell;

/// How much a thread keeps for the next messages, in bytes.
const MOST_KEPT: usize = 16 * 1024 * 1024;

thread_local! {
    static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Storage of at least `size` bytes and at most twice as many, if some is kept. What is in it is of the past.
pub(crate) fn take(size: usize) -> Option<Vec<u8>> {
    let fits = |bytes: &Vec<u8>| (size..=size.saturating_mul(2)).contains(&bytes.capacity());
    KEPT.with_borrow_mut(|kept| kept.iter().position(fits).map(|index| kept.swap_remove(index)))
}

/// A large payload on its way out, whose storage is kept when it has left.
pub(crate) struct Payload(Vec<u8>);

impl Payload {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.0);
        // At the end of the thread there is nothing left to keep it in.
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            let size: usize = kept.iter().map(Vec::capacity).sum();
            if size + bytes.capacity() <= MOST_KEPT {
                kept.push(bytes);
            }
        });
    }
}
