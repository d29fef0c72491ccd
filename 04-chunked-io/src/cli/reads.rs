//! `reads`: the sizes in which a megabyte really arrives.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use chunked_io::arrivals::{Arrival, Summary, pull_and_note};
use chunked_io::{PathFacts, send_all};
use ports::Endpoint;
use tcp_socket::{Listener, TcpSocket};

use super::error::CliError;
use super::{seconds, size};

/// How many pulls are listed one by one.
const LISTED: usize = 8;

/// The longest bar, in characters.
const BAR: usize = 30;

/// What was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct ReadsArguments {
    /// Who sends: a URL, HOST or HOST:PORT; it is asked for a page by HTTP [default: a sender on this machine]
    #[arg(value_parser = web_endpoint)]
    host: Option<Endpoint>,
    /// Say nothing, and pull what comes by itself
    #[arg(long, requires = "host")]
    silent: bool,
    /// How much each pull asks for, at most
    #[arg(long, value_name = "BYTES", default_value = "64K", value_parser = buffer_size)]
    buffer: usize,
    /// Stop after this many bytes
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = size)]
    bytes: u64,
    /// Give up after this long
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// One JSON object a pull instead of the report
    #[arg(long)]
    json: bool,
}

fn web_endpoint(text: &str) -> Result<Endpoint, String> {
    let endpoint = Endpoint::parse_or_port(text, 80).map_err(|error| error.to_string())?;
    match endpoint.scheme() {
        None | Some("http") => Ok(endpoint),
        Some(scheme) => Err(format!(
            "{scheme} is not spoken here: name an http:// URL, or HOST:PORT"
        )),
    }
}

fn buffer_size(text: &str) -> Result<usize, String> {
    size(text)?
        .try_into()
        .ok()
        .filter(|size| (1..=1 << 30).contains(size))
        .ok_or_else(|| "a buffer has 1 byte to 1G".to_owned())
}

pub(crate) fn run(arguments: &ReadsArguments) -> Result<(), CliError> {
    let most = usize::try_from(arguments.bytes).unwrap_or(usize::MAX);
    let mut socket = match &arguments.host {
        Some(endpoint) => ask(endpoint, arguments)?,
        None => sender_here(most)?,
    };
    let mut buffer = vec![0; arguments.buffer];
    let mut arrivals = Vec::new();
    let result = pull_and_note(&mut socket, &mut buffer, most, arguments.timeout, &mut arrivals);
    let mut out = io::stdout().lock();
    if arguments.json {
        json(&mut out, &arrivals)?;
    } else {
        writeln!(
            out,
            "From {}, with a buffer of {} bytes:\n",
            socket.peer_address(),
            buffer.len()
        )?;
        report(&mut out, &arrivals, PathFacts::of(&socket))?;
    }
    // What came before a failure has been shown; the failure is one all the same.
    Ok(result?)
}

/// Connects, and asks for a page.
fn ask(endpoint: &Endpoint, arguments: &ReadsArguments) -> Result<TcpSocket, CliError> {
    let mut socket = TcpSocket::connect(endpoint, arguments.timeout)?;
    if !arguments.silent {
        let (target, host) = (endpoint.request_target(), endpoint.short_authority());
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        send_all(&mut socket, request.as_bytes(), arguments.timeout)?;
    }
    Ok(socket)
}

/// A connection whose other end sends as much, 10,000 bytes at a time.
fn sender_here(bytes: usize) -> Result<TcpSocket, CliError> {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let socket = TcpSocket::connect_address(listener.local_address(), Duration::from_secs(5))?;
    let mut sender = listener.accept()?;
    thread::spawn(move || {
        let piece = [b'x'; 10_000];
        let mut left = bytes;
        while left > 0 {
            let count = left.min(piece.len());
            // The other end may have seen enough.
            if send_all(&mut sender, &piece[..count], Duration::from_secs(10)).is_err() {
                break;
            }
            left -= count;
        }
    });
    Ok(socket)
}

fn report(out: &mut impl Write, arrivals: &[Arrival], facts: PathFacts) -> io::Result<()> {
    let Some(summary) = Summary::of(arrivals) else {
        return writeln!(out, "  nothing: the peer closed without a word");
    };
    writeln!(out, "  {:>6} {:>9} {:>12}", "pull", "bytes", "after")?;
    for (index, Arrival { bytes, at }) in arrivals.iter().take(LISTED).enumerate() {
        writeln!(
            out,
            "  {:>6} {bytes:>9} {:>9.2} ms",
            index + 1,
            at.as_secs_f64() * 1e3
        )?;
    }
    if arrivals.len() > LISTED {
        writeln!(out, "     ...")?;
    }
    let Summary {
        bytes,
        smallest,
        median,
        largest,
        classes,
    } = summary;
    writeln!(
        out,
        "\n  {bytes} bytes in {}: the smallest {smallest}, the median {median}, the largest {largest}\n",
        pulls(arrivals.len())
    )?;
    let most = classes.iter().map(|(_, count)| *count).max().unwrap_or(1);
    for (first, count) in &classes {
        let bar = "#".repeat((count * BAR).div_ceil(most));
        writeln!(
            out,
            "  {first:>9} to {:>9} bytes: {count:>6} {bar}",
            2 * first - 1
        )?;
    }
    if let Some(segment) = facts.segment {
        writeln!(
            out,
            "\n  A segment of this connection carries {segment} bytes at most, says the system."
        )?;
    }
    Ok(())
}

/// `1 pull`, `2 pulls`.
fn pulls(count: usize) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} pull{ending}")
}

fn json(out: &mut impl Write, arrivals: &[Arrival]) -> io::Result<()> {
    for (index, Arrival { bytes, at }) in arrivals.iter().enumerate() {
        let pull = index + 1;
        let milliseconds = at.as_secs_f64() * 1e3;
        let object = serde_json::json!({ "pull": pull, "bytes": bytes, "after_ms": milliseconds });
        writeln!(out, "{object}")?;
    }
    Ok(())
}
