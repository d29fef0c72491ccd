//! Everything about one address, for people.

use std::io::{self, Write};
use std::net::IpAddr;

use ip::bits::{self, Division, Part};
use ip::{Classification, Flag, Position, Subnet, classify, possibly_embedded};
use ip::{Mac, notation, reverse_name};
use ipnet::IpNet;

use super::paint::{self, FAINT, STRONG};
use super::what::Found;

pub(crate) fn write(out: &mut impl Write, found: &Found<'_>) -> io::Result<()> {
    let classification = classify(found.address);
    heading(out, found)?;
    class(out, &classification)?;
    picture(out, found, &classification)?;
    line(out, "reverse", &reverse_name(found.address))?;
    match found.net {
        Some(net) => subnet(out, found.address, Subnet::from(net)),
        None => {
            let length = IpNet::from(found.address).prefix_len();
            let address = found.address;
            let example = if address.is_ipv4() { 24 } else { 64 };
            line(
                out,
                "subnet",
                &format!("/{length}, this one address; ask for {address}/{example} to see a larger one"),
            )
        }
    }
}

pub(crate) fn line(out: &mut impl Write, label: &str, text: &str) -> io::Result<()> {
    writeln!(out, "  {FAINT}{label:<10}{FAINT:#}{text}")
}

fn heading(out: &mut impl Write, found: &Found<'_>) -> io::Result<()> {
    let text = match (&found.zone, found.net) {
        (Some(zone), _) => format!("{}, on the link {zone}", found.address),
        (None, Some(net)) => net.to_string(),
        (None, None) => found.address.to_string(),
    };
    let named = if found.net.is_none() && found.zone.is_none() && found.input.parse::<IpAddr>().is_err() {
        format!("{} -> ", found.input)
    } else {
        String::new()
    };
    writeln!(out, "{named}{STRONG}{text}{STRONG:#}")
}

fn class(out: &mut impl Write, found: &Classification) -> io::Result<()> {
    let block = match found.block {
        Some(block) => format!("{}, ", block.net),
        None => String::new(),
    };
    line(
        out,
        "class",
        &format!("{} ({block}{})", found.name(), found.rfc()),
    )?;
    line(out, "", found.class().in_plain_words())?;
    if let Some(scope) = found.scope() {
        line(out, "scope", scope.word())?;
    }
    if let Some(note) = found.note() {
        line(out, "note", note)?;
    }
    for wider in found.overridden() {
        line(
            out,
            "overrides",
            &format!("{} {} ({})", wider.net, wider.name, wider.rfc),
        )?;
    }
    flags(out, found)?;
    inside(out, found)
}

/// The registry's five answers, and its dates.
fn flags(out: &mut impl Write, found: &Classification) -> io::Result<()> {
    let named = found.flags.named();
    let flags = named.map(|(name, flag)| format!("{name} {}", yes_or_no(flag)));
    line(out, "flags", &flags.join(", "))?;
    match found.block.map(|block| (block.allocated, block.terminated)) {
        Some((Some(since), Some(end))) => line(out, "since", &format!("{since}, given up {end}")),
        Some((Some(since), None)) => line(out, "since", since),
        _ => Ok(()),
    }
}

/// What an IPv6 address may carry inside: a network card's address, or an IPv4 address.
fn inside(out: &mut impl Write, found: &Classification) -> io::Result<()> {
    if let Some(mac) = mac_behind(found.address) {
        let text = format!("{mac}, if the last half was made by EUI-64 (RFC 4291, Appendix A)");
        line(out, "card", &text)?;
    }
    if let Some(inside) = found.embedded() {
        let (address, how) = (inside.address, inside.embedding.in_plain_words());
        let inner = classify(address.into());
        let text = format!("{address}, {how}: {} ({})", inner.name(), inner.rfc());
        line(out, "inside", &text)?;
    }
    for (prefix, address) in possibly_embedded(found.address) {
        let text =
            format!("{address}, if this network's NAT64 has the prefix {prefix} (RFC 8215 lets it choose)");
        line(out, "inside?", &text)?;
    }
    Ok(())
}

fn mac_behind(address: IpAddr) -> Option<Mac> {
    match address {
        IpAddr::V6(address) => Mac::behind(address),
        IpAddr::V4(_) => None,
    }
}

fn yes_or_no(flag: Flag) -> &'static str {
    match flag {
        Flag::True => "yes",
        Flag::False => "no",
        Flag::NotApplicable => "n/a",
        Flag::Unstated => "-",
    }
}

fn picture(out: &mut impl Write, found: &Found<'_>, classification: &Classification) -> io::Result<()> {
    let division = Division::new(classification, found.net.map(|net| net.prefix_len()));
    let mut label = "bits";
    for row in bits::picture(found.address, division) {
        let bits = paint::by_letters(&row.bits, &row.letters);
        let same = if found.address.is_ipv4() {
            String::new()
        } else {
            format!("  {}", row.label)
        };
        line(out, label, &format!("{bits}{same}"))?;
        if division.is_some() {
            line(out, "", &paint::by_letters(&row.letters, &row.letters))?;
        }
        label = "";
    }
    if let Some(division) = division {
        line(out, "", &legend(found, division, classification))?;
    }
    if let IpAddr::V6(address) = found.address {
        line(out, "whole", &notation::whole(address))?;
    }
    let number = bits::number(found.address);
    let width = if found.address.is_ipv4() { 10 } else { 34 };
    line(out, "number", &format!("{number:#0width$x} = {number}"))
}

/// What the letters under the bits mean here.
fn legend(found: &Found<'_>, division: Division, classification: &Classification) -> String {
    let parts = division.parts(found.address);
    let fixed = match classification.block {
        Some(block) if division.is_fixed_by(block) => format!("n fixed by {}", block.net),
        _ => "n network".to_owned(),
    };
    let meaning = |part: &Part| match part {
        Part::Network => fixed.clone(),
        Part::Subnet => "s subnet".to_owned(),
        Part::Host if found.net.is_none() => {
            "h the rest, subnet and host: a prefix tells them apart".to_owned()
        }
        Part::Host => "h host".to_owned(),
    };
    parts.iter().map(meaning).collect::<Vec<_>>().join(", ")
}

fn subnet(out: &mut impl Write, address: IpAddr, subnet: Subnet) -> io::Result<()> {
    let here = match subnet.position(address) {
        Position::Network => "names the subnet itself and is no host".to_owned(),
        Position::RouterAnycast => {
            "means any router of it and is no host (RFC 4291, Section 2.6.1)".to_owned()
        }
        Position::Broadcast => "means every host of it at once and is no host".to_owned(),
        Position::Host(number) => format!("is host {number} of {}", subnet.hosts()),
        _ => "is outside".to_owned(),
    };
    line(out, "subnet", &format!("{}; {address} {here}", subnet.net()))?;
    subnet_lines(out, &subnet)
}

/// Mask, hosts and broadcast.
pub(crate) fn subnet_lines(out: &mut impl Write, subnet: &Subnet) -> io::Result<()> {
    line(
        out,
        "mask",
        &format!("{}, wildcard {}", subnet.mask(), subnet.wildcard()),
    )?;
    line(
        out,
        "hosts",
        &format!(
            "{}: {} to {}",
            subnet.hosts(),
            subnet.first_host(),
            subnet.last_host()
        ),
    )?;
    match subnet.broadcast() {
        Some(broadcast) => line(out, "broadcast", &broadcast.to_string()),
        None => line(out, "broadcast", no_broadcast(subnet)),
    }
}

fn no_broadcast(subnet: &Subnet) -> &'static str {
    match (subnet.network(), subnet.host_bits()) {
        (IpAddr::V6(_), _) => "none: IPv6 has multicast instead (RFC 4291, Section 2)",
        (IpAddr::V4(_), 0) => "none: there is one address",
        (IpAddr::V4(_), _) => "none: both addresses are hosts (RFC 3021)",
    }
}
