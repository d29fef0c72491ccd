//! What the command line says, and which part of the library does it.

mod access;
mod bench;
mod chat;
mod demo;
mod error;
mod explain;
mod passwd;
mod publish;
mod quotes;
mod relay;
mod serve;

use clap::{Parser, Subcommand};
use stomp::{AckMode, Version};

use access::{Broker, Stay};
use error::CliError;

/// Publish and subscribe: a broker that brings each message to whoever wants it.
///
/// A publisher does not know its readers, and a reader does not know who writes: both know a destination, and the
/// broker between them knows who is there. They speak STOMP, a protocol of plain text, over TCP or inside a
/// WebSocket.
///
/// Without a command it follows one ws:// URL down all six steps of the course and back.
#[derive(Debug, Parser)]
#[command(name = "06-stomp", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  cargo 06-stomp                                       a demonstration, on loopback
  cargo 06-stomp serve                                 a broker, in one terminal
  cargo 06-stomp subscribe /topic/price                a reader, in another
  cargo 06-stomp send /topic/price 'Samsung 71,300'    a message, from a third
  cargo 06-stomp subscribe /topic/price --url ws://localhost:61614/stomp
                                                       the same reader, over WebSocket
  cargo 06-stomp quotes                                a price feed, here and in a browser
  cargo 06-stomp chat lobby                            a chat room at the broker of the first terminal
  cargo 06-stomp explain frame.txt                     what each byte of a frame is for

Destinations:
  /topic/NAME   everyone who is subscribed gets each message
  /queue/NAME   one reader gets each message; it waits until there is one

Exit codes: 0 all went well, 1 it failed on the way, 2 it could not begin (no such URL or destination).";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a broker until Ctrl-C
    ///
    /// It speaks STOMP 1.0, 1.1 and 1.2. Messages in a queue are gone when it ends, unless they say persistent:true and it
    /// has a --store. Only programs on this machine can reach 127.0.0.1; any other address needs --users, or
    /// --allow-anonymous.
    Serve(Box<serve::Serve>),
    /// Print the messages of a destination as they come
    ///
    /// A topic may leave words open: /topic/price.* takes one word there, /topic/price.> the rest.
    Subscribe {
        /// /topic/NAME or /queue/NAME
        destination: String,
        /// End after this many messages
        #[arg(long, value_name = "N")]
        count: Option<usize>,
        /// When a message counts as received: as soon as it is sent, or once it has been printed
        #[arg(long, value_enum, default_value = "auto")]
        ack: Ack,
        /// Print each message as JSON, one object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        broker: Broker,
        #[command(flatten)]
        stay: Stay,
    },
    /// Publish one message
    ///
    /// Ends when the broker has said, with a RECEIPT, that it has the message.
    Send {
        /// /topic/NAME or /queue/NAME
        destination: String,
        /// The message
        text: String,
        /// Have queues and durable subscriptions keep it in the broker's store: the receipt says then that it is on the disk
        #[arg(long)]
        persistent: bool,
        #[command(flatten)]
        broker: Broker,
    },
    /// Talk in a room
    ///
    /// A room is a topic: what you type goes to everybody who is in it, in terminals and in browsers, and nothing is kept
    /// for those who come later. It needs a broker: `serve` in another terminal.
    Chat(chat::Arguments),
    /// Publish and watch simulated prices
    ///
    /// Without --url it is a broker, a publisher and a reader in one: a table on a terminal, lines into a file, and a page
    /// for browsers. With --url it watches a broker that runs already, or publishes to it.
    Quotes(Box<quotes::Arguments>),
    /// Draw frames, with what each byte of them is for
    ///
    /// What is wrong with a frame is said beneath the byte at fault, with the section of the specification. A file is
    /// read as it is; if it holds no octet 0, each ^@ in it stands for one, as in the specifications.
    #[command(
        after_help = "Example: printf 'SEND\\ndestination:/topic/price\\n\\n71,300^@' | cargo 06-stomp explain"
    )]
    Explain {
        /// The frames: in hex digits, or a file, or - for standard input
        #[arg(value_name = "HEX|FILE|-", default_value = "-")]
        frames: Vec<String>,
        /// The rules to read them by: 1.0, 1.1 or 1.2
        #[arg(long, value_name = "VERSION", default_value = "1.2", value_parser = version)]
        version: Version,
        /// One JSON object a frame instead of drawings
        #[arg(long)]
        json: bool,
    },
    /// Set the passcode of a user
    ///
    /// Asks for it twice on a terminal, and otherwise reads it from the standard input. The file keeps a hash from which it
    /// cannot be found out. A new user may do nothing until --read and --write name the destinations.
    Passwd(passwd::Passwd),
    /// Measure how fast a broker is
    ///
    /// Starts publishers and subscribers as processes of their own. They write and read in bulk and only count frames, or
    /// they would be what is measured. Build with --release for numbers that mean something.
    Bench(bench::Bench),
}

/// The three modes of acknowledgement.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Ack {
    /// The broker forgets a message when it has sent it
    Auto,
    /// This program acknowledges each message, and with it all before
    Client,
    /// This program acknowledges each message
    ClientIndividual,
}

impl From<Ack> for AckMode {
    fn from(ack: Ack) -> Self {
        match ack {
            Ack::Auto => Self::Auto,
            Ack::Client => Self::Client,
            Ack::ClientIndividual => Self::ClientIndividual,
        }
    }
}

fn version(number: &str) -> Result<Version, String> {
    Version::from_number(number).ok_or_else(|| format!("the versions of STOMP are {}", Version::LIST))
}

/// Does what was asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    match &arguments.command {
        None => demo::run(&mut anstream::stdout().lock()),
        Some(Command::Serve(serve)) => serve::run(serve),
        Some(Command::Subscribe {
            destination,
            count,
            ack,
            json,
            broker,
            stay,
        }) => {
            let printed = publish::Printed {
                count: *count,
                json: *json,
            };
            publish::subscribe(destination, (*ack).into(), &printed, broker, stay)
        }
        Some(Command::Send {
            destination,
            text,
            persistent,
            broker,
        }) => publish::send(destination, text, *persistent, broker),
        Some(Command::Chat(arguments)) => chat::run(arguments),
        Some(Command::Quotes(arguments)) => quotes::run(arguments),
        Some(Command::Explain {
            frames,
            version,
            json,
        }) => explain::run(frames, *version, *json),
        Some(Command::Passwd(passwd)) => passwd::run(passwd),
        Some(Command::Bench(bench)) => bench::run(bench),
    }
}
