//! The demonstration: the lecture's page on ports, played on the loopback address.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};

use ports::range::PortRange;
use ports::{Endpoint, Registry};

use super::BOLD;

pub(super) fn run(out: &mut impl Write) -> io::Result<()> {
    three_ranges(out)?;
    five_services(out)?;
    hidden_ports(out)?;
    let server = one_server_a_port(out)?;
    client_ports(&server, out)?;
    writeln!(out)?;
    writeln!(
        out,
        "Next: cargo 02-ports 443 ssh http://www.lucidcore.co.kr:8080 http://www.lucidcore.co.kr"
    )?;
    writeln!(
        out,
        "      cargo 02-ports listening, conflict, client-ports, machine, same, scan; each has a --help"
    )
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "{BOLD}{text}{BOLD:#}")
}

fn three_ranges(out: &mut impl Write) -> io::Result<()> {
    heading(
        out,
        "A port is a 16-bit number: 65,536 doors to one address, in three ranges (RFC 6335, section 6)",
    )?;
    for range in PortRange::ALL {
        let ports = range.ports();
        writeln!(
            out,
            "  {:<8} {:>5} - {:>5}  {}",
            range.name(),
            ports.start(),
            ports.end(),
            range.purpose()
        )?;
    }
    Ok(())
}

fn five_services(out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    heading(out, "The lecture's five, as IANA's registry has them")?;
    let registry = Registry::built_in();
    for (slide, name) in [
        ("FTP", "ftp"),
        ("SSH", "ssh"),
        ("Telnet", "telnet"),
        ("Web", "http"),
        ("SSL", "https"),
    ] {
        for service in registry.by_name(name) {
            writeln!(out, "  {slide:<8} {:>5}  {}", service.port, service.name)?;
        }
    }
    Ok(())
}

fn hidden_ports(out: &mut impl Write) -> io::Result<()> {
    const URLS: [&str; 4] = [
        "http://www.lucidcore.co.kr:80",
        "http://www.lucidcore.co.kr",
        "https://www.lucidcore.co.kr:443",
        "http://www.lucidcore.co.kr:8080",
    ];
    writeln!(out)?;
    heading(out, "The port that a URL means, said or not")?;
    for url in URLS {
        let Ok(endpoint) = url.parse::<Endpoint>() else {
            continue;
        };
        let said = match (endpoint.port_was_hidden(), endpoint.has_default_port()) {
            (true, _) => "hidden",
            (false, true) => "shown, and could be hidden",
            (false, false) => "shown, and must be",
        };
        writeln!(out, "  {url:<31}  {:>5}  {said}", endpoint.port())?;
    }
    Ok(())
}

/// Takes a port, and tries to take it again.
fn one_server_a_port(out: &mut impl Write) -> io::Result<TcpListener> {
    writeln!(out)?;
    heading(out, "One server a port")?;
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = server.local_addr()?;
    writeln!(out, "  bind tcp 127.0.0.1:0      the system chose {address}")?;
    match TcpListener::bind(address) {
        Ok(_) => writeln!(
            out,
            "  bind tcp {address}  ok: this system lets two servers share it"
        )?,
        Err(error) => writeln!(out, "  bind tcp {address}  {error}")?,
    }
    match UdpSocket::bind(address) {
        Ok(_) => writeln!(
            out,
            "  bind udp {address}  ok: each protocol has ports of its own"
        )?,
        Err(error) => writeln!(out, "  bind udp {address}  {error}")?,
    }
    Ok(server)
}

/// Connects twice to one server port, and shows what tells the two connections apart.
fn client_ports(server: &TcpListener, out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    heading(
        out,
        "The client has a port too: the system lends it one, and the four numbers name the connection",
    )?;
    let address = server.local_addr()?;
    let clients = [TcpStream::connect(address)?, TcpStream::connect(address)?];
    for client in &clients {
        writeln!(
            out,
            "  tcp  {}  ->  {}",
            client.local_addr()?,
            client.peer_addr()?
        )?;
    }
    Ok(())
}
