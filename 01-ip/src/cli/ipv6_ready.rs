//! `01-ip ipv6-ready`: would it work on a network without IPv4?

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ip::{Nat64Prefix, Readiness, Subject, literal_readiness, name_readiness, resolve};
use serde::Serialize;
use url::{Host, Url};

use super::Failure;
use super::paint::STRONG;

/// Would it work on a network without IPv4? The rule of Apple's App Store
///
/// For each host the answer is native (it has IPv6), synthesised (DNS64 makes an address up and NAT64 translates),
/// local, or broken; and what to change.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What an app connects to: names, addresses or URLs
    #[arg(required = true)]
    what: Vec<String>,

    /// The translator's prefix: 32, 40, 48, 56, 64 or 96 bits
    #[arg(long, default_value_t = Nat64Prefix::WELL_KNOWN)]
    prefix: Nat64Prefix,

    /// How many seconds to wait for a name
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    timeout: u64,
}

const EXAMPLES: &str = "\
Examples:
  01-ip ipv6-ready http://203.0.113.7:8080/   broken: an address is written into it
  01-ip ipv6-ready www.example.com            as its records are

Exit code: 0 all would work, 1 one would not, or could not be resolved, 2 bad input.";

#[derive(Serialize)]
struct Verdict<'a> {
    input: &'a str,
    readiness: &'static str,
    address: Option<IpAddr>,
    advice: String,
}

pub(crate) fn run(out: &mut impl Write, wanted: &Arguments, as_json: bool) -> Result<(), Failure> {
    let mut all_ready = true;
    for input in &wanted.what {
        let readiness = readiness(input, wanted)?;
        all_ready &= !matches!(readiness, Readiness::Broken { .. });
        let (word, advice) = (readiness.word(), readiness.in_plain_words());
        if as_json {
            let verdict = Verdict {
                input,
                readiness: word,
                address: address(readiness),
                advice,
            };
            serde_json::to_writer(&mut *out, &verdict).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{STRONG}{input}: {word}{STRONG:#}\n  {advice}")?;
        }
    }
    if all_ready { Ok(()) } else { Err(Failure::Told) }
}

fn address(readiness: Readiness) -> Option<IpAddr> {
    match readiness {
        Readiness::Native { address } | Readiness::Synthesised { address, .. } => Some(address.into()),
        Readiness::Local { address } => Some(address),
        _ => None,
    }
}

fn readiness(input: &str, wanted: &Arguments) -> Result<Readiness, Failure> {
    let name = match subject(input)? {
        Subject::Address { address, .. } => return Ok(literal_readiness(address)),
        Subject::Subnet { net, .. } => return Ok(literal_readiness(net.addr())),
        Subject::Name(name) => name,
    };
    let addresses = resolve(&name, 0, Duration::from_secs(wanted.timeout)).map_err(Failure::failed)?;
    let addresses: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
    Ok(name_readiness(&addresses, wanted.prefix))
}

/// The host of a URL, or the text itself.
fn subject(input: &str) -> Result<Subject, Failure> {
    if !input.contains("://") {
        return input.parse().map_err(Failure::bad_input);
    }
    let url =
        Url::parse(input).map_err(|error| Failure::BadInput(format!("{input:?} is no URL: {error}")))?;
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(Subject::Address {
            address: address.into(),
            zone: None,
        }),
        Some(Host::Ipv6(address)) => Ok(Subject::Address {
            address: address.into(),
            zone: None,
        }),
        // A scheme that the URL standard does not know keeps its host as text.
        Some(Host::Domain(name)) => name.parse().map_err(Failure::bad_input),
        None => Err(Failure::BadInput(format!("{input:?} is a URL without a host"))),
    }
}
