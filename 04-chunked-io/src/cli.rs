//! What the command line says, and which part of the library does it.

mod bar;
mod c10k;
mod demo;
mod error;
mod files;
mod mtu;
mod mtu_lab;
mod reads;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};
use ports::Endpoint;

use error::CliError;

/// One call may move less than you asked: repeat until it is done.
///
/// A TCP connection is a stream of bytes. What was sent in one call may arrive in three, and what was sent in
/// three may arrive in one. Whoever needs a whole message, or a whole file, has to repeat the call and has to
/// know where the message ends.
///
/// Without a command it shows that on this machine, call by call.
#[derive(Debug, Parser)]
#[command(name = "04-chunked-io", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  cargo 04-chunked-io                                     a demonstration, on loopback
  cargo 04-chunked-io receive 127.0.0.1:4000 --dir inbox  wait for a file, in one terminal
  cargo 04-chunked-io send film.mp4 127.0.0.1:4000        send it, in another
  cargo 04-chunked-io mtu 8K                              how many packets are 8 KiB?
  cargo 04-chunked-io reads                               in which sizes does a megabyte arrive?
  sudo target/debug/04-chunked-io mtu-lab                 a black hole, and the ways out of it (Linux)
  cargo 04-chunked-io c10k                                ten thousand connections at once

Exit codes: 0 all went well, 1 it failed on the way, 2 it could not begin (no such file, no such address).";

#[derive(Debug, Subcommand)]
enum Command {
    /// Send files to a `04-chunked-io receive`
    ///
    /// The other end gets the name, the size, the bytes and their SHA-256; it answers when the whole file is on its
    /// disk. If the connection is cut, give the same command again: it passes over what is there, and goes on where it
    /// stopped. Memory stays the same however large a file is, and if the other end is slow, this end waits.
    Send {
        /// The files, one after the other; the first failure ends it
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Where the receiver listens: HOST:PORT
        address: Endpoint,
        #[command(flatten)]
        patience: Patience,
    },
    /// Wait for one sender, and store the files that it sends
    ///
    /// The bytes go to a hidden file `.NAME.part`, which gets its name in one step when all have come and their SHA-256
    /// is right. Nothing is overwritten, and a name that leads to another folder is refused. Ends when the sender
    /// has no more. Only programs on this machine can send to 127.0.0.1; 0.0.0.0 is open to all who reach it.
    Receive {
        /// Where to listen: HOST:PORT; port 0 takes a free one
        address: Endpoint,
        /// The folder to store files in
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        #[command(flatten)]
        patience: Patience,
    },
    /// Cut a number of bytes into packets, and draw them
    ///
    /// A packet has room for a part of the stream only: the MTU of the link, less the headers of IP and TCP. This shows
    /// how many packets a size takes, what each of them carries, and how much of what is on the wire is yours. The
    /// acknowledgements on the way back are not counted.
    Mtu(mtu::MtuArguments),
    /// Send through a router whose link is too narrow, and see what happens (Linux, as root)
    ///
    /// Builds three network namespaces in a row, a sender, a router and a receiver, and removes them again. The link
    /// behind the router carries 576 bytes (1280 with --ipv6), and neither end is told. Needs root, and the programs
    /// ip, nft, ethtool and sysctl; says so if one is missing.
    MtuLab(mtu_lab::LabArguments),
    /// The sender's end of the lab, in its namespace
    #[command(hide = true)]
    MtuLabSend(mtu_lab::EndArguments),
    /// The receiver's end of the lab, in its namespace
    #[command(hide = true)]
    MtuLabReceive(mtu_lab::EndArguments),
    /// Show in which sizes a megabyte really arrives
    ///
    /// Each pull brings what has arrived since the last one, up to the size of the buffer: not a packet, not what one
    /// send has sent, and not 8K. Without a host, a sender on this machine sends 10,000 bytes at a time.
    Reads(reads::ReadsArguments),
    /// Hold ten thousand connections at once, and see what each costs
    ///
    /// Starts a server and, in processes of their own, as many clients as asked for. They connect all at once, one in a
    /// hundred of them echoes, and the others only stay: so it is in the field. It shows how long callers waited, what
    /// a connection costs in memory, and how fast the echoes came.
    C10k(c10k::C10kArguments),
    #[command(hide = true)]
    C10kPart(c10k::PartArguments),
}

#[derive(Debug, clap::Args)]
struct Patience {
    /// Give up when no chunk of 64 KiB goes over for this long
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a number of seconds over 0 is needed, such as 30 or 0.5".to_owned())
}

/// A number of bytes: `8192`, `8K`, `1M`.
fn size(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 1 << 10),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 1 << 20),
        Some(b'G' | b'g') => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    let number: Option<u64> = digits.parse().ok();
    number
        .and_then(|number| number.checked_mul(factor))
        .filter(|size| *size <= 1 << 50)
        .ok_or_else(|| "a number of bytes is needed, such as 8192, 8K or 1M".to_owned())
}

/// Does what was asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    match &arguments.command {
        None => demo::run(),
        Some(Command::Send {
            files,
            address,
            patience,
        }) => files::send(files, address, patience.timeout),
        Some(Command::Receive {
            address,
            dir,
            patience,
        }) => files::receive(address, dir, patience.timeout),
        Some(Command::Mtu(arguments)) => mtu::run(arguments),
        Some(Command::MtuLab(arguments)) => mtu_lab::run(arguments),
        Some(Command::MtuLabSend(arguments)) => mtu_lab::send(arguments),
        Some(Command::MtuLabReceive(arguments)) => mtu_lab::receive(arguments),
        Some(Command::Reads(arguments)) => reads::run(arguments),
        Some(Command::C10k(arguments)) => c10k::run(arguments),
        Some(Command::C10kPart(arguments)) => c10k::be_part(arguments),
    }
}
