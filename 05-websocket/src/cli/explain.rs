//! `explain`: frames from hex digits or a file.

use std::fs;
use std::io::{self, Read, Write};

use serde_json::{Value, json};
use websocket::figure::{FrameCutter, FrameFigure, hex};

use super::failure::Failure;

pub(super) fn run(frames: &[String], as_json: bool) -> Result<(), Failure> {
    let bytes = read(frames)?;
    let mut cutter = FrameCutter::default();
    let mut out = io::stdout().lock();
    for (index, figure) in cutter.push(&bytes).iter().enumerate() {
        if as_json {
            writeln!(out, "{}", facts(figure))?;
        } else {
            let between = if index == 0 { "" } else { "\n" };
            write!(out, "{between}{figure}")?;
        }
    }
    match (cutter.left_over(), cutter.missing()) {
        (0, 0) => Ok(()),
        (0, missing) => Err(Failure::BadInput(format!(
            "the frame is cut off: its payload lacks {}",
            bytes_of(missing)
        ))),
        (left_over, _) => Err(Failure::BadInput(format!(
            "the input ends with {} of a frame whose rest is missing",
            bytes_of(left_over as u64)
        ))),
    }
}

fn bytes_of(count: u64) -> String {
    match count {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

fn read(frames: &[String]) -> Result<Vec<u8>, Failure> {
    let unreadable = |name: &str, error| Failure::BadInput(format!("cannot read {name}: {error}"));
    match frames {
        [dash] if dash == "-" => {
            let mut bytes = Vec::new();
            io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|error| unreadable("standard input", error))?;
            Ok(from_hex(&bytes).unwrap_or(bytes))
        }
        [one] if from_hex(one.as_bytes()).is_none() => {
            let bytes = fs::read(one).map_err(|error| {
                Failure::BadInput(format!(
                    "{one:?} is neither hex digits (two a byte, as in 81 05) nor a file that can be read: {error}"
                ))
            })?;
            Ok(from_hex(&bytes).unwrap_or(bytes))
        }
        many => {
            let text = many.join(" ");
            from_hex(text.as_bytes()).ok_or_else(|| {
                Failure::BadInput(format!(
                    "{text:?} is not hex: write two digits a byte, as in 81 05"
                ))
            })
        }
    }
}

/// Bytes from hex digits, with any white space, commas and `0x` between them; `None` if there is anything else.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(text).ok()?.replace("0x", " ").replace(',', " ");
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        let (pairs, []) = word.as_bytes().as_chunks::<2>() else {
            return None;
        };
        for pair in pairs {
            bytes.push(u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

fn facts(figure: &FrameFigure) -> Value {
    let header = figure.header();
    let violation = figure.violation();
    json!({
        "fin": header.fin,
        "rsv": header.reserved,
        "opcode": header.opcode.bits(),
        "name": header.opcode.to_string(),
        "masking_key": header.mask.map(|key| hex(&key)),
        "header_bytes": figure.header_size(),
        "payload_bytes": header.length,
        "payload_start": hex(figure.payload()),
        "violation": violation.as_ref().map(ToString::to_string),
        "section": violation.as_ref().map(|violation| violation.section()),
        "close_code": violation.as_ref().map(|violation| violation.close_code().0),
    })
}
