//! What the tool understands, and which part of it answers.

mod bench;
mod connect;
mod demo;
mod echo;
mod explain;
mod failure;
mod serve;
mod test_certificate;
mod trace;

use std::time::Duration;

use clap::{Parser, Subcommand};
use ports::Endpoint;

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

Over TLS, in two terminals (the first one says which FILE):
  cargo 05-websocket serve 127.0.0.1:8443 --tls
  cargo 05-websocket connect wss://127.0.0.1:8443 --ca FILE

How fast:
  cargo 05-websocket bench ws://127.0.0.1:8080 --connections 100 --size 64 --depth 16

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
    Serve(serve::Arguments),
    /// Talk to a WebSocket server: a line in is a message out, a message in is a line out
    Connect(connect::Arguments),
    /// Measure an echo server: how many messages a second, and how long one takes
    Bench(bench::Arguments),
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
        Some(Command::Serve(arguments)) => serve::run(arguments),
        Some(Command::Connect(arguments)) => connect::run(arguments),
        Some(Command::Bench(arguments)) => bench::run(&arguments),
        Some(Command::Explain { frames, json }) => explain::run(&frames, json),
    }
}

fn parse_url(text: &str) -> Result<Endpoint, websocket::url::UrlError> {
    websocket::url::parse(text)
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("{text:?} is not a time: write seconds, such as 2 or 0.5"))
}
