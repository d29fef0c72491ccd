//! `bench`: how many messages a second, and how long one takes.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ports::Endpoint;
use serde_json::json;
use websocket::load::{Load, PERCENTILES};
use websocket::tls::ClientTls;
use websocket::url::UrlError;

use super::failure::Failure;
use super::parse_seconds;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The echo server: ws://HOST:PORT/PATH or wss://; tcp://HOST:PORT for an echo without WebSocket, to compare with
    #[arg(value_parser = parse_server)]
    url: Endpoint,
    /// How many connections
    #[arg(long, value_name = "NUMBER", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    /// How many bytes a message has; a server of ours takes 64 MiB
    #[arg(long, value_name = "BYTES", default_value = "64")]
    size: u32,
    /// How many messages each connection has on their way at once
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    depth: u32,
    /// How long to measure
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "3")]
    seconds: Duration,
    /// Trust the authorities in this PEM file with wss://, instead of those of this machine
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// One JSON object, times in microseconds
    #[arg(long)]
    json: bool,
}

fn parse_server(text: &str) -> Result<Endpoint, UrlError> {
    let endpoint: Endpoint = text.parse()?;
    match endpoint.scheme() {
        Some("tcp") => Ok(endpoint),
        _ => websocket::url::parse(text),
    }
}

/// How much one connection may have on its way, in bytes: it is kept in memory, and sent at once.
const MOST: u64 = 1 << 30;

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (size, depth) = (arguments.size, arguments.depth);
    if u64::from(size) * u64::from(depth) > MOST {
        return Err(Failure::BadInput(format!(
            "{depth} x {size} bytes are too much for one connection to have on their way: take a smaller --size or --depth"
        )));
    }
    let tls = arguments.ca.as_deref().map(ClientTls::trusting_file).transpose();
    let load = Load {
        connections: arguments.connections as usize,
        size: size as usize,
        depth: depth as usize,
        duration: arguments.seconds,
        tls: tls.map_err(websocket::Error::from)?,
        ..Load::default()
    };
    let report = load.run(&arguments.url)?;
    let mut out = io::stdout().lock();
    let rate = report.rate().round();
    if arguments.json {
        let [p50, p90, p99, max] = report.latencies.map(|latency| latency.as_micros());
        let facts = json!({
            "url": arguments.url.to_string(),
            "connections": load.connections,
            "size": load.size,
            "depth": load.depth,
            "seconds": load.duration.as_secs_f64(),
            "messages": report.messages,
            "rate": rate,
            "p50": p50, "p90": p90, "p99": p99, "max": max,
        });
        writeln!(out, "{facts}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{} connections, {} on their way in each, {} bytes a message: {rate} messages a second came back",
        load.connections, load.depth, load.size
    )?;
    for (percentile, latency) in PERCENTILES.iter().zip(report.latencies) {
        writeln!(out, "{percentile:>5} % within {latency:.1?}")?;
    }
    Ok(())
}
