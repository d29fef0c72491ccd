//! `mtu-lab`: path MTU discovery, its black hole, and two ways out.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use chunked_io::mtu::IpVersion;
use chunked_io::mtu_lab::{LabError, Scene, Seen, ends, network, play};
use tcp_socket::Listener;

use super::error::CliError;
use super::seconds;

/// What was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct LabArguments {
    /// Which scenes, in this order [default: all]
    scenes: Vec<SceneName>,
    /// IPv6, and a narrow link of 1280 bytes
    #[arg(long)]
    ipv6: bool,
    /// How long to look into the black hole
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    timeout: Duration,
    /// One JSON object a scene instead of the report
    #[arg(long)]
    json: bool,
}

/// What one of the two ends is told.
#[derive(Debug, clap::Args)]
pub(crate) struct EndArguments {
    address: SocketAddr,
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Duration,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum SceneName {
    /// The router says what fits, and the sender hears it
    Discovery,
    /// What the router says is dropped, and the transfer hangs
    BlackHole,
    /// The same, but the sender looks for a size that passes (tcp_mtu_probing)
    Probing,
    /// The same, but the router lowers the MSS that the two ends announce
    Clamp,
}

impl From<SceneName> for Scene {
    fn from(name: SceneName) -> Self {
        match name {
            SceneName::Discovery => Self::Discovery,
            SceneName::BlackHole => Self::BlackHole,
            SceneName::Probing => Self::Probing,
            SceneName::Clamp => Self::Clamp,
        }
    }
}

pub(crate) fn run(arguments: &LabArguments) -> Result<(), CliError> {
    let ip = if arguments.ipv6 {
        IpVersion::V6
    } else {
        IpVersion::V4
    };
    let scenes: Vec<Scene> = match arguments.scenes.as_slice() {
        [] => Scene::ALL.to_vec(),
        names => names.iter().copied().map(Scene::from).collect(),
    };
    let tool = std::env::current_exe()?;
    let mut out = io::stdout().lock();
    for (index, scene) in scenes.into_iter().enumerate() {
        let seen = play(scene, ip, &tool, arguments.timeout)?;
        if arguments.json {
            json(&mut out, &seen)?;
            continue;
        }
        if index == 0 {
            introduce(&mut out, ip)?;
        }
        report(&mut out, ip, &seen)?;
    }
    Ok(())
}

fn introduce(out: &mut impl Write, ip: IpVersion) -> io::Result<()> {
    let (wide, narrow) = (network::WIDE, network::narrow(ip));
    writeln!(
        out,
        "sender --- MTU {wide} --- router --- MTU {narrow} --- receiver\n"
    )?;
    writeln!(
        out,
        "Three network namespaces, and {ip} between them. Neither end is told of the narrow link."
    )?;
    let (short, long) = (ends::SHORT, ends::LONG);
    writeln!(
        out,
        "In each scene the sender sends {short} bytes, waits for an answer, and sends {long} more."
    )
}

fn report(out: &mut impl Write, ip: IpVersion, seen: &Seen) -> io::Result<()> {
    writeln!(out, "\n{}: {}\n", seen.scene.name(), title(seen.scene, ip))?;
    let (mtu, segment) = seen.opened;
    writeln!(
        out,
        "  when opened  path MTU {}, segments of {} bytes",
        told(mtu),
        told(segment)
    )?;
    writeln!(out, "  sent         {} bytes were taken by send", seen.taken)?;
    writeln!(out, "  arrived      {} bytes", seen.arrived)?;
    let times = if seen.said == 1 { "time" } else { "times" };
    writeln!(
        out,
        "  router       \"too big\", {} {times}{}",
        seen.said,
        heard(seen)
    )?;
    let noted = seen
        .noted_mtu
        .map_or("nothing noted".to_owned(), |mtu| format!("{mtu} noted"));
    writeln!(
        out,
        "  in the end   path MTU: {noted}; segments of {} bytes",
        told(seen.segment)
    )?;
    let seconds = seen.time.as_secs_f64();
    match &seen.failure {
        None => writeln!(out, "  time         {seconds:.2} s"),
        Some(failure) => writeln!(out, "  given up     {failure}"),
    }
}

fn title(scene: Scene, ip: IpVersion) -> &'static str {
    match (scene, ip) {
        (Scene::Discovery, IpVersion::V4) => {
            "the router says what fits (ICMP type 3, code 4), and the sender hears it"
        }
        (Scene::Discovery, IpVersion::V6) => {
            "the router says what fits (ICMPv6 type 2), and the sender hears it"
        }
        (Scene::BlackHole, _) => "what the router says is dropped on the way",
        (Scene::Probing, _) => "the same, but the sender looks for a size that passes (tcp_mtu_probing=1)",
        (Scene::Clamp, _) => "the same, but the router lowers the MSS in each SYN (nftables)",
    }
}

fn heard(seen: &Seen) -> &'static str {
    match (seen.said, seen.scene) {
        (0, _) => "",
        (_, Scene::Discovery) => ", and was heard",
        _ => ", and was not heard",
    }
}

fn told(fact: Option<u64>) -> String {
    fact.map_or("unknown".to_owned(), |value| value.to_string())
}

fn json(out: &mut impl Write, seen: &Seen) -> io::Result<()> {
    let object = serde_json::json!({
        "scene": seen.scene.name(),
        "path_mtu_when_opened": seen.opened.0,
        "segment_when_opened": seen.opened.1,
        "taken": seen.taken,
        "arrived": seen.arrived,
        "complete": seen.is_complete(),
        "too_big_messages": seen.said,
        "path_mtu_noted": seen.noted_mtu,
        "segment_in_the_end": seen.segment,
        "seconds": seen.time.as_secs_f64(),
        "failure": seen.failure,
    });
    writeln!(out, "{object}")
}

/// The sender's end: what it saw, as the lab reads it.
pub(crate) fn send(arguments: &EndArguments) -> Result<(), CliError> {
    let sent = ends::send(arguments.address, arguments.timeout)?;
    let object = serde_json::json!({
        "path_mtu": sent.opened.mtu,
        "segment": sent.opened.segment,
        "segment_at_the_end": sent.ended.segment,
        "taken": sent.taken,
        "seconds": sent.time.as_secs_f64(),
        "failure": sent.failure,
    });
    writeln!(io::stdout(), "{object}")?;
    Ok(())
}

/// The receiver's end: first that it listens, and at the end how many bytes came.
pub(crate) fn receive(arguments: &EndArguments) -> Result<(), CliError> {
    let listener = Listener::bind_address(arguments.address).map_err(LabError::from)?;
    writeln!(io::stdout(), "listening")?;
    let arrived = ends::receive(&listener, arguments.timeout)?;
    writeln!(io::stdout(), "{}", serde_json::json!({ "arrived": arrived }))?;
    Ok(())
}
