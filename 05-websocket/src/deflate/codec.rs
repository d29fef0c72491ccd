//! The two compressors of a connection: one packs what is sent, one unpacks what comes.
//!
//! A compressor that remembers earlier messages belongs to its connection, and holds up to 300 KB when it packs and 50 KB
//! when it unpacks. One that forgets is borrowed from the thread for the time of a message.

use std::cell::RefCell;
use std::fmt;

use flate2::{Compress, Decompress, FlushCompress, FlushDecompress, Status};

use super::{Agreement, Compression, LARGEST_WINDOW};
use crate::{Role, Violation};

/// What each compressed message would end with, and is taken off: an empty block (section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// The smallest window that zlib can pack with.
pub(crate) const SMALLEST_WINDOW: u8 = 9;

/// How much is unpacked at a time.
const CHUNK: usize = 16 * 1024;

/// How many compressors a thread keeps for the next message.
const SPARE: usize = 4;

thread_local! {
    static SPARE_PACKERS: RefCell<Vec<Packer>> = const { RefCell::new(Vec::new()) };
    static SPARE_UNPACKERS: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
    /// Where each message is unpacked, a chunk at a time: to clear a fresh one would cost more than a short message.
    static UNPACKED: RefCell<[u8; CHUNK]> = const { RefCell::new([0; CHUNK]) };
}

/// Packs messages; its level and window cannot be changed.
#[derive(Debug)]
struct Packer {
    level: u8,
    window_bits: u8,
    compress: Compress,
}

/// What one direction of a connection has agreed on.
#[derive(Debug, Clone, Copy)]
struct Direction {
    window_bits: u8,
    forgets: bool,
}

/// Both directions of one connection.
pub(crate) struct Codec {
    level: u8,
    threshold: usize,
    sending: Direction,
    receiving: Direction,
    packer: Option<Packer>,
    unpacker: Option<Decompress>,
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("sending", &self.sending)
            .field("receiving", &self.receiving)
            .finish_non_exhaustive()
    }
}

impl Codec {
    pub(crate) fn new(role: Role, agreement: &Agreement, options: &Compression) -> Self {
        let server = Direction {
            window_bits: agreement.server_max_window_bits.unwrap_or(LARGEST_WINDOW),
            forgets: agreement.server_no_context_takeover,
        };
        let client = Direction {
            window_bits: agreement.client_max_window_bits.unwrap_or(LARGEST_WINDOW),
            forgets: agreement.client_no_context_takeover,
        };
        let (mut sending, receiving) = match role {
            Role::Server => (server, client),
            Role::Client => (client, server),
        };
        if role == Role::Client {
            // What it offered, it does, also where the server has not asked for it (sections 7.1.1.2 and 7.1.2.2).
            sending.forgets |= options.client_no_context_takeover;
            sending.window_bits = sending.window_bits.min(options.client_max_window_bits);
        }
        Self {
            level: options.level,
            threshold: options.threshold,
            sending,
            receiving,
            packer: None,
            unpacker: None,
        }
    }

    /// Whether a message of so many bytes is worth it.
    pub(crate) fn is_for(&self, length: usize) -> bool {
        length >= self.threshold && self.can_pack()
    }

    /// Not with the smallest window of all: zlib does not have it, and cannot be told to keep to it.
    pub(crate) fn can_pack(&self) -> bool {
        self.sending.window_bits >= SMALLEST_WINDOW
    }

    /// Whether each message is packed for itself. Then one that did not get smaller may be sent as it is, because nobody
    /// has to remember it.
    pub(crate) fn forgets(&self) -> bool {
        self.sending.forgets
    }

    /// Appends `payload` to `output`, packed: a message or the next part of one (section 7.2.1).
    pub(crate) fn pack(&mut self, payload: &[u8], is_last: bool, output: &mut Vec<u8>) {
        let (level, window_bits) = (self.level, self.sending.window_bits);
        let mut packer = self
            .packer
            .take()
            .unwrap_or_else(|| Packer::take(level, window_bits));
        packer.pack(payload, is_last, output);
        if !is_last || !self.sending.forgets {
            self.packer = Some(packer);
        } else {
            packer.give_back();
        }
    }

    /// Remembers nothing of what was sent.
    pub(crate) fn forget(&mut self) {
        if let Some(packer) = self.packer.take() {
            packer.give_back();
        }
    }

    /// The window of what is sent, as a power of two.
    pub(crate) fn window_bits(&self) -> u8 {
        self.sending.window_bits
    }

    /// Appends `payload` to `output`, packed for itself: for one end that has agreed on it, it is as good for all.
    pub(crate) fn pack_alone(&self, payload: &[u8], output: &mut Vec<u8>) {
        let mut packer = Packer::take(self.level, self.sending.window_bits);
        packer.pack(payload, true, output);
        packer.give_back();
    }

    /// Unpacks the next part of a message, and gives what comes of it to `sink`, a chunk at a time, so that `sink` can stop
    /// a small message that becomes a huge one (section 7.2.2).
    ///
    /// # Errors
    ///
    /// [`Violation::NotDeflate`], or that of `sink`.
    pub(crate) fn unpack(
        &mut self,
        packed: &[u8],
        sink: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let direction = self.receiving;
        let unpacker = self.unpacker.get_or_insert_with(|| take_unpacker(direction));
        UNPACKED.with_borrow_mut(|chunk| unpack_all(unpacker, packed, chunk, sink))
    }

    /// The message is over: unpacks what its sender took off, and forgets it if that was agreed.
    ///
    /// # Errors
    ///
    /// As [`Codec::unpack`].
    pub(crate) fn end_message(
        &mut self,
        sink: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        self.unpack(&TAIL, sink)?;
        if self.receiving.forgets
            && let Some(mut unpacker) = self.unpacker.take()
        {
            unpacker.reset(false);
            SPARE_UNPACKERS.with_borrow_mut(|spare| keep(spare, unpacker));
        }
        Ok(())
    }
}

fn unpack_all(
    unpacker: &mut Decompress,
    mut packed: &[u8],
    chunk: &mut [u8; CHUNK],
    mut sink: impl FnMut(&[u8]) -> Result<(), Violation>,
) -> Result<(), Violation> {
    loop {
        let (used, made) = (unpacker.total_in(), unpacker.total_out());
        let status = unpacker.decompress(packed, chunk, FlushDecompress::Sync);
        let used = difference(unpacker.total_in(), used);
        let made = difference(unpacker.total_out(), made);
        packed = &packed[used..];
        sink(&chunk[..made])?;
        match status {
            Err(_) => return Err(Violation::NotDeflate),
            // A last block inside a message ends its stream and not the message (section 7.2.3.4).
            Ok(Status::StreamEnd) => unpacker.reset(false),
            Ok(_) if made == CHUNK => continue,
            Ok(_) if used == 0 && !packed.is_empty() => return Err(Violation::NotDeflate),
            Ok(_) => {}
        }
        if packed.is_empty() {
            return Ok(());
        }
    }
}

/// One that belongs to the thread if it will forget; its window is large enough for everybody.
fn take_unpacker(direction: Direction) -> Decompress {
    let spare = if direction.forgets {
        SPARE_UNPACKERS.with_borrow_mut(Vec::pop)
    } else {
        None
    };
    let window_bits = match direction.forgets {
        true => LARGEST_WINDOW,
        false => direction.window_bits.max(SMALLEST_WINDOW),
    };
    spare.unwrap_or_else(|| Decompress::new_with_window_bits(false, window_bits))
}

impl Packer {
    fn take(level: u8, window_bits: u8) -> Self {
        let spare = SPARE_PACKERS.with_borrow_mut(|spare| {
            let fits = |packer: &Self| (packer.level, packer.window_bits) == (level, window_bits);
            spare.iter().position(fits).map(|index| spare.swap_remove(index))
        });
        spare.unwrap_or_else(|| Self {
            level,
            window_bits,
            compress: Compress::new_with_window_bits(
                flate2::Compression::new(level.clamp(1, 9).into()),
                false,
                window_bits.clamp(SMALLEST_WINDOW, LARGEST_WINDOW),
            ),
        })
    }

    fn give_back(mut self) {
        self.compress.reset();
        SPARE_PACKERS.with_borrow_mut(|spare| keep(spare, self));
    }

    fn pack(&mut self, mut payload: &[u8], is_last: bool, output: &mut Vec<u8>) {
        let start = output.len();
        loop {
            output.reserve(payload.len() / 2 + 64);
            let used = self.compress.total_in();
            // The only error is one of use: a stream that was finished, and this one never is.
            let _ = self.compress.compress_vec(payload, output, FlushCompress::Sync);
            payload = &payload[difference(self.compress.total_in(), used)..];
            if output.len() < output.capacity() {
                break;
            }
        }
        if is_last {
            if output[start..].ends_with(&TAIL) {
                output.truncate(output.len() - TAIL.len());
            } else {
                // There was nothing to pack since the last flush: an empty block without its tail (section 7.2.3.6).
                output.push(0);
            }
        }
    }
}

fn keep<T>(spare: &mut Vec<T>, one: T) {
    if spare.len() < SPARE {
        spare.push(one);
    }
}

fn difference(after: u64, before: u64) -> usize {
    usize::try_from(after - before).unwrap_or(usize::MAX)
}
