//! What the tool understands, and which part of it answers.

mod crowd;
mod demo;
mod format;
mod netcat;

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use ports::{Endpoint, Port};

/// How long a connect may take if nobody says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

const LONG_ABOUT: &str = "\
TCP sockets: connect, send, pull.

A TCP connection has two ends, and each end is an address and a port. The server's end listens on a port \
that clients know; the client's end gets a port of its own from its system. Once connected both ends are \
alike: each may send and pull, and each may close its own direction while the other goes on.

Without a command a demonstration runs on loopback and shows every call.";

const WHERE_TO_WAIT: &str =
    "Where to wait: HOST:PORT, [IPV6]:PORT, or PORT alone for 127.0.0.1; port 0 lets the system choose";

const EXAMPLES: &str = "\
Examples, in two terminals:
  cargo 03-tcp-socket listen 7000             wait for one caller on 127.0.0.1:7000
  cargo 03-tcp-socket connect localhost 7000  call it; type on both sides, end yours with Ctrl-D

With files, with netcat, with every call shown:
  cargo 03-tcp-socket listen 7000 > copy
  cargo 03-tcp-socket connect 127.0.0.1 7000 < original
  nc 127.0.0.1 7000
  echo hello | cargo 03-tcp-socket connect 127.0.0.1 7000 --trace
  printf 'GET / HTTP/1.0\\n\\n' | cargo 03-tcp-socket connect 127.0.0.1 8000 --crlf --hex

Through an HTTP proxy, ours or any other:
  cargo 03-tcp-socket proxy --allow 443,7000
  cargo 03-tcp-socket connect 127.0.0.1 7000 --proxy 127.0.0.1:3128
  curl --proxytunnel --proxy 127.0.0.1:3128 http://127.0.0.1:7000/

How many connections does a thread for each of them bear here?
  cargo 03-tcp-socket crowd
  cargo 03-tcp-socket crowd 100000

The exit code is 0 if both directions were closed in good order, 1 if the connection failed, \
and 2 if the command line is wrong.";

/// TCP sockets: connect, send, pull
#[derive(Debug, Parser)]
#[command(name = "03-tcp-socket", version, long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show connect, send, pull and close on loopback, call by call (also without a command)
    Demo,
    /// Wait for one caller, and copy input and output both ways
    Listen {
        #[arg(value_name = "ADDR", value_parser = parse_address, help = WHERE_TO_WAIT)]
        address: Endpoint,
        #[command(flatten)]
        conversation: Conversation,
    },
    /// Call a server, and copy input and output both ways
    Connect {
        /// Whom to call: a name, an address, HOST:PORT or a URL
        host: String,
        /// The server's port, unless HOST says it
        #[arg(value_parser = parse_peer_port)]
        port: Option<Port>,
        /// Go through the HTTP proxy at this address (CONNECT, RFC 9110, section 9.3.6)
        #[arg(long, value_name = "HOST:PORT")]
        proxy: Option<Endpoint>,
        #[command(flatten)]
        conversation: Conversation,
    },
    /// Open tunnels for clients that ask with CONNECT, as an HTTP proxy does
    Proxy {
        #[arg(value_name = "ADDR", value_parser = parse_address, default_value = PROXY_ADDRESS, help = WHERE_TO_WAIT)]
        address: Endpoint,
        /// The ports to which the proxy connects; a proxy for every port is an invitation to strangers
        #[arg(
            long = "allow",
            value_name = "PORT",
            value_delimiter = ',',
            value_parser = parse_peer_port,
            default_value = "443"
        )]
        allowed_ports: Vec<Port>,
    },
    /// Hold as many connections as this machine bears, a thread for each, and say what runs out first
    ///
    /// The clients are a process of their own, so that each side has its own descriptors. Everything stays on loopback.
    Crowd {
        /// How many connections to hold
        #[arg(value_name = "N", default_value_t = 1000, value_parser = parse_count)]
        wanted: usize,
        /// Print facts as JSON, one object a line
        #[arg(long)]
        json: bool,
    },
    /// The clients of `crowd`, which starts them itself
    #[command(hide = true)]
    CrowdCallers { server: SocketAddr, wanted: usize },
}

/// Where a proxy listens by custom.
const PROXY_ADDRESS: &str = "127.0.0.1:3128";

/// How a conversation is held.
#[derive(Debug, Clone, Copy, Args)]
struct Conversation {
    /// Give up when connecting, or any single send or pull, takes longer [default: 10 to connect, then no limit]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    timeout: Option<Duration>,
    /// Print every call to standard error: what was asked, what came of it, and how long it took
    #[arg(long)]
    trace: bool,
    /// Print what arrives as hexadecimal numbers and text, the bytes of each pull by themselves
    #[arg(long)]
    hex: bool,
    /// End each line that is sent with CR LF, as HTTP and other text protocols want it
    #[arg(long)]
    crlf: bool,
}

/// Why the tool stops. The threads of a conversation report it to each other, so it must be able to travel.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        None | Some(Command::Demo) => demo::run(),
        Some(Command::Listen {
            address,
            conversation,
        }) => netcat::listen(&address, &conversation),
        Some(Command::Connect {
            host,
            port,
            proxy,
            conversation,
        }) => netcat::connect(&parse_target(&host, port), proxy.as_ref(), &conversation),
        Some(Command::Proxy {
            address,
            allowed_ports,
        }) => netcat::proxy(&address, allowed_ports.into_iter().map(Port::number).collect()),
        Some(Command::Crowd { wanted, json }) => crowd::run(wanted, json),
        Some(Command::CrowdCallers { server, wanted }) => crowd::call(server, wanted),
    }
}

/// A port alone means this machine: whoever listens for everybody has to say so.
fn parse_address(text: &str) -> Result<Endpoint, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let port: Port = text
            .parse()
            .map_err(|error: ports::PortError| error.to_string())?;
        return Ok(Endpoint::new("127.0.0.1", port.number()));
    }
    text.parse()
        .map_err(|error: ports::EndpointError| error.to_string())
}

/// Port 0 asks the system to choose one, so nobody can be called on it.
fn parse_peer_port(text: &str) -> Result<Port, String> {
    let port: Port = text
        .parse()
        .map_err(|error: ports::PortError| error.to_string())?;
    if port.number() == 0 {
        return Err("nobody listens on port 0: write the server's port, from 1 to 65535".to_owned());
    }
    Ok(port)
}

/// `HOST PORT`, or `HOST:PORT` in one word; anything else ends the program as clap does.
fn parse_target(host: &str, port: Option<Port>) -> Endpoint {
    let endpoint = match port {
        Some(port) => Endpoint::parse_or_port(host, port.number()),
        None => host.parse(),
    };
    endpoint.unwrap_or_else(|error| {
        clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("{error}\n")).exit()
    })
}

fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(format!(
            "{text:?} is not a number of connections: write a whole number from 1 up"
        )),
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("{text:?} is not a time: write seconds greater than 0, such as 2 or 0.5"))
}
