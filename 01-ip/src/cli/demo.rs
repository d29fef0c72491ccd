//! Without arguments: how an address works, bit by bit, on this machine alone.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use ip::bits::{self, Division};
use ip::{Subnet, classify, resolve};
use ipnet::Ipv4Net;

use super::paint::{self, STRONG};

pub(crate) fn show(out: &mut impl Write) -> io::Result<()> {
    four_octets(out)?;
    mask(out)?;
    lecture_addresses(out)?;
    names(out)?;
    heading(out, "Now you")?;
    writeln!(
        out,
        "  cargo 01-ip 10.1.2.3 192.168.0.10/24 localhost     what is it, bit by bit?"
    )?;
    writeln!(
        out,
        "  cargo ex 01-1                                      the first exercise"
    )
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "{STRONG}{text}{STRONG:#}")
}

const HERE: Ipv4Addr = Ipv4Addr::new(192, 168, 0, 10);

fn four_octets(out: &mut impl Write) -> io::Result<()> {
    heading(
        out,
        "An IPv4 address is one number of 32 bits, written as four octets",
    )?;
    for octet in HERE.octets() {
        writeln!(out, "  {octet:>3}  {octet:#04x}  {octet:08b}")?;
    }
    let number = HERE.to_bits();
    writeln!(out, "  {HERE} = {number:#010x} = {number}\n")
}

fn mask(out: &mut impl Write) -> io::Result<()> {
    let net = Ipv4Net::new_assert(HERE, 24);
    let subnet = Subnet::from(ipnet::IpNet::V4(net));
    let division = Division::new(&classify(HERE.into()), Some(net.prefix_len()));
    heading(
        out,
        "/24 says: the first 24 bits name the subnet; address AND mask keeps them",
    )?;
    let rows = [
        ("address", IpAddr::V4(HERE)),
        ("mask", subnet.mask()),
        ("AND", subnet.network()),
    ];
    for (label, address) in rows {
        for line in bits::picture(address, division) {
            let bits = paint::by_letters(&line.bits, &line.letters);
            writeln!(out, "  {label:<8}{bits}  {address}")?;
        }
    }
    let (first, last, hosts) = (subnet.first_host(), subnet.last_host(), subnet.hosts());
    writeln!(
        out,
        "  {hosts} hosts, {first} to {last}, and two addresses that are none:"
    )?;
    writeln!(
        out,
        "  {} names the subnet, {} is every host at once\n",
        subnet.network(),
        subnet.last()
    )
}

fn lecture_addresses(out: &mut impl Write) -> io::Result<()> {
    heading(
        out,
        "Some addresses are set aside; the narrowest block that holds one decides",
    )?;
    for text in [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.9.9",
        "172.32.0.1",
        "192.168.0.10",
        "::1",
        "2001:db8::1",
    ] {
        let Ok(address) = text.parse() else { continue };
        let found = classify(address);
        let block = found
            .block
            .map_or_else(|| "no block".to_owned(), |block| block.net.to_string());
        writeln!(out, "  {text:<13} {block:<15} {} ({})", found.name(), found.rfc())?;
    }
    writeln!(out)
}

fn names(out: &mut impl Write) -> io::Result<()> {
    heading(out, "A name is not an address: this system is asked for it")?;
    match resolve("localhost", 0, Duration::from_millis(500)) {
        Ok(addresses) => {
            for address in addresses {
                writeln!(out, "  localhost -> {}", address.ip())?;
            }
        }
        Err(error) => writeln!(out, "  {error}")?,
    }
    writeln!(out)
}
