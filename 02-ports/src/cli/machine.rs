//! Prints what this machine does with its ports.

use std::io::{self, Write};
use std::ops::RangeInclusive;

use ports::{Machine, PortRange};
use serde::Serialize;

use super::{BOLD, write_json};

#[derive(Serialize)]
struct Facts<'a> {
    ephemeral_first: Option<u16>,
    ephemeral_last: Option<u16>,
    first_unprivileged: Option<u16>,
    reserved: Vec<[u16; 2]>,
    source: &'a str,
}

pub(super) fn run(json: bool, out: &mut impl Write) -> io::Result<()> {
    let machine = Machine::ask();
    if json {
        return write_json(&facts(&machine), out);
    }
    let unknown = || "this system does not tell".to_owned();
    let dynamic = text(&PortRange::Dynamic.ports());
    writeln!(out, "{BOLD}The ports of this machine{BOLD:#}")?;
    let lent = machine.ephemeral.as_ref().map_or_else(unknown, text);
    writeln!(
        out,
        "  lent to clients  {lent} (RFC 6335 means {dynamic} for this)"
    )?;
    let guarded = match machine.first_unprivileged {
        Some(0) => "none: every user may listen on every port".to_owned(),
        Some(first) => format!("below {first}: listening there needs a privilege"),
        None => unknown(),
    };
    writeln!(out, "  guarded          {guarded}")?;
    let kept: Vec<String> = machine.reserved.iter().map(text).collect();
    let kept = if kept.is_empty() {
        "none".to_owned()
    } else {
        kept.join(", ")
    };
    writeln!(out, "  kept back        {kept}")?;
    writeln!(out, "  said by          {}", machine.source)
}

fn text(range: &RangeInclusive<u16>) -> String {
    let (first, last) = (range.start(), range.end());
    if first == last {
        first.to_string()
    } else {
        format!("{first} to {last}")
    }
}

fn facts(machine: &Machine) -> Facts<'_> {
    Facts {
        ephemeral_first: machine.ephemeral.as_ref().map(|range| *range.start()),
        ephemeral_last: machine.ephemeral.as_ref().map(|range| *range.end()),
        first_unprivileged: machine.first_unprivileged,
        reserved: machine
            .reserved
            .iter()
            .map(|range| [*range.start(), *range.end()])
            .collect(),
        source: machine.source,
    }
}
