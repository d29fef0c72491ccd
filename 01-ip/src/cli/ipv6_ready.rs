//! `01-ip ipv6-ready`: would it work on a network without IPv4?

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ip::{Nat64Prefix, Readiness, Subject, literal_readiness, name_readiness, resolve};
use serde::Serialize;
use url::{Host, Url};

use super::Failure;
use super::nat64::ANYWHERE_IPV4_ONLY;
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

    /// The translator's prefix: 32, 40, 48, 56, 64 or 96 bits [default: that of the server's DNS64, or 64:ff9b::/96]
    #[arg(long)]
    prefix: Option<Nat64Prefix>,

    /// Ask this DNS server, a DNS64 perhaps: ADDRESS or ADDRESS:PORT [default: as this system resolves names]
    #[cfg(feature = "dns")]
    #[arg(long, value_parser = super::dns::server)]
    server: Option<SocketAddr>,

    /// How many seconds to wait for a name
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    timeout: u64,
}

const EXAMPLES: &str = "\
Examples:
  01-ip ipv6-ready http://203.0.113.7:8080/   broken: an address is written into it
  01-ip ipv6-ready www.example.com            as its records are
  01-ip ipv6-ready www.example.com --server 2001:4860:4860::6464   as Google's public DNS64 answers

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
    let names = Names::new(wanted)?;
    if let (Some(server), false) = (names.server, as_json) {
        writeln!(out, "{server} {}", names.role())?;
    }
    for input in &wanted.what {
        let readiness = readiness(input, &names)?;
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

fn readiness(input: &str, names: &Names) -> Result<Readiness, Failure> {
    match subject(input)? {
        Subject::Address { address, .. } => Ok(literal_readiness(address)),
        Subject::Subnet { net, .. } => Ok(literal_readiness(net.addr())),
        Subject::Name(name) => Ok(name_readiness(&names.addresses(&name)?, names.prefix())),
    }
}

/// Who turns names into addresses, and which prefix stands for a translator there.
struct Names {
    server: Option<SocketAddr>,
    timeout: Duration,
    /// The prefix that the user named.
    wanted: Option<Nat64Prefix>,
    /// The prefix of the server's DNS64, if it is one.
    discovered: Option<Nat64Prefix>,
}

impl Names {
    fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let mut names = Self {
            #[cfg(feature = "dns")]
            server: arguments.server,
            #[cfg(not(feature = "dns"))]
            server: None,
            timeout: Duration::from_secs(arguments.timeout),
            wanted: arguments.prefix,
            discovered: None,
        };
        if names.server.is_some() {
            // Whoever serves a zone of his own and no others refuses to answer this, and is no DNS64.
            let answers = names.addresses(ANYWHERE_IPV4_ONLY).unwrap_or_default();
            names.discovered = answers.iter().find_map(|answer| match answer {
                IpAddr::V6(answer) => Nat64Prefix::discovered_in(*answer),
                IpAddr::V4(_) => None,
            });
        }
        Ok(names)
    }

    fn prefix(&self) -> Nat64Prefix {
        self.wanted.or(self.discovered).unwrap_or(Nat64Prefix::WELL_KNOWN)
    }

    fn role(&self) -> String {
        match self.discovered {
            Some(prefix) => format!("is a DNS64: it makes addresses up with {prefix} (RFC 7050)"),
            None => format!(
                "is no DNS64: told as if one with {} stood beside it",
                self.prefix()
            ),
        }
    }

    fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Failure> {
        #[cfg(feature = "dns")]
        if let Some(server) = self.server {
            return super::dns::addresses(name, server, self.timeout);
        }
        let found = resolve(name, 0, self.timeout).map_err(Failure::failed)?;
        Ok(found.iter().map(SocketAddr::ip).collect())
    }
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
