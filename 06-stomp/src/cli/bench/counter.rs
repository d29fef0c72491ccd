//! Frames counted as they fly past: a generator that decoded them would measure itself.

use memchr::{memchr, memmem};

/// Counts the frames in a stream, in pieces of any size. The octet 0 ends a frame, and `content-length` is honoured.
#[derive(Debug, Default)]
pub(super) struct FrameCounter {
    /// The head under way, if a piece has ended inside one.
    head: Vec<u8>,
    /// How much of the present frame is still to come; 0 if that is not known.
    rest: usize,
}

impl FrameCounter {
    /// How many frames end in `octets`.
    pub(super) fn count(&mut self, mut octets: &[u8]) -> u64 {
        let mut frames = 0;
        while !octets.is_empty() {
            if self.rest > 0 {
                let step = self.rest.min(octets.len());
                octets = &octets[step..];
                self.rest -= step;
                frames += u64::from(self.rest == 0);
            } else if self.head.is_empty()
                && let Some((head, length)) = head(octets)
            {
                octets = &octets[head..];
                self.rest = length;
            } else {
                octets = self.head_in_pieces(octets);
            }
        }
        frames
    }

    /// Goes on with a head that is not whole.
    fn head_in_pieces<'o>(&mut self, octets: &'o [u8]) -> &'o [u8] {
        let before = self.head.len();
        self.head.extend_from_slice(octets);
        let Some((head, length)) = head(&self.head) else {
            return &[];
        };
        self.head.clear();
        self.rest = length;
        &octets[head - before..]
    }
}

/// How long the head of the frame is, and how much follows: body and octet 0. A frame without a length is looked
/// at as a whole.
pub(super) fn head(octets: &[u8]) -> Option<(usize, usize)> {
    let end = memmem::find(octets, b"\n\n")? + 2;
    let length = memmem::find(&octets[..end], b"\ncontent-length:").map(|at| {
        let digits = octets[at + 16..]
            .iter()
            .take_while(|octet| octet.is_ascii_digit());
        digits.fold(0, |length: usize, digit| length * 10 + usize::from(digit - b'0'))
    });
    match length {
        Some(length) => Some((end, length + 1)),
        None => memchr(0, &octets[end..]).map(|body| (end, body + 1)),
    }
}
