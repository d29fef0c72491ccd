//! The frame that almost every publisher sends, read where it lies.
//!
//! A SEND without escapes, carriage returns, receipt or transaction needs no memory of its own: its headers and its body
//! are looked at in the buffer into which they were read. Whatever is a little different is left to the
//! [`Decoder`](super::Decoder), which knows all the rules; so nothing here has to say what is wrong with a frame.

use std::str;

use memchr::{memchr, memchr3};

use crate::Limits;

const COMMAND: &[u8] = b"SEND\n";

/// More headers than this are nothing plain.
const MOST_HEADERS: usize = 16;

/// A SEND that means what it says: no header needs to be changed on its way into a MESSAGE of any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainSend<'a> {
    /// Where to.
    pub destination: &'a str,
    /// The user's own headers as they stand in the frame, each with its end of line.
    users: [&'a [u8]; MOST_HEADERS],
    users_count: usize,
    /// The body.
    pub body: &'a [u8],
    /// How long the frame is on the wire, in bytes.
    pub length: usize,
}

impl<'a> PlainSend<'a> {
    /// The user's own headers as they stand in the frame, each with its end of line.
    #[must_use]
    pub fn users(&self) -> &[&'a [u8]] {
        &self.users[..self.users_count]
    }

    /// The plain SEND at the start of `octets`. `None` if it is not whole, not plain, or against a rule.
    #[must_use]
    pub fn at_start(octets: &'a [u8], limits: &Limits) -> Option<Self> {
        octets.strip_prefix(COMMAND)?;
        let (mut destination, mut length) = (None, None);
        let (mut users, mut users_count) = ([&[] as &[u8]; MOST_HEADERS], 0);
        let mut at = COMMAND.len();
        for count in 0.. {
            let line = &octets[at..];
            let line = &line[..=memchr(b'\n', &line[..line.len().min(limits.head_bytes)])?];
            at += line.len();
            if line == b"\n" {
                break;
            }
            if count == MOST_HEADERS.min(limits.headers) {
                return None;
            }
            match header(line)? {
                (b"destination", value) => destination = destination.or(Some(value)),
                (b"content-length", digits) => length = length.or(Some(digits)),
                (b"receipt" | b"transaction" | b"reply-to", _) => return None,
                (b"subscription" | b"message-id" | b"ack" | b"redelivered", _) => {}
                _ => {
                    users[users_count] = line;
                    users_count += 1;
                }
            }
        }
        let (head, rest) = octets.split_at(at);
        let is_plain = memchr3(b'\\', b'\r', 0, head).is_none() && str::from_utf8(head).is_ok();
        if head.len() > limits.head_bytes || !is_plain {
            return None;
        }
        let body = &rest[..body_length(rest, length, limits)?];
        Some(Self {
            destination: str::from_utf8(destination?).ok()?,
            users,
            users_count,
            body,
            length: head.len() + body.len() + 1,
        })
    }
}

/// Name and value, if they read the same in all versions.
fn header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, value) = line.split_at(memchr(b':', line)?);
    let value = value[1..].strip_suffix(b"\n")?;
    let is_plain = !name.is_empty() && memchr(b':', value).is_none();
    is_plain.then_some((name, value))
}

/// Where the body ends, if it has all come.
fn body_length(rest: &[u8], promised: Option<&[u8]>, limits: &Limits) -> Option<usize> {
    let length = match promised {
        Some(digits) if digits.iter().all(u8::is_ascii_digit) => str::from_utf8(digits).ok()?.parse().ok()?,
        Some(_) => return None,
        None => memchr(0, rest)?,
    };
    (length <= limits.body_bytes && rest.get(length) == Some(&0)).then_some(length)
}
