//! The demonstration: one `ws://` URL, down all six steps of the course and up again, against a broker on loopback.
//!
//! It is a client that is put together by hand, one step upon the other, so that each can say what it does. A real
//! one is a call of [`stomp::Client::connect`].

use std::io::{self, Write};
use std::time::{Duration, Instant};

use anstyle::Style;
use chunked_io::{pull_until, send_all};
use ports::Endpoint;
use stomp::client::{ClientSession, Event, Greeting};
use stomp::{Command, Frame, HeartBeat, Limits, Output, Server, ServerOptions, Version};
use tcp_socket::{Deadline, Stream, TcpSocket, Traced};
use websocket::frame::{FrameHeader, Opcode};
use websocket::handshake::{Request, Response};
use websocket::http::ResponseHead;
use websocket::{Connection, Message};

use super::error::CliError;

const BOLD: Style = Style::new().bold();

/// Long enough for a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(5);

/// The key on the lecture's slide, so that the answer on it can be found here too.
const LECTURES_KEY: &str = "x3JJHMbDL1EzLkh9GBhXDw==";

pub(super) fn run(out: &mut impl Write) -> Result<(), CliError> {
    let options = ServerOptions {
        epoch: "demo".to_owned(),
        ..ServerOptions::default()
    };
    let url = Server::start_on_loopback(options)?.web_socket;
    writeln!(
        out,
        "One URL, six steps down and six steps up again. A broker listens at its end.\n"
    )?;
    writeln!(out, "    {BOLD}{url}{BOLD:#}\n")?;

    heading(out, "The way there")?;
    let endpoint: Endpoint = url.parse().map_err(stomp::Error::from)?;
    let mut stack = Stack::build(&endpoint, out)?;

    heading(out, "A session")?;
    stack.connect(out)?;
    let subscribe = Frame::new(Command::Subscribe)
        .with("id", "1")
        .with("destination", "/topic/price")
        .with("receipt", "subscribed");
    stack.say(&subscribe, out)?;
    stack.hear(out)?;

    heading(out, "One message, six steps down")?;
    let send = Frame::new(Command::Send)
        .with("destination", "/topic/price")
        .with("content-type", "text/plain")
        .with_body("Samsung 71,300");
    stack.say_in_detail(&send, out)?;
    heading(out, "The same message, from the broker, six steps up")?;
    stack.hear_in_detail(out)?;

    heading(out, "Goodbye")?;
    stack.say(&Frame::new(Command::Disconnect).with("receipt", "bye"), out)?;
    stack.hear(out)?;

    writeln!(out, "Now with two terminals: cargo 06-stomp serve")?;
    writeln!(
        out,
        "and in the other one:   cargo 06-stomp subscribe /topic/price --count 1"
    )?;
    Ok(())
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "{BOLD}{text}{BOLD:#}\n")
}

/// Steps 3 to 6 upon each other.
struct Stack {
    socket: TcpSocket,
    web_socket: Connection,
    session: ClientSession,
    /// What the last exchange asked of the socket, and what came of it.
    calls: Vec<String>,
}

impl Stack {
    /// From a URL to an open WebSocket.
    fn build(endpoint: &Endpoint, out: &mut impl Write) -> Result<Self, CliError> {
        let (host, port) = (endpoint.host(), endpoint.port());
        writeln!(
            out,
            "  ports       scheme ws; host and port {} (shown: hidden it would be 80); path {}",
            endpoint.authority(),
            endpoint.request_target()
        )?;
        let addresses = ip::resolve(host, port, PATIENCE).map_err(tcp_socket::Error::from)?;
        let address = *addresses.first().ok_or(CliError::Incomplete)?;
        let kind = ip::classify(address.ip());
        writeln!(
            out,
            "  ip          {} is {} ({}): it never leaves this machine",
            address.ip(),
            kind.name(),
            kind.rfc()
        )?;
        let mut socket = TcpSocket::connect_address(address, PATIENCE)?;
        writeln!(
            out,
            "  tcp-socket  connect: {} -> {address}",
            socket.local_address()?
        )?;
        shake_hands(&mut socket, endpoint, out)?;
        let greeting = Greeting {
            host: host.to_owned(),
            login: None,
            passcode: None,
            versions: Version::ALL.to_vec(),
            heart_beat: HeartBeat::NONE,
        };
        let session =
            ClientSession::new(greeting, Limits::default(), Instant::now()).map_err(stomp::Error::from)?;
        Ok(Self {
            socket,
            web_socket: Connection::client(websocket::Options::default()),
            session,
            calls: Vec::new(),
        })
    }

    /// CONNECT, which a new session has to say already, and the answer.
    fn connect(&mut self, out: &mut impl Write) -> Result<(), CliError> {
        self.flush(out, '>')?;
        self.hear(out)
    }

    fn say(&mut self, frame: &Frame, out: &mut impl Write) -> Result<(), CliError> {
        self.session.send(frame).map_err(stomp::Error::from)?;
        self.flush(out, '>')
    }

    /// Sends what the session has to say, and shows it.
    fn flush(&mut self, out: &mut impl Write, arrow: char) -> Result<(), CliError> {
        let mut output = Output::default();
        self.session.take_output(&mut output, Instant::now());
        let text = String::from_utf8_lossy(output.octets()).into_owned();
        show(out, arrow, &text)?;
        let mut wire = Vec::new();
        self.web_socket
            .send(&*text, &mut wire)
            .map_err(websocket::Error::from)?;
        self.calls.clear();
        let mut socket = Traced::new(self.socket.try_clone()?, |line: &str| {
            self.calls.push(call(line));
        });
        send_all(&mut socket, &wire, PATIENCE)?;
        Ok(())
    }

    fn say_in_detail(&mut self, frame: &Frame, out: &mut impl Write) -> Result<(), CliError> {
        self.say(frame, out)?;
        let mut octets = Vec::new();
        stomp::encode(frame, Version::V1_2, &mut octets).map_err(stomp::Error::from)?;
        let length = octets.len();
        let mut header = Vec::new();
        FrameHeader::whole(Opcode::Text, length, Some([0; 4])).encode(&mut header);
        let total = header.len() + length;
        let (here, there) = (self.socket.local_address()?, self.socket.peer_address());
        writeln!(
            out,
            "  stomp       a frame: command, headers, body, the octet 0: {length} bytes of text"
        )?;
        writeln!(
            out,
            "  websocket   a text message in one frame: header 2, masking key 4, payload {length}: {total} bytes"
        )?;
        writeln!(
            out,
            "  chunked-io  send_all: again and again until all {total} bytes have left"
        )?;
        writeln!(
            out,
            "  tcp-socket  {}: once was enough, this time",
            self.calls.join(", ")
        )?;
        writeln!(
            out,
            "  ip          each packet says from {} to {}",
            here.ip(),
            there.ip()
        )?;
        writeln!(
            out,
            "  ports       and inside it each segment says from {here} to {there}\n"
        )?;
        Ok(())
    }

    fn hear(&mut self, out: &mut impl Write) -> Result<(), CliError> {
        let (text, _) = self.next_message()?;
        show(out, '<', &text)?;
        Ok(())
    }

    fn hear_in_detail(&mut self, out: &mut impl Write) -> Result<(), CliError> {
        let (text, event) = self.next_message()?;
        let Event::Message(frame) = event else {
            return Err(CliError::Incomplete);
        };
        let mut header = Vec::new();
        FrameHeader::whole(Opcode::Text, text.len(), None).encode(&mut header);
        let (header, length) = (header.len(), text.len());
        let (here, there) = (self.socket.local_address()?, self.socket.peer_address());
        writeln!(
            out,
            "  ports       segments from {there} to {here} belong to this connection"
        )?;
        writeln!(out, "  ip          and came in packets from {}", there.ip())?;
        writeln!(
            out,
            "  tcp-socket  {}: it might have been less",
            self.calls.join(", ")
        )?;
        writeln!(
            out,
            "  chunked-io  pull again until the message is whole; it was, this time"
        )?;
        writeln!(
            out,
            "  websocket   one frame: header {header}, no mask from a server, payload {length}: a text message"
        )?;
        writeln!(
            out,
            "  stomp       MESSAGE for subscription {}: {:?}\n",
            frame.header("subscription").unwrap_or("none"),
            frame.text()
        )?;
        show(out, '<', &text)?;
        Ok(())
    }

    /// Pulls until a whole message has come, and says what it is to STOMP.
    fn next_message(&mut self) -> Result<(String, Event), CliError> {
        let deadline = Deadline::after(PATIENCE);
        let mut buffer = vec![0; 16 * 1024];
        self.calls.clear();
        let mut socket = Traced::new(self.socket.try_clone()?, |line: &str| {
            self.calls.push(call(line));
        });
        let message = loop {
            let count = socket.pull(&mut buffer, deadline)?;
            let mut input = &mut buffer[..count];
            match self.web_socket.next_event(&mut input, &mut Vec::new()) {
                Some(websocket::Event::Message(Message::Text(text))) => break text.into_owned(),
                None if count > 0 => {}
                _ => return Err(CliError::Incomplete),
            }
        };
        self.session.receive(message.as_bytes(), Instant::now());
        let event = self
            .session
            .next_event(Instant::now())
            .map_err(|_| CliError::Incomplete)?;
        Ok((message, event.ok_or(CliError::Incomplete)?))
    }
}

/// `send(94) -> 94`, without the bytes and the time.
fn call(line: &str) -> String {
    line.split(" \"").next().unwrap_or(line).to_owned()
}

/// The opening handshake of the WebSocket, by hand.
fn shake_hands(socket: &mut TcpSocket, endpoint: &Endpoint, out: &mut impl Write) -> Result<(), CliError> {
    const LONGEST: usize = 16 * 1024;
    let mut request = Request::new(endpoint).map_err(websocket::Error::from)?;
    LECTURES_KEY.clone_into(&mut request.key);
    request.subprotocols = vec![Version::V1_2.subprotocol().to_owned()];
    let question = request.to_head().to_string();
    send_all(socket, question.as_bytes(), PATIENCE)?;
    let mut answer = Vec::new();
    let end = pull_until(socket, &mut answer, b"\r\n\r\n", LONGEST, PATIENCE)?;
    writeln!(
        out,
        "  chunked-io  {} bytes sent, all of them; {end} pulled, up to the empty line",
        question.len()
    )?;
    let head = ResponseHead::parse(&answer[..end]).map_err(|_| CliError::Incomplete)?;
    Response::from_head(&head, &request).map_err(|_| CliError::Incomplete)?;
    writeln!(
        out,
        "  websocket   may this connection leave HTTP? Asked with the key of the lecture's slide:\n"
    )?;
    show(out, '>', question.trim_end())?;
    show(out, '<', head.to_string().trim_end())?;
    Ok(())
}

/// A text of several lines, each behind an arrow, with `^@` for the octet 0.
fn show(out: &mut impl Write, arrow: char, text: &str) -> io::Result<()> {
    for line in text.replace('\0', "^@").lines() {
        writeln!(out, "{}", format!("    {arrow} {line}").trim_end())?;
    }
    writeln!(out)
}
