//! Scans the ports of one machine, politely.

use std::collections::HashSet;
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ports::scan::{Plan, Verdict, may_be_scanned, scan};
use ports::{Registry, descriptors, port_list};
use serde::Serialize;

use super::{BOLD, Stop, bad_input, failed, write_json};

/// Windows knocks three times at a closed port before it believes the answer, and takes two seconds over it.
const PATIENCE_MS: u64 = if cfg!(windows) { 3000 } else { 500 };

/// Whom to scan, and how gently.
#[derive(Debug, Args)]
pub(super) struct Wish {
    /// A machine: an address or a name, of this machine or of a private network
    host: String,

    /// Ports, ranges and services, as in ssh,80,8000-8100 [default: those of all TCP services known here]
    ports: Option<String>,

    /// How long to wait for an answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = PATIENCE_MS)]
    timeout: u64,

    /// How many knocks in a second at most
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,

    /// How many knocks may wait for an answer at once
    #[arg(long, value_name = "COUNT", default_value_t = 64)]
    at_once: usize,

    /// Scan all addresses of the name, of both families, and not the first alone
    #[arg(long)]
    all: bool,

    /// Scan an address that is neither this machine's nor private, because its owner allowed it
    #[arg(long)]
    i_have_permission: bool,
}

#[derive(Serialize)]
struct Facts<'a> {
    address: String,
    port: u16,
    verdict: &'static str,
    service: Option<&'a str>,
}

pub(super) fn run(wish: &Wish, registry: &Registry, json: bool, out: &mut impl Write) -> Result<(), Stop> {
    let addresses = addresses(&wish.host)?;
    let count = if wish.all { addresses.len() } else { 1 };
    let plans = addresses
        .iter()
        .take(count)
        .map(|target| plan(wish, *target, registry));
    for plan in plans.collect::<Result<Vec<Plan>, Stop>>()? {
        scan_one(&plan, registry, json, out)?;
    }
    let others: Vec<String> = addresses
        .iter()
        .skip(count)
        .map(|other| other.ip().to_string())
        .collect();
    if !json && !others.is_empty() {
        writeln!(
            out,
            "{} is also at {}: --all scans that too",
            wish.host,
            others.join(" and ")
        )?;
    }
    Ok(())
}

fn scan_one(plan: &Plan, registry: &Registry, json: bool, out: &mut impl Write) -> Result<(), Stop> {
    let begin = Instant::now();
    let verdicts = knock_with_a_bar(plan)?;
    let took = begin.elapsed();
    if json {
        let facts = |&(port, verdict): &(u16, Verdict)| Facts {
            address: plan.target.ip().to_string(),
            port,
            verdict: verdict.name(),
            service: service(port, registry),
        };
        return Ok(verdicts
            .iter()
            .try_for_each(|found| write_json(&facts(found), out))?);
    }
    let with = |wanted: Verdict| -> Vec<u16> {
        let has = verdicts.iter().filter(|(_, verdict)| *verdict == wanted);
        has.map(|(port, _)| *port).collect()
    };
    let (count, address) = (plan.ports.len(), plan.target.ip());
    writeln!(out, "{BOLD}{address}{BOLD:#}  {count} port(s) in {took:.1?}")?;
    for port in with(Verdict::Open) {
        writeln!(
            out,
            "  open      {port:<5}  {}",
            service(port, registry).unwrap_or("-")
        )?;
    }
    for verdict in [Verdict::Closed, Verdict::Filtered] {
        let ports = with(verdict);
        if !ports.is_empty() {
            writeln!(out, "  {:<8}  {}", verdict.name(), list_or_count(&ports))?;
        }
    }
    Ok(())
}

/// The ports, if they fit on a line.
fn list_or_count(ports: &[u16]) -> String {
    let words = port_list::in_words(ports);
    if words.len() > 80 {
        format!("{} ports (--json lists them)", ports.len())
    } else {
        words
    }
}

fn plan(wish: &Wish, target: SocketAddr, registry: &Registry) -> Result<Plan, Stop> {
    let ports = match &wish.ports {
        Some(text) => port_list::parse(text, registry).map_err(|error| bad_input(&error.to_string()))?,
        None => port_list::usual(registry),
    };
    if !wish.i_have_permission && !may_be_scanned(target.ip()) {
        return Err(bad_input(&format!(
            "{} is neither this machine nor in a private network: scan what is yours, or say --i-have-permission if its \
             owner allowed it",
            target.ip()
        )));
    }
    // Some descriptors are in use already, for the terminal and what the program was started with.
    let spare = descriptors::raise_limit().saturating_sub(64).max(1);
    Ok(Plan {
        target,
        ports,
        timeout: Duration::from_millis(wish.timeout.max(1)),
        at_once: wish.at_once.min(spare),
        per_second: wish.rate,
    })
}

/// The addresses of `host`, at least one; whether they may be scanned is a question about each, never about the name.
fn addresses(host: &str) -> Result<Vec<SocketAddr>, Stop> {
    const PATIENCE: Duration = Duration::from_secs(5);
    // Brackets are for ports; people type them all the same.
    let host = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    host.parse::<ip::Subject>()
        .map_err(|error| bad_input(&error.to_string()))?;
    let mut addresses = ip::resolve(host, 0, PATIENCE).map_err(|error| failed(&error.to_string()))?;
    let mut seen = HashSet::new();
    addresses.retain(|address| seen.insert(*address));
    Ok(addresses)
}

/// Knocks at all ports, with a progress bar on standard error if that is a terminal. Verdicts come back by port.
fn knock_with_a_bar(plan: &Plan) -> Result<Vec<(u16, Verdict)>, Stop> {
    let bar = ProgressBar::new(plan.ports.len() as u64);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:40} {pos}/{len} ports, {per_sec}, {eta} left, {msg}")
    {
        bar.set_style(style);
    }
    let mut verdicts = Vec::with_capacity(plan.ports.len());
    let mut open = 0;
    let result = scan(plan, |port, verdict| {
        open += usize::from(verdict == Verdict::Open);
        bar.set_message(format!("{open} open"));
        bar.inc(1);
        verdicts.push((port, verdict));
    });
    bar.finish_and_clear();
    result.map_err(|error| failed(&error.to_string()))?;
    verdicts.sort_unstable_by_key(|(port, _)| *port);
    Ok(verdicts)
}

fn service(port: u16, registry: &Registry) -> Option<&str> {
    registry
        .by_port(port)
        .find(|service| service.protocols.contains(&ports::Protocol::Tcp))
        .map(|service| service.name.as_str())
}
