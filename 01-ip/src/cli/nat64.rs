//! `01-ip nat64`: an IPv4 address into IPv6 and out again.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ip::{Nat64Prefix, classify, resolve};
use serde::Serialize;

use super::Failure;
use super::facts::line;
use super::paint::STRONG;

/// An IPv4 address as IPv6 sees it through NAT64, and out again (RFC 6052)
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// IPv4 addresses to put in, IPv6 addresses to take out of
    #[arg(required_unless_present = "discover", value_parser = ip::parse_address)]
    addresses: Vec<IpAddr>,

    /// The translator's prefix: 32, 40, 48, 56, 64 or 96 bits
    #[arg(long, default_value_t = Nat64Prefix::WELL_KNOWN)]
    prefix: Nat64Prefix,

    /// Ask this network's DNS64 for its prefix (RFC 7050)
    #[arg(long)]
    discover: bool,
}

const EXAMPLES: &str = "\
Examples:
  01-ip nat64 192.0.2.33                             64:ff9b::c000:221
  01-ip nat64 64:ff9b::c000:221                      192.0.2.33
  01-ip nat64 192.0.2.33 --prefix 2001:db8:122::/48  another translator's
  01-ip nat64 --discover                             does this network have NAT64?";

#[derive(Serialize)]
struct Translation {
    prefix: String,
    ipv4: Ipv4Addr,
    ipv6: Ipv6Addr,
}

pub(crate) fn run(out: &mut impl Write, wanted: &Arguments, as_json: bool) -> Result<(), Failure> {
    let prefix = if wanted.discover {
        discover()?
    } else {
        wanted.prefix
    };
    if wanted.addresses.is_empty() {
        writeln!(out, "{prefix}")?;
    }
    for &address in &wanted.addresses {
        let (ipv4, ipv6) = match address {
            IpAddr::V4(ipv4) => (ipv4, prefix.embed(ipv4)),
            IpAddr::V6(ipv6) => match prefix.extract(ipv6) {
                Some(ipv4) => (ipv4, ipv6),
                None => {
                    return Err(Failure::Failed(format!(
                        "{ipv6} does not begin with the prefix {prefix}"
                    )));
                }
            },
        };
        if as_json {
            let translation = Translation {
                prefix: prefix.to_string(),
                ipv4,
                ipv6,
            };
            serde_json::to_writer(&mut *out, &translation).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            picture(out, prefix, ipv4, ipv6)?;
        }
    }
    Ok(())
}

/// The sixteen octets, with a letter for what each of them is.
fn picture(out: &mut impl Write, prefix: Nat64Prefix, ipv4: Ipv4Addr, ipv6: Ipv6Addr) -> io::Result<()> {
    writeln!(out, "{STRONG}{ipv4} = {ipv6}{STRONG:#}")?;
    let places: Vec<usize> = prefix.places().collect();
    let end_of_prefix = places.first().copied().unwrap_or(0);
    let letter = |place: usize| match place {
        place if places.contains(&place) => "44",
        place if place < end_of_prefix => "pp",
        8 => "00",
        _ => "..",
    };
    let octets = ipv6.octets().map(|octet| format!("{octet:02x}")).join(" ");
    line(out, "octets", &octets)?;
    line(out, "", &(0..16).map(letter).collect::<Vec<_>>().join(" "))?;
    line(
        out,
        "",
        &format!("p prefix {prefix}, 4 the IPv4 address, 0 always zero, . ignored"),
    )?;
    let inside = classify(ipv4.into());
    if prefix == Nat64Prefix::WELL_KNOWN && !inside.is_globally_reachable() {
        let rule = "the well-known prefix must not carry it (RFC 6052, Section 3.1)";
        line(
            out,
            "note",
            &format!("{ipv4} is {} ({}): {rule}", inside.name(), inside.rfc()),
        )?;
    }
    Ok(())
}

/// A name that has IPv4 addresses only, everywhere: an IPv6 answer was made up by a DNS64 (RFC 7050, section 3).
pub(super) const ANYWHERE_IPV4_ONLY: &str = "ipv4only.arpa";

fn discover() -> Result<Nat64Prefix, Failure> {
    let answers = resolve(ANYWHERE_IPV4_ONLY, 0, Duration::from_secs(5)).map_err(Failure::failed)?;
    let prefix = answers.iter().find_map(|answer| match answer {
        SocketAddr::V6(answer) => Nat64Prefix::discovered_in(*answer.ip()),
        SocketAddr::V4(_) => None,
    });
    prefix.ok_or_else(|| {
        Failure::Failed("this network has no DNS64: ipv4only.arpa has IPv4 addresses only here".to_owned())
    })
}
