//! What the tool understands, and which part of it answers.

mod connect;
mod demo;
mod explain;
mod failure;
mod serve;
mod trace;

use std::time::Duration;

use clap::{Parser, Subcommand};
use ports::Endpoint;
use websocket::deflate::Compression;
use websocket::{AcceptOptions, ConnectOptions};

use failure::Failure;

const LONG_ABOUT: &str = "\
WebSocket (RFC 6455): messages in both directions over one TCP connection.

A WebSocket begins as an HTTP request, so that it passes wherever the web passes. The server answers 101, and from \
then on the connection carries frames: a few bits of header, and a payload. Text, binary, Ping, Pong, Close: there are \
no others. Either end may speak at any time, and that is what a browser could not do before.

Without a command a demonstration runs on loopback and draws each frame.";

const EXAMPLES: &str = "\
Examples, in two terminals:
  cargo 05-websocket serve 127.0.0.1:8080         say back what is said, and give browsers a page
  cargo 05-websocket connect ws://127.0.0.1:8080  a line you type is a message; end with Ctrl-D

Frames:
  cargo 05-websocket connect ws://127.0.0.1:8080 --trace
  cargo 05-websocket explain 81 85 37 fa 21 3d 7f 9f 4d 51 58
  cargo 05-websocket explain --json 8202 CAFE 8800

The exit code is 0 if the connection was closed in good order, 1 if it failed, and 2 if the command line is wrong.";

/// WebSocket: messages both ways
#[derive(Debug, Parser)]
#[command(name = "05-websocket", version, long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a handshake and its frames on loopback, bit by bit (also without a command)
    Demo,
    /// Serve WebSocket: every message is said back
    Serve {
        /// Where to listen: HOST:PORT; port 0 lets the system choose
        #[arg(value_name = "ADDR", default_value = "127.0.0.1:8080")]
        address: Endpoint,
        /// A subprotocol that the server speaks; repeat it in the order of preference
        #[arg(long, value_name = "NAME")]
        subprotocol: Vec<String>,
        /// The address of a site whose pages may connect, scheme and host; repeat it for more [default: every page]
        #[arg(long, value_name = "ORIGIN")]
        origin: Vec<String>,
        /// The only path with a WebSocket; others are answered 404 [default: every path]
        #[arg(long)]
        path: Option<String>,
        /// Compress messages for clients that offer it (RFC 7692)
        #[arg(long)]
        compress: bool,
        /// Draw each frame
        #[arg(long)]
        trace: bool,
    },
    /// Talk to a WebSocket server: a line in is a message out, a message in is a line out
    Connect {
        /// The server: ws://HOST:PORT/PATH
        #[arg(value_parser = parse_url)]
        url: Endpoint,
        /// A subprotocol that you speak; repeat it in the order of preference
        #[arg(long, value_name = "NAME")]
        subprotocol: Vec<String>,
        /// The page on whose behalf you connect
        #[arg(long)]
        origin: Option<String>,
        /// One more line for the request: "Cookie: a=b"
        #[arg(long, value_name = "NAME: VALUE", value_parser = parse_header)]
        header: Vec<(String, String)>,
        /// How long the opening handshake may take
        #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "10")]
        timeout: Duration,
        /// How long to wait for answers after the end of the input
        #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "0.2")]
        wait: Duration,
        /// Offer to compress messages (RFC 7692)
        #[arg(long)]
        compress: bool,
        /// Draw each frame
        #[arg(long)]
        trace: bool,
    },
    /// Draw frames as RFC 6455 does, every bit and field named
    Explain {
        /// The frames: in hex digits, or a file, or - for standard input
        #[arg(value_name = "HEX|FILE|-", required = true)]
        frames: Vec<String>,
        /// One JSON object a frame instead of figures
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        None | Some(Command::Demo) => demo::run(),
        Some(Command::Serve {
            address,
            subprotocol,
            origin,
            path,
            compress,
            trace,
        }) => {
            let mut options = AcceptOptions {
                subprotocols: subprotocol,
                origins: (!origin.is_empty()).then_some(origin),
                page: Some(serve::page(path.as_deref())),
                path,
                ..Default::default()
            };
            options.socket.connection.compression = compress.then(Compression::default);
            options.socket.observer = trace.then(trace::observer);
            serve::run(&address, &options)
        }
        Some(Command::Connect {
            url,
            subprotocol,
            origin,
            header,
            timeout,
            wait,
            compress,
            trace,
        }) => {
            let mut options = ConnectOptions {
                subprotocols: subprotocol,
                origin,
                headers: header,
                ..Default::default()
            };
            options.socket.handshake_timeout = timeout;
            options.socket.connection.compression = compress.then(Compression::default);
            options.socket.observer = trace.then(trace::observer);
            connect::run(&url, &options, wait)
        }
        Some(Command::Explain { frames, json }) => explain::run(&frames, json),
    }
}

fn parse_url(text: &str) -> Result<Endpoint, websocket::url::UrlError> {
    websocket::url::parse(text)
}

fn parse_header(text: &str) -> Result<(String, String), String> {
    text.split_once(':')
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| format!("{text:?} is no header: write \"Name: value\""))
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("{text:?} is not a time: write seconds, such as 2 or 0.5"))
}
