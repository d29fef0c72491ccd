//! `01-ip dns`: what stands under a name.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ip::dns::{DnsError, Event, Happening, Question, Record, RecordKind, look_up};
use ip::{Subject, classify};
use serde::Serialize;

use super::Failure;
use super::paint::{FAINT, STRONG};

/// Ask DNS what stands under a name, or which name an address has
///
/// Without a kind, addresses are asked for (A and AAAA), and for an address its name (PTR). The name is taken as it
/// is: no domain is appended. The hosts file is looked at first, unless a server is given.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A name, or an address
    name: Subject,

    /// Kinds of record: A, AAAA, CNAME, PTR, MX, TXT, NS, SOA, SRV
    kinds: Vec<RecordKind>,

    /// Ask this server, and no hosts file: ADDRESS or ADDRESS:PORT
    #[arg(long, value_parser = server)]
    server: Option<SocketAddr>,

    /// Show who was asked, how long it took
    #[arg(long)]
    trace: bool,

    /// How many seconds one question may take, all attempts together
    #[arg(long, default_value_t = 5.0, value_name = "SECONDS", value_parser = seconds)]
    timeout: f64,
}

const EXAMPLES: &str = "\
Examples:
  01-ip dns www.example.com                            addresses, and the chain of names to them
  01-ip dns example.com mx txt                         other kinds
  01-ip dns 192.0.2.1                                  the name of an address
  01-ip dns www.example.com --server 9.9.9.9 --trace   ask this server, and show how it went

Exit code: 0 found, 1 not found (and why: the message tells), 2 bad input.";

pub(super) fn server(text: &str) -> Result<SocketAddr, String> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    match (text.parse(), bare.parse::<IpAddr>()) {
        (Ok(server), _) => Ok(server),
        (_, Ok(address)) => Ok(SocketAddr::new(address, 53)),
        _ => Err("a server is an address, or an address and a port: 127.0.0.1:5353, [::1]:5353".to_owned()),
    }
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.001..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("give seconds from 0.001 to 3600".to_owned()),
    }
}

pub(crate) fn run(out: &mut impl Write, wanted: &Arguments, as_json: bool) -> Result<(), Failure> {
    let mut missing = Vec::new();
    let mut told: Vec<Record> = Vec::new();
    for question in questions(wanted)? {
        let answer = look_up(&question);
        if wanted.trace {
            write_trace(out, &question, &answer.trace, as_json)?;
        }
        match answer.records {
            Ok(mut records) => {
                // The chain to the IPv4 and to the IPv6 address is the same, and told once.
                records.retain(|record| !told.contains(record));
                write_records(out, &records, as_json)?;
                told.extend(records);
            }
            Err(error @ DnsError::NoData { .. }) => missing.push(error),
            Err(error @ DnsError::BadName { .. }) => return Err(Failure::bad_input(error)),
            Err(error) => return Err(Failure::failed(error)),
        }
    }
    // "No AAAA record" is no failure of `01-ip dns NAME` if there is an A record.
    match missing.into_iter().next() {
        Some(error) if told.is_empty() || !wanted.kinds.is_empty() => Err(Failure::failed(error)),
        _ => Ok(()),
    }
}

fn questions(wanted: &Arguments) -> Result<Vec<Question>, Failure> {
    let (server, timeout) = (wanted.server, Duration::from_secs_f64(wanted.timeout));
    let name = match &wanted.name {
        Subject::Name(name) => name.clone(),
        Subject::Address { address, .. } if wanted.kinds.is_empty() => {
            return Ok(vec![Question::about(*address, server, timeout)]);
        }
        Subject::Address { address, .. } => ip::reverse_name(*address),
        Subject::Subnet { .. } => {
            return Err(Failure::BadInput(
                "DNS knows names and addresses, no subnets".to_owned(),
            ));
        }
    };
    let addresses = [RecordKind::A, RecordKind::Aaaa];
    let kinds = if wanted.kinds.is_empty() {
        &addresses[..]
    } else {
        &wanted.kinds
    };
    let question = |&kind: &RecordKind| Question {
        name: name.clone(),
        kind,
        server,
        timeout,
    };
    Ok(kinds.iter().map(question).collect())
}

/// The addresses of both families that `server` knows for the name; none if it has other records only.
pub(super) fn addresses(name: &str, server: SocketAddr, timeout: Duration) -> Result<Vec<IpAddr>, Failure> {
    let mut addresses = Vec::new();
    for kind in [RecordKind::Aaaa, RecordKind::A] {
        let question = Question {
            name: name.to_owned(),
            kind,
            server: Some(server),
            timeout,
        };
        match look_up(&question).records {
            Ok(records) => addresses.extend(records.iter().filter_map(|record| record.address)),
            Err(DnsError::NoData { .. }) => {}
            Err(error) => return Err(Failure::failed(error)),
        }
    }
    Ok(addresses)
}

#[derive(Serialize)]
struct RecordFacts<'a> {
    name: &'a str,
    ttl: u32,
    kind: &'a str,
    data: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
}

fn write_records(out: &mut impl Write, records: &[Record], as_json: bool) -> io::Result<()> {
    for record in records {
        let class = record.address.map(|address| classify(address).class().word());
        if as_json {
            let facts = RecordFacts {
                name: &record.name,
                ttl: record.ttl,
                kind: &record.kind,
                data: &record.data,
                class,
            };
            serde_json::to_writer(&mut *out, &facts)?;
            writeln!(out)?;
        } else {
            let class = class.map_or_else(String::new, |class| format!(" ({class})"));
            let Record {
                name,
                ttl,
                kind,
                data,
                ..
            } = record;
            writeln!(
                out,
                "{name} {ttl:>6} s  {kind:<5} {STRONG}{data}{STRONG:#}{class}"
            )?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Step {
    #[serde(rename = "trace")]
    event: String,
    server: SocketAddr,
    milliseconds: f64,
}

fn write_trace(
    out: &mut impl Write,
    question: &Question,
    trace: &[Happening],
    as_json: bool,
) -> io::Result<()> {
    if !as_json {
        let Question { name, kind, .. } = question;
        writeln!(out, "{FAINT}{kind} of {name}?{FAINT:#}")?;
        if trace.is_empty() {
            writeln!(
                out,
                "{FAINT}  nobody was asked: the hosts file knows, or RFC 6761 says{FAINT:#}"
            )?;
        }
    }
    for happening in trace {
        let (event, server) = (event(happening.event), happening.server);
        let milliseconds = happening.after.as_secs_f64() * 1000.0;
        if as_json {
            serde_json::to_writer(
                &mut *out,
                &Step {
                    event,
                    server,
                    milliseconds,
                },
            )?;
            writeln!(out)?;
        } else {
            writeln!(out, "{FAINT}  {milliseconds:.1} ms  {server}  {event}{FAINT:#}")?;
        }
    }
    Ok(())
}

fn event(event: Event) -> String {
    match event {
        Event::Asked { bytes } => format!("asked over UDP, {bytes} bytes"),
        Event::Replied { bytes } => format!("replied, {bytes} bytes"),
        Event::ConnectedTcp => "connected over TCP".to_owned(),
        Event::NobodyListens => "nobody listens there".to_owned(),
        _ => "something else".to_owned(),
    }
}
