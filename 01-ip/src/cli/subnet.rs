//! `01-ip subnet`: cut, join, compare.

use std::io::{self, Write};
use std::net::IpAddr;
use std::str::FromStr;

use ip::{AddressRange, IpNet, Mac, Subject, Subnet, reverse_zone, summarise};

use super::facts::{self, line};
use super::paint::STRONG;
use super::{Failure, json};

/// Cut subnets, join them, take one out of another
///
/// Without an option each subnet is told in full. A range of addresses with a dash, 10.0.0.1-10.0.0.9, stands for
/// the subnets that hold exactly these.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Subnets (10.0.0.0/8, 10.0.0.0/255.0.0.0), addresses, or ranges (10.0.0.1-10.0.0.9)
    #[arg(required = true)]
    what: Vec<Blocks>,

    /// Cut each into pieces with this longer prefix
    #[arg(long, value_name = "PREFIX", group = "operation")]
    split: Option<u8>,

    /// Widen each to this shorter prefix
    #[arg(long, value_name = "PREFIX", group = "operation")]
    supernet: Option<u8>,

    /// Join all of them into as few as possible
    #[arg(long, visible_alias = "summarize", group = "operation")]
    summarise: bool,

    /// What is left of them when these are taken out (may be given several times)
    #[arg(long, value_name = "SUBNET", group = "operation")]
    without: Vec<Blocks>,

    /// Print those that hold this address; exit code 1 if none does
    #[arg(long, value_name = "ADDRESS", value_parser = ip::parse_address, group = "operation")]
    contains: Option<IpAddr>,

    /// The address that a network card makes for itself in each (EUI-64)
    #[arg(long, value_name = "MAC", group = "operation")]
    mac: Option<Mac>,
}

const EXAMPLES: &str = "\
Examples:
  01-ip subnet 192.168.0.0/24                       mask, hosts, broadcast, reverse zone
  01-ip subnet 192.168.0.0/24 --split 26            four quarters
  01-ip subnet 10.0.0.0/24 10.0.1.0/24 --summarise  one /23
  01-ip subnet 10.0.0.1-10.0.0.9 --summarise        a range as subnets
  01-ip subnet 10.0.0.0/8 --without 10.1.0.0/16     all but one
  01-ip subnet 10.0.0.0/8 --contains 10.1.2.3       is it inside?";

/// One or more subnets, from one word of the command line.
#[derive(Clone)]
struct Blocks(Vec<Subnet>);

impl FromStr for Blocks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('-') {
            let range: AddressRange = text.parse().map_err(|error: ip::RangeError| error.to_string())?;
            return Ok(Self(range.subnets().collect()));
        }
        match text
            .parse()
            .map_err(|error: ip::SubjectError| error.to_string())?
        {
            Subject::Address { address, .. } => Ok(Self(vec![Subnet::from(IpNet::from(address))])),
            Subject::Subnet { net, .. } => Ok(Self(vec![Subnet::from(net)])),
            Subject::Name(name) => Err(format!(
                "{name:?} is a name; a subnet is an address with a prefix, 10.0.0.0/8"
            )),
        }
    }
}

fn all(blocks: &[Blocks]) -> impl Iterator<Item = Subnet> + '_ {
    blocks.iter().flat_map(|blocks| blocks.0.iter().copied())
}

pub(crate) fn run(out: &mut impl Write, wanted: &Arguments, as_json: bool) -> Result<(), Failure> {
    let mut print = |subnet: Subnet| {
        if as_json {
            json::write_subnet(out, subnet)
        } else {
            one_line(out, subnet)
        }
    };
    if let Some(prefix) = wanted.split {
        for whole in all(&wanted.what) {
            whole
                .split(prefix)
                .map_err(Failure::bad_input)?
                .try_for_each(&mut print)?;
        }
    } else if let Some(prefix) = wanted.supernet {
        for part in all(&wanted.what) {
            print(part.supernet(prefix).map_err(Failure::bad_input)?)?;
        }
    } else if wanted.summarise {
        let subnets: Vec<Subnet> = all(&wanted.what).collect();
        summarise(&subnets).into_iter().try_for_each(print)?;
    } else if !wanted.without.is_empty() {
        without(wanted).into_iter().try_for_each(print)?;
    } else if let Some(address) = wanted.contains {
        let mut holders = all(&wanted.what)
            .filter(|subnet| subnet.contains(address))
            .peekable();
        if holders.peek().is_none() {
            return Err(Failure::Failed(format!(
                "{address} lies in none of these subnets"
            )));
        }
        holders.try_for_each(print)?;
    } else if let Some(mac) = wanted.mac {
        return all(&wanted.what).try_for_each(|subnet| write_eui64(out, subnet, mac));
    } else if as_json {
        all(&wanted.what).try_for_each(print)?;
    } else {
        return Ok(in_full(out, all(&wanted.what))?);
    }
    Ok(())
}

fn without(wanted: &Arguments) -> Vec<Subnet> {
    let mut rest: Vec<Subnet> = summarise(&all(&wanted.what).collect::<Vec<_>>());
    for taken in all(&wanted.without) {
        rest = rest.iter().flat_map(|subnet| subnet.without(&taken)).collect();
    }
    rest
}

fn one_line(out: &mut impl Write, subnet: Subnet) -> io::Result<()> {
    let (first, last, hosts) = (subnet.first_host(), subnet.last_host(), subnet.hosts());
    let noun = if hosts == 1 { "host" } else { "hosts" };
    writeln!(
        out,
        "{:<18}  {first} to {last}, {hosts} {noun}",
        subnet.to_string()
    )
}

fn write_eui64(out: &mut impl Write, subnet: Subnet, mac: Mac) -> Result<(), Failure> {
    match subnet.network() {
        IpAddr::V6(prefix) if subnet.prefix() <= 64 => Ok(writeln!(out, "{}", mac.within(prefix))?),
        _ => Err(Failure::BadInput(format!(
            "{subnet} leaves no 64 bits for a network card's address: give an IPv6 subnet of /64"
        ))),
    }
}

fn in_full(out: &mut impl Write, subnets: impl Iterator<Item = Subnet>) -> io::Result<()> {
    for (index, subnet) in subnets.enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{STRONG}{subnet}{STRONG:#}")?;
        let (prefix, free) = (subnet.prefix(), subnet.host_bits());
        line(
            out,
            "bits",
            &format!(
                "{prefix} shared, {free} free: 2^{free} = {} in all",
                subnet.addresses()
            ),
        )?;
        facts::subnet_lines(out, &subnet)?;
        let zone = reverse_zone(&subnet)
            .unwrap_or_else(|| "none of its own: the prefix ends within a label".to_owned());
        line(out, "reverse", &zone)?;
    }
    Ok(())
}
