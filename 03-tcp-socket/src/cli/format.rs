//! Bytes on their way out and on their way in, made over for people.

use std::io::{self, Write};

/// Ends each line with CR LF, as HTTP, SMTP and FTP want it, where the terminal gives only LF. `previous` is the byte
/// before these, kept from piece to piece: what ends with CR LF already stays as it is.
pub(super) fn with_crlf(bytes: &[u8], previous: &mut u8) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() + 16);
    for &byte in bytes {
        if byte == b'\n' && *previous != b'\r' {
            text.push(b'\r');
        }
        text.push(byte);
        *previous = byte;
    }
    text
}

/// Prints `bytes` sixteen a row: their place in the stream, in hexadecimal, and as text where they are text.
pub(super) fn hex_dump(output: &mut impl Write, bytes: &[u8], place: usize) -> io::Result<()> {
    for (row, bytes) in bytes.chunks(16).enumerate() {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
        let printable = |&byte: &u8| {
            if matches!(byte, b' '..=b'~') {
                char::from(byte)
            } else {
                '.'
            }
        };
        let text: String = bytes.iter().map(printable).collect();
        writeln!(output, "{:08x}  {hex:48} |{text}|", place + 16 * row)?;
    }
    Ok(())
}
