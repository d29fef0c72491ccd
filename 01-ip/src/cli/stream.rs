//! `01-ip -`: a line in, a line out, for files of millions of addresses.

use std::io::{self, BufRead, BufWriter, Write};

use ip::{Subject, SubjectError, classify};

use super::what::Found;
use super::{Failure, json};

/// Tells each line of standard input. A bad line is reported with its number and the rest goes on.
pub(crate) fn run(as_json: bool) -> Result<(), Failure> {
    // No colour here, so nothing has to look for colour in what passes.
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let mut json = json::Stream::default();
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    let mut any_bad = false;
    for number in 1_u64.. {
        line.clear();
        let length = input.read_until(b'\n', &mut line);
        if length.map_err(|error| Failure::Failed(format!("cannot read standard input: {error}")))? == 0 {
            break;
        }
        match read(line.trim_ascii()) {
            Ok(Some(found)) if as_json => json.write(&mut out, &found)?,
            Ok(Some(found)) => write_line(&mut out, &found)?,
            Ok(None) => {}
            Err(problem) => {
                any_bad = true;
                out.flush()?;
                anstream::eprintln!("error: line {number}: {problem}");
            }
        }
    }
    out.flush()?;
    if any_bad { Err(Failure::Told) } else { Ok(()) }
}

/// Address, class, block, name and RFC, with tabs between them.
fn write_line(out: &mut impl Write, found: &Found<'_>) -> io::Result<()> {
    let kind = classify(found.address);
    match found.net {
        Some(net) => write!(out, "{net}")?,
        None => write!(out, "{}", found.address)?,
    }
    write!(out, "\t{}\t", kind.class().word())?;
    match kind.block {
        Some(block) => write!(out, "{}", block.net)?,
        None => write!(out, "-")?,
    }
    writeln!(out, "\t{} ({})", kind.name(), kind.rfc())
}

fn read(line: &[u8]) -> Result<Option<Found<'_>>, String> {
    let input = std::str::from_utf8(line).map_err(|_| "this is not UTF-8 text".to_owned())?;
    if input.is_empty() {
        return Ok(None);
    }
    let (address, zone, net) = match input.parse().map_err(|error: SubjectError| error.to_string())? {
        Subject::Address { address, zone } => (address, zone, None),
        Subject::Subnet { net, zone } => (net.addr(), zone, Some(net)),
        Subject::Name(name) => {
            return Err(format!(
                "{name:?} is a name, and only addresses are read from standard input"
            ));
        }
    };
    Ok(Some(Found {
        input,
        address,
        zone,
        net,
    }))
}
