//! The demonstration: one conversation on loopback, from the first line of HTTP to the last frame.
//!
//! The client's end is played by hand, step by step, with the same parts that the library is made of. Its key and its
//! mask are those of the lecture and of RFC 6455, so that everybody sees the same bits; a real client takes fresh random
//! ones.

use std::io::{self, StdoutLock, Write};
use std::net::Shutdown;
use std::thread;
use std::time::Duration;

use chunked_io::send_all;
use ports::Endpoint;
use tcp_socket::{Listener, TcpSocket};
use websocket::figure::{FrameCutter, hex};
use websocket::handshake::{GUID, Request, Response, accept_digest};
use websocket::http::{HEAD_LIMIT, ResponseHead, pull_head};
use websocket::mask::KeySource;
use websocket::{AcceptOptions, CloseCode, Connection, Error, Event, Options, Violation, WebSocket};

use super::failure::Failure;
use super::trace;

/// The key on the lecture's slide.
const KEY: &str = "x3JJHMbDL1EzLkh9GBhXDw==";

/// The mask in RFC 6455, section 5.7.
const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// Nothing on loopback takes this long.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run() -> Result<(), Failure> {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let url =
        websocket::url::parse(&format!("ws://{}/chat", listener.local_address())).map_err(Error::from)?;
    let server = thread::spawn(move || echo(&listener));

    let mut demo = Demo {
        out: io::stdout().lock(),
        socket: TcpSocket::connect(&url, PATIENCE)?,
        connection: Connection::client(Options {
            masking_keys: KeySource::Fixed(MASK),
            ..Default::default()
        }),
        output: Vec::new(),
        pending: Vec::new(),
    };
    writeln!(demo.out, "A client on loopback talks to {url}.")?;
    demo.handshake(&url)?;
    demo.conversation()?;
    demo.ending()?;
    // The server's thread has nothing left to say; if it failed, the client has seen it.
    let _ = server.join();
    writeln!(
        demo.out,
        "\nNext: `cargo 05-websocket serve` here, and in another terminal\n\
         `cargo 05-websocket connect ws://127.0.0.1:8080 --trace`. `cargo 05-websocket --help` tells the rest."
    )?;
    Ok(())
}

/// The server: it takes one caller and says back what it hears.
fn echo(listener: &Listener) -> Result<(), Failure> {
    let options = AcceptOptions {
        subprotocols: vec!["chat".to_owned()],
        ..Default::default()
    };
    let mut web_socket = WebSocket::accept(listener.accept()?, &options)?;
    while let Some(message) = web_socket.recv(PATIENCE)? {
        web_socket.send(message)?;
    }
    Ok(())
}

struct Demo {
    out: StdoutLock<'static>,
    socket: TcpSocket,
    connection: Connection,
    /// What the machine has to say.
    output: Vec<u8>,
    /// What was received and belongs to the next step.
    pending: Vec<u8>,
}

impl Demo {
    fn handshake(&mut self, url: &Endpoint) -> Result<(), Failure> {
        let request = Request {
            key: KEY.to_owned(),
            subprotocols: vec!["chat".to_owned(), "superchat".to_owned()],
            origin: Some("http://example.com".to_owned()),
            ..Request::new(url).map_err(Error::from)?
        };
        let head = request.to_head().to_string();
        self.heading("1. The client asks, in HTTP, to leave HTTP:")?;
        write!(self.out, "{}", trace::head("  > ", &head))?;
        send_all(&mut self.socket, head.as_bytes(), PATIENCE).map_err(Error::from)?;

        let unanswered = |source| Error::NoAnswer {
            url: url.to_string(),
            source,
        };
        let head =
            pull_head(&mut self.socket, &mut self.pending, HEAD_LIMIT, PATIENCE).map_err(unanswered)?;
        self.heading("2. The server agrees, and proves that it knows what it agrees to:")?;
        write!(
            self.out,
            "{}",
            trace::head("  < ", &String::from_utf8_lossy(&head))
        )?;
        let head = ResponseHead::parse(&head).map_err(|bad| unanswered(bad.into()))?;
        let not_web_socket = |source| Error::NotWebSocket {
            url: url.to_string(),
            words: String::new(),
            source,
        };
        let response = Response::from_head(&head, &request).map_err(not_web_socket)?;

        self.heading("3. The proof is the key, followed by a text that every WebSocket server knows:")?;
        writeln!(self.out, "    {KEY}{GUID}")?;
        writeln!(self.out, "    SHA-1   {}", hex(&accept_digest(KEY)))?;
        writeln!(self.out, "    base64  {}", response.accept)?;
        Ok(())
    }

    fn conversation(&mut self) -> Result<(), Failure> {
        self.heading("4. The client says \"Hello\". What a client sends is masked:")?;
        self.connection
            .send("Hello", &mut self.output)
            .map_err(Error::from)?;
        self.send()?;
        self.heading("5. The server says it back. What a server sends is not masked:")?;
        let event = self.receive()?;
        writeln!(self.out, "  The client's machine makes of it: {event:?}")?;
        Ok(())
    }

    fn ending(&mut self) -> Result<(), Failure> {
        self.heading("6. The client closes, with a code and a reason:")?;
        self.connection
            .close(CloseCode::NORMAL, "bye", &mut self.output)
            .map_err(Error::from)?;
        self.send()?;
        self.heading("7. The server answers with the same code:")?;
        let event = self.receive()?;
        writeln!(self.out, "  The client's machine makes of it: {event:?}")?;
        self.heading("8. The server ends the TCP connection first, and the client follows:")?;
        let count = self.socket.pull(&mut [0], PATIENCE)?;
        writeln!(self.out, "  pull(1) -> {count}")?;
        self.socket.shutdown(Shutdown::Both)?;
        Ok(())
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{text}\n")
    }

    /// Sends what the machine has put out, and draws it.
    fn send(&mut self) -> Result<(), Failure> {
        let output = std::mem::take(&mut self.output);
        self.draw(&output)?;
        send_all(&mut self.socket, &output, PATIENCE).map_err(Error::from)?;
        Ok(())
    }

    /// Pulls until the machine makes an event of what came, and draws it.
    fn receive(&mut self) -> Result<Event<'static>, Failure> {
        let mut received = std::mem::take(&mut self.pending);
        let mut unread = received.clone();
        let mut buffer = [0; 1024];
        loop {
            let event = self.connection.next_event(&mut &mut unread[..], &mut self.output);
            if let Some(event) = event {
                self.draw(&received)?;
                return Ok(event.into_owned());
            }
            let count = self.socket.pull(&mut buffer, PATIENCE)?;
            if count == 0 {
                return Ok(Event::Failed(Violation::Lost));
            }
            received.extend_from_slice(&buffer[..count]);
            unread = buffer[..count].to_vec();
        }
    }

    fn draw(&mut self, bytes: &[u8]) -> io::Result<()> {
        for figure in FrameCutter::default().push(bytes) {
            write!(self.out, "{figure}")?;
        }
        Ok(())
    }
}
