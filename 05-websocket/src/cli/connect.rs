//! `connect`: a line in is a message out, a message in is a line out.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use ports::Endpoint;
use tcp_socket::Deadline;
use websocket::connection::SendError;
use websocket::deflate::Compression;
use websocket::tls::ClientTls;
use websocket::{CloseCode, ConnectOptions, Error, Event, Message, Receiver, Sender, WebSocket};

use super::echo::describe;
use super::failure::Failure;
use super::{parse_seconds, parse_url, trace};

/// How often a sign of life is asked for.
const PING_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The server: ws://HOST:PORT/PATH, or wss:// for TLS
    #[arg(value_parser = parse_url)]
    url: Endpoint,
    /// Send each line as binary
    #[arg(long)]
    binary: bool,
    /// Ask each second for a sign of life, and say how long it took
    #[arg(long)]
    ping: bool,
    /// A subprotocol that you speak; repeat it in the order of preference
    #[arg(long, value_name = "NAME")]
    subprotocol: Vec<String>,
    /// The page on whose behalf you connect
    #[arg(long)]
    origin: Option<String>,
    /// One more line for the request: "Cookie: a=b"
    #[arg(long, value_name = "NAME: VALUE", value_parser = parse_header)]
    header: Vec<(String, String)>,
    /// Go through this HTTP proxy (CONNECT); http://USER:PASSWORD@HOST:PORT logs in there
    #[arg(long, value_name = "HOST:PORT")]
    proxy: Option<Endpoint>,
    /// Trust the authorities in this PEM file with wss://, instead of those of this machine
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
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
}

impl Arguments {
    fn options(&self) -> Result<ConnectOptions, Error> {
        let mut options = ConnectOptions {
            subprotocols: self.subprotocol.clone(),
            origin: self.origin.clone(),
            headers: self.header.clone(),
            proxy: self.proxy.clone(),
            tls: self.ca.as_deref().map(ClientTls::trusting_file).transpose()?,
            ..Default::default()
        };
        options.socket.handshake_timeout = self.timeout;
        options.socket.connection.compression = self.compress.then(Compression::default);
        options.socket.observer = self.trace.then(trace::observer);
        Ok(options)
    }
}

fn parse_header(text: &str) -> Result<(String, String), String> {
    text.split_once(':')
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| format!("{text:?} is no header: write \"Name: value\""))
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let web_socket = WebSocket::connect_endpoint(&arguments.url, &arguments.options()?)?;
    let subprotocol = web_socket.subprotocol().map(|name| format!(", speaking {name}"));
    say(&format!(
        "connected to {}{}; end with Ctrl-D",
        arguments.url,
        subprotocol.unwrap_or_default()
    ));
    let (sender, mut receiver) = web_socket.split();
    if arguments.ping {
        let sender = sender.clone();
        thread::spawn(move || ask_for_signs_of_life(&sender));
    }
    // Reading a line cannot be interrupted, so nobody waits for this thread: the end of the program is its end.
    thread::spawn(move || {
        if let Err(error) = send_lines(&sender, arguments.binary, arguments.wait) {
            say(&format!("error: {error}"));
        }
    });
    print_messages(&mut receiver)
}

/// Says each line, and closes a little after the end of the input, so that the last line can be answered: few servers
/// say anything once they have seen a Close.
fn send_lines(sender: &Sender, as_binary: bool, wait: Duration) -> Result<(), Failure> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        if as_binary {
            sender.send(line.into_bytes())?;
        } else {
            sender.send(line)?;
        }
    }
    thread::sleep(wait);
    match sender.close(CloseCode::NORMAL, "") {
        // The server has closed first.
        Err(Error::NotSent(SendError::Closing)) => Ok(()),
        result => Ok(result?),
    }
}

/// A Ping carries the time at which it left; the Pong brings it back.
fn ask_for_signs_of_life(sender: &Sender) {
    while sender.ping(&now().as_nanos().to_be_bytes()).is_ok() {
        thread::sleep(PING_EVERY);
    }
}

/// Since the program's first look at the clock.
fn now() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

fn print_messages(receiver: &mut Receiver) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    loop {
        match receiver.recv_event(Deadline::never())? {
            Event::Message(message) => {
                match &message {
                    Message::Text(text) => writeln!(out, "{text}")?,
                    Message::Binary(_) => writeln!(out, "({})", describe(&message))?,
                }
                out.flush()?;
            }
            Event::Pong(payload) => {
                if let Ok(sent) = payload[..].try_into().map(u128::from_be_bytes) {
                    let nanoseconds = now().as_nanos().saturating_sub(sent);
                    let trip = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
                    say(&format!("a sign of life after {trip:.1?}"));
                }
            }
            Event::Closed(close) => {
                say(&format!("closed with {close}"));
                return Ok(());
            }
            _ => {}
        }
    }
}

/// What concerns the person and not the conversation goes to standard error.
fn say(line: &str) {
    // Nobody is left to tell if even this fails.
    let _ = writeln!(io::stderr(), "{line}");
}
