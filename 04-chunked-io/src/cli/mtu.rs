//! `mtu`: a size, cut into packets, drawn.

use std::io::{self, Write};
use std::time::Duration;

use chunked_io::PathFacts;
use chunked_io::mtu::{Cut, IpVersion, Link, MtuError, Stack, Tunnel};
use ports::Endpoint;
use tcp_socket::TcpSocket;

use super::error::CliError;
use super::size;

/// More packets than this are not listed one by one.
const LISTED: u64 = 8;

/// The widest bar of a packet, in characters.
const BAR: u64 = 30;

/// What was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct MtuArguments {
    /// How many bytes: 8192, 8K, 1M, 1G
    #[arg(value_parser = size)]
    size: u64,
    /// The largest packet that the link carries, in bytes [default: 1500]
    #[arg(long, conflicts_with = "to")]
    mtu: Option<u32>,
    /// IPv6 instead of IPv4
    #[arg(long, conflicts_with = "to")]
    ipv6: bool,
    /// Without the timestamps option in each segment
    #[arg(long)]
    no_timestamps: bool,
    /// A packet inside a packet
    #[arg(long, value_name = "KIND", default_value = "none", conflicts_with = "to")]
    tunnel: TunnelKind,
    /// Connect there, and take what the system says of that path
    #[arg(long, value_name = "HOST:PORT")]
    to: Option<Endpoint>,
    /// One JSON object instead of the drawing
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum TunnelKind {
    None,
    Pppoe,
    Gre,
    Wireguard,
}

pub(crate) fn run(arguments: &MtuArguments) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    let stack = match &arguments.to {
        Some(endpoint) => real_stack(&mut out, endpoint, arguments)?,
        None => assumed_stack(arguments)?,
    };
    let cut = stack.cut(arguments.size);
    if arguments.json {
        json(&mut out, &stack, &cut)?;
        return Ok(());
    }
    writeln!(out, "{} bytes over {}", cut.size, name(&stack))?;
    writeln!(out, "\nA full packet:\n")?;
    draw_packet(&mut out, &stack)?;
    writeln!(out, "\nThe packets, {} of them:\n", cut.packets)?;
    draw_cut(&mut out, &stack, &cut)?;
    if arguments.to.is_none() {
        writeln!(out, "\nThe same bytes elsewhere:\n")?;
        compare(&mut out, cut.size)?;
    }
    Ok(())
}

fn assumed_stack(arguments: &MtuArguments) -> Result<Stack, MtuError> {
    let ip = if arguments.ipv6 {
        IpVersion::V6
    } else {
        IpVersion::V4
    };
    let tunnel = match arguments.tunnel {
        TunnelKind::None => Tunnel::None,
        TunnelKind::Pppoe => Tunnel::Pppoe,
        TunnelKind::Gre => Tunnel::Gre,
        TunnelKind::Wireguard => Tunnel::WireGuard,
    };
    let mtu = arguments.mtu.unwrap_or(1500);
    Stack::new(Link::Ethernet, mtu, tunnel, ip, !arguments.no_timestamps)
}

/// Connects, and asks the system.
fn real_stack(
    out: &mut impl Write,
    endpoint: &Endpoint,
    arguments: &MtuArguments,
) -> Result<Stack, CliError> {
    let socket = TcpSocket::connect(endpoint, Duration::from_secs(5))?;
    let facts = PathFacts::of(&socket);
    let peer = socket.peer_address();
    if !arguments.json {
        let told =
            |fact: Option<u32>| fact.map_or("not told by this system".to_owned(), |value| value.to_string());
        writeln!(out, "The connection to {peer}, as the system tells it:")?;
        writeln!(out, "  path MTU         {}", told(facts.mtu))?;
        writeln!(out, "  bytes a segment  {}\n", told(facts.segment))?;
    }
    let ip = if peer.is_ipv4() {
        IpVersion::V4
    } else {
        IpVersion::V6
    };
    let link = if peer.ip().is_loopback() {
        Link::Loopback
    } else {
        Link::Ethernet
    };
    let mtu = facts.mtu.ok_or(CliError::NoPathMtu)?;
    Ok(Stack::new(link, mtu, Tunnel::None, ip, !arguments.no_timestamps)?)
}

/// `TCP with timestamps over IPv4, Ethernet with an MTU of 1500`.
fn name(stack: &Stack) -> String {
    let options = if stack.options() > 0 {
        " with timestamps"
    } else {
        ""
    };
    let tunnel = match stack.tunnel() {
        Tunnel::None => String::new(),
        tunnel => format!(" in {tunnel}"),
    };
    let link = match stack.link() {
        Link::Ethernet => "Ethernet",
        Link::Loopback => "loopback",
    };
    format!(
        "TCP{options} over {}{tunnel}, {link} with an MTU of {}",
        stack.ip(),
        stack.mtu()
    )
}

/// The layers side by side, and below them what the MTU and the MSS span.
fn draw_packet(out: &mut impl Write, stack: &Stack) -> io::Result<()> {
    let layers = stack.layers();
    let (mut names, mut numbers, mut rule) = ("|".to_owned(), "|".to_owned(), "+".to_owned());
    let (mut packet_start, mut segment_start) = (0, 0);
    for (layer, length) in &layers {
        let width = if layer == "payload" {
            26
        } else {
            layer.len().max(5)
        };
        names.push_str(&format!(" {layer:<width$} |"));
        numbers.push_str(&format!(" {length:>width$} |"));
        rule.push_str(&format!("{:-<1$}+", "", width + 2));
        match layer.as_str() {
            "Ethernet" => packet_start = rule.len() - 1,
            "TCP" => segment_start = rule.len() - 1,
            _ => {}
        }
    }
    for line in [&rule, &names, &numbers, &rule] {
        writeln!(out, "  {line}")?;
    }
    let end = rule.len();
    writeln!(
        out,
        "  {}",
        span(packet_start, end, &format!("MTU {}", stack.mtu()))
    )?;
    writeln!(
        out,
        "  {}",
        span(segment_start, end, &format!("MSS {}", stack.mss()))
    )
}

/// `      |<----- MTU 1500 ----->|`, from one column to another.
fn span(start: usize, end: usize, label: &str) -> String {
    let inside = end.saturating_sub(start + 4);
    format!("{:start$}|<{:-^inside$}>|", "", format!(" {label} "))
}

fn draw_cut(out: &mut impl Write, stack: &Stack, cut: &Cut) -> io::Result<()> {
    let payload = u64::from(stack.payload());
    // Of many packets, the first three and the last tell enough.
    let first = if cut.packets > LISTED { 3 } else { cut.packets };
    for number in 0..first {
        draw_one(out, number, payload, cut)?;
    }
    if first < cut.packets {
        writeln!(out, "         ...")?;
        draw_one(out, cut.packets - 1, payload, cut)?;
    }
    writeln!(out)?;
    writeln!(out, "  payload       {:>10} bytes", cut.size)?;
    writeln!(out, "  headers       {:>10} bytes", cut.overhead())?;
    writeln!(
        out,
        "  on the wire   {:>10} bytes, of which {} are yours",
        cut.on_the_wire,
        percent(cut)
    )
}

/// One packet: which bytes of the stream it carries, and a bar as long as they are many.
fn draw_one(out: &mut impl Write, number: u64, payload: u64, cut: &Cut) -> io::Result<()> {
    let length = if number + 1 == cut.packets {
        cut.last
    } else {
        payload
    };
    let first = number * payload;
    let bar = "#".repeat(usize::try_from((length * BAR).div_ceil(payload)).unwrap_or(0));
    let (number, last) = (number + 1, first + length - 1);
    writeln!(
        out,
        "  {number:>8}  bytes {first:>9} to {last:>9}  {length:>6}  {bar}"
    )
}

fn percent(cut: &Cut) -> String {
    format!("{}.{} %", cut.efficiency() / 10, cut.efficiency() % 10)
}

/// The same size over the links and stacks that a student meets.
fn compare(out: &mut impl Write, size: u64) -> Result<(), CliError> {
    use IpVersion::{V4, V6};
    let stacks = [
        ("Ethernet, IPv4", 1500, Tunnel::None, V4, true),
        ("Ethernet, IPv4, no timestamps", 1500, Tunnel::None, V4, false),
        ("Ethernet, IPv6", 1500, Tunnel::None, V6, true),
        ("jumbo frames, IPv4", 9000, Tunnel::None, V4, true),
        ("DSL with PPPoE, IPv4", 1500, Tunnel::Pppoe, V4, true),
        ("VPN with WireGuard, IPv4", 1500, Tunnel::WireGuard, V4, true),
        ("the least that IPv6 allows", 1280, Tunnel::None, V6, true),
    ];
    writeln!(
        out,
        "  {:<31} {:>5} {:>8} {:>9} {:>12} {:>8}",
        "", "MTU", "payload", "packets", "on the wire", "yours"
    )?;
    for (name, mtu, tunnel, ip, timestamps) in stacks {
        let stack = Stack::new(Link::Ethernet, mtu, tunnel, ip, timestamps)?;
        let cut = stack.cut(size);
        let (payload, share) = (stack.payload(), percent(&cut));
        let Cut {
            packets, on_the_wire, ..
        } = cut;
        writeln!(
            out,
            "  {name:<31} {mtu:>5} {payload:>8} {packets:>9} {on_the_wire:>12} {share:>8}"
        )?;
    }
    Ok(())
}

fn json(out: &mut impl Write, stack: &Stack, cut: &Cut) -> io::Result<()> {
    let object = serde_json::json!({
        "size": cut.size,
        "mtu": stack.mtu(),
        "ip": if stack.ip() == IpVersion::V4 { 4 } else { 6 },
        "tunnel": if stack.tunnel() == Tunnel::None { None } else { Some(stack.tunnel().to_string()) },
        "mss": stack.mss(),
        "payload": stack.payload(),
        "packets": cut.packets,
        "last": cut.last,
        "headers": cut.overhead(),
        "on_the_wire": cut.on_the_wire,
        "efficiency_per_mille": cut.efficiency(),
    });
    writeln!(out, "{object}")
}
