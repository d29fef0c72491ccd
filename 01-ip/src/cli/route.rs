//! `01-ip route`: this machine's interfaces, and the way to a destination.

use std::io::{self, Write};
use std::net::IpAddr;

use ip::bits::{self, Division};
use ip::machine::{self, Interface};
use ip::next_hop::first_difference;
use ip::{IpNet, NextHop, Subject, classify, next_hop};
use serde::Serialize;

use super::Failure;
use super::facts::line;
use super::paint::{self, STRONG};

/// Same subnet, or through the gateway? And from which address?
///
/// Without a destination: this machine's interfaces, gateways and resolvers. With one: the address and interface that
/// this machine would use, and why. No packet is sent.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Addresses that a packet should go to
    #[arg(value_name = "DESTINATION")]
    destinations: Vec<Subject>,

    /// Ask for another host than this one: its address with its prefix
    #[arg(long, value_name = "ADDRESS/PREFIX", requires = "destinations", value_parser = net)]
    from: Option<IpNet>,

    /// That host's gateway
    #[arg(long, value_name = "ADDRESS", requires = "from", value_parser = ip::parse_address)]
    gateway: Option<IpAddr>,
}

const EXAMPLES: &str = "\
Examples:
  01-ip route                                        interfaces, gateways, resolvers of this machine
  01-ip route 8.8.8.8                                from which address, and to whom first?
  01-ip route 192.168.1.77 --from 192.168.0.10/24    the same for a host on paper";

fn net(text: &str) -> Result<IpNet, String> {
    match text
        .parse()
        .map_err(|error: ip::SubjectError| error.to_string())?
    {
        Subject::Subnet { net, .. } => Ok(net),
        _ => Err(format!("{text:?} has no prefix: write it as 192.168.0.10/24")),
    }
}

/// The way to one destination.
#[derive(Serialize)]
struct Way {
    destination: IpAddr,
    source: IpNet,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    next_hop: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gateways: Vec<IpAddr>,
}

pub(crate) fn run(out: &mut impl Write, wanted: &Arguments, as_json: bool) -> Result<(), Failure> {
    if wanted.destinations.is_empty() {
        return this_machine(out, as_json);
    }
    for destination in &wanted.destinations {
        let Subject::Address { address, zone } = destination else {
            return Err(Failure::BadInput(
                "a destination of a route is one address; resolve a name first".to_owned(),
            ));
        };
        let way = match wanted.from {
            Some(source) => on_paper(*address, source, wanted.gateway),
            None => from_here(*address, zone.as_deref())?,
        };
        if as_json {
            serde_json::to_writer(&mut *out, &way).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            picture(out, &way)?;
        }
    }
    Ok(())
}

fn on_paper(destination: IpAddr, source: IpNet, gateway: Option<IpAddr>) -> Way {
    let gateways = gateway.into_iter().collect();
    way(destination, source, None, gateways)
}

fn from_here(destination: IpAddr, zone: Option<&str>) -> Result<Way, Failure> {
    let interfaces = interfaces()?;
    let zone = match zone {
        Some(zone) => zone_number(&interfaces, zone)?,
        None => 0,
    };
    let source = machine::source_address(destination, zone)
        .map_err(|error| Failure::Failed(format!("this machine has no way to {destination}: {error}")))?;
    let Some((interface, net)) = machine::interface_of(&interfaces, source) else {
        return Ok(way(destination, source.into(), None, Vec::new()));
    };
    let gateways = interface.gateways.iter().copied();
    let gateways = gateways
        .filter(|gateway| gateway.is_ipv4() == destination.is_ipv4())
        .collect();
    Ok(way(destination, net, Some(interface.name.clone()), gateways))
}

fn zone_number(interfaces: &[Interface], zone: &str) -> Result<u32, Failure> {
    let named = interfaces
        .iter()
        .find(|interface| interface.name == zone)
        .map(|interface| interface.index);
    named.or_else(|| zone.parse().ok()).ok_or_else(|| {
        let names: Vec<&str> = interfaces
            .iter()
            .map(|interface| interface.name.as_str())
            .collect();
        Failure::BadInput(format!(
            "this machine has no interface {zone:?}; it has {}",
            names.join(", ")
        ))
    })
}

fn way(destination: IpAddr, source: IpNet, interface: Option<String>, gateways: Vec<IpAddr>) -> Way {
    let hop = next_hop(source, destination);
    Way {
        destination,
        source,
        interface,
        next_hop: word(hop),
        gateways: if hop == NextHop::Gateway {
            gateways
        } else {
            Vec::new()
        },
    }
}

fn word(hop: NextHop) -> &'static str {
    match hop {
        NextHop::Itself => "itself",
        NextHop::SameSubnet => "same-subnet",
        NextHop::Everybody => "everybody",
        NextHop::Gateway => "gateway",
        _ => "other-family",
    }
}

/// Both addresses, bit by bit, and the first bit in which they differ.
fn picture(out: &mut impl Write, way: &Way) -> io::Result<()> {
    let (here, there) = (way.source.addr(), way.destination);
    writeln!(out, "{STRONG}{there}{STRONG:#} from {}{}", way.source, on(way))?;
    let prefix = way.source.prefix_len();
    let difference = first_difference(here, there);
    if let Some(bit) = difference {
        let division = Division::new(&classify(here), Some(prefix));
        let lines = bits::picture(here, division)
            .into_iter()
            .zip(bits::picture(there, division));
        let (label, row) = (["here", "there", ""], usize::try_from(bit / 32).unwrap_or(0));
        // The line that holds the first difference is enough.
        for (one, other) in lines.skip(row).take(1) {
            line(out, label[0], &paint::by_letters(&one.bits, &one.letters))?;
            line(out, label[1], &paint::by_letters(&other.bits, &one.letters))?;
            line(out, label[2], &paint::by_letters(&one.letters, &one.letters))?;
            line(out, label[2], &mark(&one.letters, bit % 32))?;
        }
    }
    line(out, "next", &verdict(way, difference))
}

fn on(way: &Way) -> String {
    way.interface
        .as_ref()
        .map_or_else(String::new, |name| format!(" on {name}"))
}

/// A `^` under the bit with this index in a line of 32.
fn mark(letters: &str, bit: u32) -> String {
    let is_bit = |character: &(usize, char)| character.1.is_ascii_alphabetic();
    let places = letters.chars().enumerate().filter(is_bit).map(|(place, _)| place);
    let place = places
        .take(33)
        .nth(usize::try_from(bit).unwrap_or(0))
        .unwrap_or(0);
    format!("{:place$}^ bit {}", "", bit + 1)
}

fn verdict(way: &Way, difference: Option<u32>) -> String {
    let prefix = way.source.prefix_len();
    match (way.next_hop, difference) {
        ("same-subnet", Some(bit)) if bit >= prefix.into() => {
            format!("same subnet: they differ only after the first {prefix} bits; straight to it")
        }
        ("same-subnet", _) => "same link: straight to it, whatever the prefix says".to_owned(),
        ("gateway", _) => {
            let gateways: Vec<String> = way.gateways.iter().map(IpAddr::to_string).collect();
            let gateway = if gateways.is_empty() {
                String::new()
            } else {
                format!(", {}", gateways.join(" or "))
            };
            format!(
                "another subnet: they differ within the first {prefix} bits; through the gateway{gateway}"
            )
        }
        ("itself", _) => "this host itself: the packet does not leave it".to_owned(),
        ("everybody", _) => "many hosts of this link at once: no gateway is asked".to_owned(),
        _ => "the families differ: from an address of the one nothing is sent to the other".to_owned(),
    }
}

/// One interface, for programs.
#[derive(Serialize)]
struct Plugged<'a> {
    interface: &'a str,
    index: u32,
    up: bool,
    default: bool,
    mac: Option<String>,
    mtu: u32,
    addresses: &'a [IpNet],
    gateways: &'a [IpAddr],
}

fn this_machine(out: &mut impl Write, as_json: bool) -> Result<(), Failure> {
    for interface in &interfaces()? {
        if as_json {
            write_json(out, interface)?;
        } else {
            write_interface(out, interface)?;
        }
    }
    Ok(write_resolvers(out, as_json)?)
}

fn interfaces() -> Result<Vec<Interface>, Failure> {
    machine::interfaces()
        .map_err(|error| Failure::Failed(format!("this system does not tell its interfaces: {error}")))
}

#[cfg(feature = "dns")]
fn write_resolvers(out: &mut impl Write, as_json: bool) -> io::Result<()> {
    let resolvers = ip::dns::configured_servers();
    if as_json {
        serde_json::to_writer(&mut *out, &serde_json::json!({ "resolvers": resolvers }))?;
        return writeln!(out);
    }
    writeln!(out, "{STRONG}resolvers{STRONG:#}")?;
    for resolver in resolvers {
        writeln!(out, "  {resolver} ({})", classify(resolver).class().word())?;
    }
    Ok(())
}

#[cfg(not(feature = "dns"))]
fn write_resolvers(out: &mut impl Write, as_json: bool) -> io::Result<()> {
    if as_json {
        return Ok(());
    }
    writeln!(
        out,
        "{STRONG}resolvers{STRONG:#}\n  not asked for: this tool was built without the feature dns"
    )
}

fn write_json(out: &mut impl Write, interface: &Interface) -> io::Result<()> {
    let plugged = Plugged {
        interface: &interface.name,
        index: interface.index,
        up: interface.is_up,
        default: interface.is_default,
        mac: interface.mac.map(|mac| mac.to_string()),
        mtu: interface.mtu,
        addresses: &interface.nets,
        gateways: &interface.gateways,
    };
    serde_json::to_writer(&mut *out, &plugged)?;
    writeln!(out)
}

fn write_interface(out: &mut impl Write, interface: &Interface) -> io::Result<()> {
    let state = if interface.is_up { "up" } else { "down" };
    let default = if interface.is_default { ", the default" } else { "" };
    writeln!(out, "{STRONG}{}{STRONG:#} ({state}{default})", interface.name)?;
    for net in &interface.nets {
        line(
            out,
            "address",
            &format!("{net} ({})", classify(net.addr()).class().word()),
        )?;
    }
    for gateway in &interface.gateways {
        line(out, "gateway", &gateway.to_string())?;
    }
    if let Some(mac) = interface.mac {
        line(out, "card", &mac.to_string())?;
    }
    line(out, "mtu", &format!("{} bytes", interface.mtu))
}
