//! Escapes: how a header carries the octets that would end it.
//!
//! A header ends at the line feed, and its name at the first colon. From STOMP 1.1 on a name or value
//! that holds one of these writes it as a backslash and a letter ("Value Encoding" in 1.1 and 1.2):
//!
//! | octet | 1.0 | 1.1 | 1.2 |
//! | --- | --- | --- | --- |
//! | `\` | as it is | `\\` | `\\` |
//! | line feed | cannot be said | `\n` | `\n` |
//! | `:` | as it is, in values | `\c` | `\c` |
//! | carriage return | as it is | as it is | `\r` |
//!
//! Any other letter after a backslash is a fatal error, and so is a backslash at the end.

use std::borrow::Cow;

use crate::Version;

/// The escape for `octet`, if this version has one for it.
fn letter(octet: u8, version: Version) -> Option<u8> {
    match octet {
        _ if version == Version::V1_0 => None,
        b'\\' => Some(b'\\'),
        b'\n' => Some(b'n'),
        b':' => Some(b'c'),
        b'\r' if version >= Version::V1_2 => Some(b'r'),
        _ => None,
    }
}

/// The octet that a backslash and `letter` mean, if this version knows that escape.
fn octet(letter: u8, version: Version) -> Option<char> {
    match letter {
        _ if version == Version::V1_0 => None,
        b'\\' => Some('\\'),
        b'n' => Some('\n'),
        b'c' => Some(':'),
        b'r' if version >= Version::V1_2 => Some('\r'),
        _ => None,
    }
}

/// Appends `text` to `out` with everything escaped that this version has an escape for.
pub fn escape_into(text: &str, version: Version, out: &mut Vec<u8>) {
    for &octet in text.as_bytes() {
        match letter(octet, version) {
            Some(letter) => out.extend([b'\\', letter]),
            None => out.push(octet),
        }
    }
}

/// A backslash that is followed by something that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the escape {escape:?} does not exist in STOMP {version}: write a backslash as two backslashes")]
pub struct BadEscape {
    /// The backslash and what follows it.
    pub escape: String,
    /// The version whose rules apply.
    pub version: Version,
}

/// Undoes the escapes of `text`, from left to right in one pass.
///
/// One pass matters: replacing `\n` everywhere, then `\\` everywhere, misreads `\\n`, which is
/// a backslash and the letter n.
///
/// # Errors
///
/// [`BadEscape`] names the sequence that this version does not know.
pub fn unescape(text: &str, version: Version) -> Result<Cow<'_, str>, BadEscape> {
    // Most headers have no escape, and are used as they stand. STOMP 1.0 has none at all.
    let Some(first) = text.find('\\').filter(|_| version > Version::V1_0) else {
        return Ok(Cow::Borrowed(text));
    };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('\\') {
        let escaped = after.bytes().next().and_then(|letter| octet(letter, version));
        let Some(escaped) = escaped else {
            let escape = rest.chars().take(2).collect();
            return Err(BadEscape { escape, version });
        };
        plain.push(escaped);
        let after = &after[1..];
        let next = after.find('\\').unwrap_or(after.len());
        plain.push_str(&after[..next]);
        rest = &after[next..];
    }
    Ok(Cow::Owned(plain))
}
