//! A file goes over: the course's own small protocol, which names, moves, verifies and resumes.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`message`] | what the two ends say to each other, in frames with a length before them |
//! | [`name`] | a name from the network is not to be trusted |
//! | [`digest`] | SHA-256, fed piece by piece: are these the bytes that were sent? |
//! | `beside` | the digest, worked out by a thread of its own beside the reading and sending |
//! | [`partial`] | a file under way: kept for a resume, and renamed only when it is whole |
//! | [`sender`] | [`send_file`] |
//! | [`receiver`] | [`receive_file`] |
//! | [`error`] | what can go wrong, and what to do |
//!
//! ```text
//! sender                                      receiver
//!   offer 300000 letter.txt           -->
//!                                     <--     have 131072 9c56cc51…   what came in an earlier try
//!   start 131072                      -->
//!   168928 bytes as they are          -->                            no header: both know how many
//!   digest 5c2d4dd4…                  -->                            of the whole file
//!                                     <--     stored
//! ```
//!
//! If a file of that name and size is there, the receiver says `exists` and its digest instead, and the sender answers
//! `same` or `other`. Each line is one message with a length of four bytes before it ([`crate::framing::length`]). Instead
//! of its turn, the receiver may say `refused` and why. The next file follows on the same connection; a
//! sender that has no more closes it.
//!
//! Memory stays the same however large the file is: a few buffers on either side. A receiver whose disk is
//! slow stops pulling; its window closes; the sender's `send` waits. Nobody has to say "slow down":
//! TCP does (RFC 9293, section 3.8.6).

use std::time::Duration;

mod beside;
pub mod digest;
pub mod error;
pub mod message;
pub mod name;
pub mod partial;
pub mod receiver;
pub mod sender;

pub use digest::Digest;
pub use error::TransferError;
pub use receiver::receive_file;
pub use sender::{OutgoingFile, send_file};

/// How much of a file is read, sent, pulled and written at once, in bytes. Each such piece has a deadline of
/// its own, so that a large file may take long and a silent peer may not.
pub const CHUNK: usize = 64 * 1024;

/// A disk slower than this is not waited for, in bytes a second.
const SLOWEST_DISK: u64 = 10_000_000;

/// How long to wait for an answer before which the other end has to read the whole file, or to write it out to its disk.
fn patience_for(size: u64, patience: Duration) -> Duration {
    patience.saturating_add(Duration::from_secs(size / SLOWEST_DISK))
}

/// How a transfer gets on, told while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// The two ends agree, and the file begins.
    Started {
        /// Its name.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
        /// Where it goes on: the bytes that came in an earlier try.
        from: u64,
    },
    /// This many bytes more have moved.
    Moved(usize),
}

/// A file that went over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transferred {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// How many of them had come in an earlier try.
    pub from: u64,
    /// Its SHA-256, which both ends found.
    pub digest: Digest,
}
