//! The same port twice, and who is in the way.

use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use ports::cause::{Cause, causes};
use ports::conflict::{Options, bind, bind_datagram, trials};
use ports::{Machine, Protocol, socket_table};
use serde::Serialize;

use super::{BOLD, Stop, bad_input, failed, write_json};

#[derive(Serialize)]
struct TrialFacts {
    first: String,
    then: String,
    allowed: bool,
    system_said: String,
}

/// Tries every way of asking for one port twice.
pub(super) fn demonstrate(json: bool, out: &mut impl Write) -> Result<(), Stop> {
    let trials = trials().map_err(|error| failed(&format!("cannot listen on loopback: {error}")))?;
    let facts = trials.into_iter().map(|trial| TrialFacts {
        first: trial.first,
        then: trial.then,
        allowed: trial.outcome.is_ok(),
        system_said: trial
            .outcome
            .map_or_else(|error| error.to_string(), |()| "ok".to_owned()),
    });
    if json {
        return Ok(facts.into_iter().try_for_each(|facts| write_json(&facts, out))?);
    }
    writeln!(
        out,
        "{BOLD}{:<27}  {:<39}  the system said{BOLD:#}",
        "one port: somebody", "and then"
    )?;
    for facts in facts {
        writeln!(
            out,
            "{:<27}  {:<39}  {}",
            facts.first, facts.then, facts.system_said
        )?;
    }
    writeln!(out)?;
    name_the_cause(out)?;
    writeln!(
        out,
        "Next: 02-ports conflict 127.0.0.1:8080 tells whether that port can be had, and who has it."
    )?;
    Ok(())
}

/// The first line of the table once more, with the reason that the system keeps to itself.
fn name_the_cause(out: &mut impl Write) -> io::Result<()> {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = server.local_addr()?;
    if let Err(error) = bind(address, Options::default()) {
        writeln!(out, "{BOLD}bind {address}{BOLD:#}  {error}")?;
        for cause in causes_of(Protocol::Tcp, address) {
            writeln!(out, "  because {cause}")?;
        }
    }
    Ok(())
}

fn causes_of(protocol: Protocol, address: SocketAddr) -> Vec<Cause> {
    // Without the table there is no cause to name, and the system's own words have to do.
    let table = socket_table::read().unwrap_or_default();
    causes(protocol, address, &table)
}

#[derive(Serialize)]
struct PlaceFacts {
    address: String,
    protocol: &'static str,
    free: bool,
    system_said: String,
    causes: Vec<String>,
}

/// Whether `place` can be had: `127.0.0.1:8080`, or `8080` for every address; `8080/udp` asks for UDP.
pub(super) fn ask(place: &str, json: bool, out: &mut impl Write) -> Result<(), Stop> {
    let (address, protocol) = read(place).ok_or_else(|| {
        bad_input(&format!(
            "{place:?} is no address of this machine with a port: write PORT, 127.0.0.1:PORT or [::1]:PORT, and /udp \
             behind it for UDP"
        ))
    })?;
    let outcome = match protocol {
        Protocol::Udp => bind_datagram(address, Options::default()),
        _ => bind(address, Options::default()),
    };
    let facts = PlaceFacts {
        address: address.to_string(),
        protocol: protocol.name(),
        free: outcome.is_ok(),
        system_said: outcome
            .as_ref()
            .map_or_else(io::Error::to_string, |_| "ok".to_owned()),
        causes: outcome
            .as_ref()
            .err()
            .map_or_else(Vec::new, |error| reasons(protocol, address, error)),
    };
    if json {
        write_json(&facts, out)?;
    } else {
        let verdict = if facts.free {
            "can be had"
        } else {
            &facts.system_said
        };
        let udp = if protocol == Protocol::Udp { "/udp" } else { "" };
        writeln!(out, "{BOLD}{address}{udp}{BOLD:#}  {verdict}")?;
        for cause in &facts.causes {
            writeln!(out, "  because {cause}")?;
        }
    }
    if facts.free { Ok(()) } else { Err(Stop::Failed) }
}

fn read(place: &str) -> Option<(SocketAddr, Protocol)> {
    let (place, protocol) = match place.rsplit_once('/') {
        Some((place, "udp")) => (place, Protocol::Udp),
        Some((place, "tcp")) => (place, Protocol::Tcp),
        _ => (place, Protocol::Tcp),
    };
    let address = match place.parse() {
        Ok(port) => (Ipv4Addr::UNSPECIFIED, port).into(),
        Err(_) => place.parse().ok()?,
    };
    Some((address, protocol))
}

fn reasons(protocol: Protocol, address: SocketAddr, error: &io::Error) -> Vec<String> {
    match error.kind() {
        ErrorKind::AddrInUse => causes_of(protocol, address)
            .iter()
            .map(Cause::to_string)
            .collect(),
        ErrorKind::AddrNotAvailable => vec![format!("{} is no address of this machine", address.ip())],
        ErrorKind::PermissionDenied if Machine::ask().guards(address.port()) => {
            vec!["listening on a system port needs a privilege here (02-ports machine)".to_owned()]
        }
        _ => Vec::new(),
    }
}
