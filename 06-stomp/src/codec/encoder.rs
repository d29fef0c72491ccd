//! From a frame to octets.

use crate::escape::escape_into;
use crate::{Command, Frame, Version};

/// Why a frame cannot be written in a version of STOMP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The header holds an octet that would end it, and the version has no escape for that octet.
    #[error(
        "the header {name:?} holds {octet:?}, which a {command} frame of STOMP {version} cannot say: leave it out"
    )]
    NoEscape {
        /// The name of the header.
        name: String,
        /// The octet in the way.
        octet: char,
        /// The frame's command.
        command: Command,
        /// The version to write.
        version: Version,
    },
    /// A header has no name.
    #[error("a header with the value {value:?} has no name: every header is name:value")]
    NoName {
        /// Its value.
        value: String,
    },
    /// The frame has a body, and its command allows none.
    #[error("a {command} frame has no body: only SEND, MESSAGE and ERROR carry one")]
    NoBodyAllowed {
        /// The frame's command.
        command: Command,
    },
}

/// Appends the octets of `frame` to `out`, by the rules of `version`.
///
/// `content-length` is written for every body (STOMP 1.2: SHOULD; MUST if the body holds the octet 0).
/// If it fails, `out` is as before.
///
/// # Errors
///
/// [`EncodeError`] if the version has no way to say a header, or the command none to carry a body.
pub fn encode(frame: &Frame, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if !frame.body.is_empty() && !frame.command.may_have_body() {
        return Err(EncodeError::NoBodyAllowed {
            command: frame.command,
        });
    }
    let before = out.len();
    out.extend_from_slice(frame.command.name().as_bytes());
    out.push(b'\n');
    for (name, value) in frame.headers.iter().filter(|(name, _)| *name != "content-length") {
        if let Err(error) = encode_header(frame.command, name, value, version, out) {
            out.truncate(before);
            return Err(error);
        }
    }
    encode_body(&frame.body, out);
    Ok(())
}

/// Appends one header line.
pub(crate) fn encode_header(
    command: Command,
    name: &str,
    value: &str,
    version: Version,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if name.is_empty() {
        let value = value.to_owned();
        return Err(EncodeError::NoName { value });
    }
    // Before a version is agreed on, the rules are those of 1.0, and the reader may strip a CR.
    let rules = if command.has_escapes() {
        version
    } else {
        Version::V1_0
    };
    let escaped = rules > Version::V1_0;
    let in_the_way = |octet: &char| match octet {
        '\0' => true,
        '\n' => !escaped,
        '\r' => !command.has_escapes(),
        _ => false,
    };
    let octet = name
        .chars()
        .find(|octet| in_the_way(octet) || (*octet == ':' && !escaped));
    if let Some(octet) = octet.or_else(|| value.chars().find(in_the_way)) {
        return Err(EncodeError::NoEscape {
            name: name.to_owned(),
            octet,
            command,
            version,
        });
    }
    escape_into(name, rules, out);
    out.push(b':');
    escape_into(value, rules, out);
    out.push(b'\n');
    Ok(())
}

/// Appends everything from the last header on: `content-length`, the blank line, the body, the octet 0.
pub(crate) fn encode_body(body: &[u8], out: &mut Vec<u8>) {
    if !body.is_empty() {
        out.extend_from_slice(b"content-length:");
        encode_number(body.len() as u64, out);
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(body);
    out.push(0);
}

/// Appends the digits of a number. Every MESSAGE has two, and the machinery behind `write!` would show.
pub(crate) fn encode_number(mut number: u64, out: &mut Vec<u8>) {
    // The longest has twenty.
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b"0123456789"[usize::try_from(number % 10).unwrap_or_default()];
        number /= 10;
        if number == 0 {
            return out.extend_from_slice(&digits[start..]);
        }
    }
}
