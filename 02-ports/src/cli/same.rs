//! Are two spellings the same place?

use std::io::Write;

use ports::Endpoint;
use serde::Serialize;

use super::{Stop, bad_input, write_json};

#[derive(Serialize)]
struct Answer {
    same: bool,
    one: String,
    other: String,
}

pub(super) fn run(one: &str, other: &str, json: bool, out: &mut impl Write) -> Result<(), Stop> {
    let read = |text: &str| {
        text.parse::<Endpoint>()
            .map_err(|error| bad_input(&error.to_string()))
    };
    let (one, other) = (read(one)?, read(other)?);
    let answer = Answer {
        same: one.is_same_place(&other),
        one: one.authority(),
        other: other.authority(),
    };
    if json {
        write_json(&answer, out)?;
    } else if answer.same {
        writeln!(out, "yes: both lead to {}", answer.one)?;
    } else {
        writeln!(
            out,
            "no: one leads to {}, the other to {}",
            answer.one, answer.other
        )?;
    }
    if answer.same { Ok(()) } else { Err(Stop::Failed) }
}
