//! The frame that almost every publisher sends, read where it lies.
//!
//! A SEND without escapes, carriage returns, receipt or transaction needs no memory of its own: its headers and its body
//! are looked at in the buffer into which they were read. Whatever is a little different is left to the
//! [`Decoder`](super::Decoder), which knows all the rules; so nothing here has to say what is wrong with a frame.

use std::str;

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
        let mut rest = octets.strip_prefix(COMMAND)?;
        let (mut destination, mut length) = (None, None);
        let (mut users, mut users_count) = ([&[] as &[u8]; MOST_HEADERS], 0);
        for count in 0..=MOST_HEADERS.min(limits.headers) {
            let end = memchr::memchr(b'\n', &rest[..rest.len().min(limits.head_bytes)])?;
            let line;
            (line, rest) = (&rest[..=end], &rest[end + 1..]);
            if end == 0 {
                let body_at = octets.len() - rest.len();
                let body_length = body_length(rest, length, limits)?;
                return Some(Self {
                    destination: destination?,
                    users,
                    users_count,
                    body: &rest[..body_length],
                    length: body_at + body_length + 1,
                })
                .filter(|_| body_at <= limits.head_bytes);
            }
            if count == MOST_HEADERS.min(limits.headers) {
                return None;
            }
            match header(&line[..end])? {
                ("destination", value) => destination = destination.or(Some(value)),
                ("content-length", digits) => length = length.or(Some(digits)),
                ("receipt" | "transaction" | "reply-to", _) => return None,
                ("subscription" | "message-id" | "ack" | "redelivered", _) => {}
                _ => {
                    users[users_count] = line;
                    users_count += 1;
                }
            }
        }
        None
    }
}

/// A header that reads the same in all versions.
fn header(line: &[u8]) -> Option<(&str, &str)> {
    let line = str::from_utf8(line).ok()?;
    let (name, value) = line.split_at(memchr::memchr(b':', line.as_bytes())?);
    let value = &value[1..];
    let is_odd = memchr::memchr3(b'\\', b'\r', 0, line.as_bytes()).is_some()
        || memchr::memchr(b':', value.as_bytes()).is_some();
    (!name.is_empty() && !is_odd).then_some((name, value))
}

/// Where the body ends, if it has all come.
fn body_length(rest: &[u8], promised: Option<&str>, limits: &Limits) -> Option<usize> {
    let length = match promised {
        Some(digits) if digits.bytes().all(|octet| octet.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
        None => memchr::memchr(0, rest)?,
    };
    (length <= limits.body_bytes && rest.get(length) == Some(&0)).then_some(length)
}
