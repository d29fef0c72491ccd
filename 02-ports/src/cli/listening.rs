//! Prints who listens on this machine.

use std::io::{self, Write};
use std::net::IpAddr;

use ports::reach::behind;
use ports::socket_table::{self, Entry};
use ports::{Port, Reach, Registry};
use serde::Serialize;

use super::{BOLD, Stop, failed, write_json};

#[derive(Serialize)]
struct Facts<'a> {
    protocol: &'static str,
    address: String,
    port: u16,
    service: Option<&'a str>,
    process: Option<&'a str>,
    process_id: Option<u32>,
    reach: String,
    open_to_others: bool,
    /// Where a wildcard is reached, as far as the system tells this machine's addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reached_on: Vec<IpAddr>,
}

/// Only the sockets on `ports`, or all if there is none.
pub(super) fn run(ports: &[Port], registry: &Registry, json: bool, out: &mut impl Write) -> Result<(), Stop> {
    let entries = socket_table::listening().map_err(|error| failed(&error.to_string()))?;
    let wanted = |entry: &&Entry| ports.is_empty() || ports.contains(&entry.local.port().into());
    let here = addresses_of_this_machine();
    let facts: Vec<Facts<'_>> = entries
        .iter()
        .filter(wanted)
        .map(|entry| facts(entry, registry, &here))
        .collect();
    if json {
        return Ok(facts.iter().try_for_each(|facts| write_json(facts, out))?);
    }
    if facts.is_empty() {
        writeln!(out, "nobody listens")?;
        return Ok(());
    }
    writeln!(
        out,
        "{BOLD}{:<5}  {:<24}  {:<14}  {:<22}  reached from{BOLD:#}",
        "", "address", "usual service", "process"
    )?;
    for facts in &facts {
        let process = match (facts.process, facts.process_id) {
            (Some(name), Some(id)) => format!("{name} ({id})"),
            _ => "not told".to_owned(),
        };
        let service = facts.service.unwrap_or("-");
        let (protocol, address, reach) = (facts.protocol, &facts.address, &facts.reach);
        writeln!(
            out,
            "{protocol:<5}  {address:<24}  {service:<14}  {process:<22}  {reach}"
        )?;
    }
    if facts.iter().any(|facts| facts.process.is_none()) {
        writeln!(
            out,
            "not told: a process of another user, or in another container"
        )?;
    }
    for wildcard in [IpAddr::from([0; 4]), IpAddr::from([0; 16])] {
        let is_used = |entry: &Entry| wanted(&entry) && entry.local.ip() == wildcard;
        if entries.iter().any(is_used) {
            explain_wildcard(wildcard, &here, out)?;
        }
    }
    Ok(())
}

/// `0.0.0.0` is no place where anybody could call. These are.
fn explain_wildcard(wildcard: IpAddr, here: &[IpAddr], out: &mut impl Write) -> io::Result<()> {
    let only = match wildcard {
        IpAddr::V4(_) => "",
        IpAddr::V6(_) => " (of these, IPv4 only if its program left IPV6_V6ONLY unset)",
    };
    writeln!(out, "{wildcard} is, on this machine{only}:")?;
    for address in behind(wildcard, here) {
        writeln!(out, "  {address:<24}  reached from {}", Reach::of(address))?;
    }
    Ok(())
}

/// None if the system does not tell.
fn addresses_of_this_machine() -> Vec<IpAddr> {
    let interfaces = ip::machine::interfaces().unwrap_or_default();
    let in_use = interfaces.iter().filter(|interface| interface.is_up);
    in_use
        .flat_map(|interface| interface.nets.iter().map(ip::IpNet::addr))
        .collect()
}

fn facts<'a>(entry: &'a Entry, registry: &'a Registry, here: &[IpAddr]) -> Facts<'a> {
    let reach = Reach::of(entry.local.ip());
    Facts {
        protocol: entry.protocol.name(),
        address: entry.local.to_string(),
        port: entry.local.port(),
        service: registry
            .by_port(entry.local.port())
            .find(|service| service.protocols.contains(&entry.protocol))
            .map(|service| service.name.as_str()),
        process: entry.process.as_ref().map(|process| process.name.as_str()),
        process_id: entry.process.as_ref().map(|process| process.id),
        reach: reach.to_string(),
        open_to_others: reach.is_open_to_others(),
        reached_on: match reach {
            Reach::EveryAddress => behind(entry.local.ip(), here),
            _ => Vec::new(),
        },
    }
}
