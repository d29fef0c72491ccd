//! `06-stomp explain`: frames from hex digits, a file or standard input, drawn.

use std::fs;
use std::io::{self, IsTerminal, Read, Write};

use serde_json::{Value, json};
use stomp::Version;
use stomp::figure::{Field, FrameFigure, Part};

use super::error::CliError;

pub(super) fn run(frames: &[String], version: Version, as_json: bool) -> Result<(), CliError> {
    let octets = read(frames)?;
    let figures = FrameFigure::read(&octets, version);
    let mut out = anstream::stdout().lock();
    for (index, figure) in figures.iter().enumerate() {
        if as_json {
            writeln!(out, "{}", facts(figure))?;
        } else {
            let between = if index == 0 { "" } else { "\n" };
            write!(out, "{between}{figure}")?;
        }
    }
    match figures.iter().find_map(FrameFigure::flaw) {
        Some(flaw) => Err(CliError::BadInput(format!(
            "byte {}: {} ({})",
            flaw.at, flaw.what, flaw.rule
        ))),
        None if octets.is_empty() => Err(CliError::BadInput(
            "there is no frame: give hex digits, a file, or text on standard input".to_owned(),
        )),
        None => Ok(()),
    }
}

fn read(frames: &[String]) -> Result<Vec<u8>, CliError> {
    let text = frames.join(" ");
    if let Some(octets) = from_hex(text.as_bytes()) {
        return Ok(octets);
    }
    let read = match frames {
        [dash] if dash == "-" => from_standard_input(),
        _ => fs::read(&text),
    };
    let octets = read.map_err(|error| {
        CliError::BadInput(format!(
            "{text:?} is neither hex digits (two a byte, as in 53 45) nor a file that can be read: {error}"
        ))
    })?;
    Ok(from_hex(&octets).unwrap_or_else(|| with_zeros(octets)))
}

fn from_standard_input() -> io::Result<Vec<u8>> {
    if io::stdin().is_terminal() {
        anstream::eprintln!(
            "type a frame, with ^@ (two characters) at its end, then Ctrl-D on a line of its own"
        );
    }
    let mut octets = Vec::new();
    io::stdin().read_to_end(&mut octets)?;
    Ok(octets)
}

/// An editor cannot type the octet 0, so a text without one may write `^@`, as the specifications do. The end of line that
/// an editor puts behind the last one is no part of it.
fn with_zeros(octets: Vec<u8>) -> Vec<u8> {
    if octets.contains(&0) {
        return octets;
    }
    let pieces: Vec<&[u8]> = split(&octets, b"^@").collect();
    pieces.join(&0)
}

fn split<'o>(octets: &'o [u8], mark: &'o [u8]) -> impl Iterator<Item = &'o [u8]> {
    let mut rest = Some(octets);
    std::iter::from_fn(move || {
        let octets = rest?;
        let found = octets.windows(mark.len()).position(|window| window == mark);
        rest = found.map(|at| &octets[at + mark.len()..]);
        Some(&octets[..found.unwrap_or(octets.len())])
    })
}

/// Bytes from hex digits, two a byte, with white space between them or not; `None` if there is anything else.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .iter()
        .copied()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let octet = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    pairs
        .iter()
        .map(octet)
        .collect::<Option<Vec<u8>>>()
        .filter(|octets| !octets.is_empty())
}

fn facts(figure: &FrameFigure) -> Value {
    let frame = figure.frame();
    let body = frame.map(|frame| super::publish::body_facts(&frame.body));
    let flaw = figure.flaw();
    json!({
        "at": figure.place().start,
        "bytes": figure.place().len(),
        "command": frame.map(|frame| frame.command.name()),
        "body": body.as_ref().and_then(|body| body.text),
        "body_hex": body.as_ref().and_then(|body| body.hex.as_ref()),
        "parts": figure.parts().iter().map(part_facts).collect::<Vec<_>>(),
        "flaw": flaw.map(|flaw| json!({"at": flaw.at, "what": flaw.what, "rule": flaw.rule})),
    })
}

fn part_facts(part: &Part) -> Value {
    let mut facts = json!({"at": part.place.start, "bytes": part.place.len()});
    facts["field"] = match &part.field {
        Field::Between => "between",
        Field::Command(_) => "command",
        Field::Header { .. } => "header",
        Field::BlankLine => "blank-line",
        Field::Body => "body",
        Field::End => "end",
        Field::Unread => "unread",
    }
    .into();
    if let Field::Header { name, value, counts } = &part.field {
        facts["name"] = name.as_str().into();
        facts["value"] = value.as_str().into();
        facts["counts"] = (*counts).into();
    }
    facts
}
