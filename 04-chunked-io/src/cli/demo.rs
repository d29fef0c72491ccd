//! The demonstration: pieces, glued messages, and a file, on loopback.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use chunked_io::framing::{LengthFraming, pull_framed, send_framed};
use chunked_io::{OutgoingFile, pull_exact, receive_file, send_file};
use ports::Endpoint;
use tcp_socket::{Deadline, Listener, Stream, TcpSocket, Traced};

use super::error::CliError;

const PATIENCE: Duration = Duration::from_secs(5);
const LETTER_SIZE: usize = 150_000;

pub(crate) fn run() -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    pieces(&mut out)?;
    glued(&mut out)?;
    file(&mut out)?;
    writeln!(
        out,
        "\nNext: `cargo 04-chunked-io receive 127.0.0.1:4000` here, and in another terminal\n\
         `cargo 04-chunked-io send FILE 127.0.0.1:4000`. Ten thousand connections at once: `cargo 04-chunked-io c10k`.\n\
         `cargo 04-chunked-io --help` tells the rest."
    )?;
    Ok(())
}

/// Both ends of one connection on loopback.
fn connection() -> Result<(TcpSocket, TcpSocket), CliError> {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let client = TcpSocket::connect_address(listener.local_address(), PATIENCE)?;
    Ok((client, listener.accept()?))
}

/// The receiving end of a connection whose sender sends one piece each time it is waited for.
struct InPieces {
    server: TcpSocket,
    client: TcpSocket,
    pieces: VecDeque<&'static [u8]>,
}

impl Stream for InPieces {
    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, tcp_socket::Error> {
        if let Some(piece) = self.pieces.pop_front() {
            self.client.send(piece, deadline)?;
        }
        self.server.pull(buffer, deadline)
    }

    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, tcp_socket::Error> {
        self.server.send(bytes, deadline)
    }

    fn peer(&self) -> String {
        Stream::peer(&self.server)
    }
}

/// One message that arrives in three pieces.
fn pieces(out: &mut impl Write) -> Result<(), CliError> {
    writeln!(
        out,
        "A message arrives in pieces. HELLO WORLD is sent in three:\n"
    )?;
    let (client, server) = connection()?;
    let stream = InPieces {
        server,
        client,
        pieces: VecDeque::from([b"HEL".as_slice(), b"LO W", b"ORLD"]),
    };
    let calls = Calls::default();
    let mut reader = calls.watch(stream);
    let mut message = [0; 11];
    pull_exact(&mut reader, &mut message, PATIENCE)?;
    calls.show(out)?;
    writeln!(
        out,
        "\nNo pull was wrong: each brought what had come. pull_exact asked again, each time"
    )?;
    writeln!(
        out,
        "for what was missing, until it had \"{}\".\n",
        message.escape_ascii()
    )?;
    Ok(())
}

/// Two messages that arrive as one, and the lengths that tell them apart.
fn glued(out: &mut impl Write) -> Result<(), CliError> {
    writeln!(
        out,
        "Two messages arrive in one piece. HELLO and WORLD are sent one after the other:\n"
    )?;
    let (mut client, server) = connection()?;
    client.send(b"HELLO", PATIENCE)?;
    client.send(b"WORLD", PATIENCE)?;
    let calls = Calls::default();
    let mut reader = calls.watch(server);
    reader.pull(&mut [0; 64], PATIENCE.into())?;
    calls.show(out)?;
    writeln!(
        out,
        "\nNothing in the stream says where one ended. With the length before each message, it does:\n"
    )?;
    let framing = LengthFraming::<4>::big_endian(100);
    for message in [b"HELLO", b"WORLD"] {
        send_framed(&mut client, &framing, message, PATIENCE)?;
    }
    for _ in 0..2 {
        pull_framed(&mut reader, &framing, PATIENCE)?;
    }
    calls.show(out)?;
    writeln!(out)?;
    Ok(())
}

/// A file, with all that its sender does.
fn file(out: &mut impl Write) -> Result<(), CliError> {
    writeln!(
        out,
        "A file goes over: {LETTER_SIZE} bytes, too many for one call. What the sender does:\n"
    )?;
    let folders = Folders::make()?;
    let letter = folders.outbox().join("letter.txt");
    let line = b"Every stream must loop.\n";
    let text: Vec<u8> = line.iter().copied().cycle().take(LETTER_SIZE).collect();
    fs::write(&letter, text)?;
    let (client, mut server) = connection()?;
    let inbox = folders.inbox();
    let receiver = thread::spawn(move || receive_file(&mut server, &inbox, PATIENCE, &mut |_| {}));
    let calls = Calls::default();
    let mut sender = calls.watch(client);
    let sent = send_file(&mut sender, OutgoingFile::open(&letter)?, PATIENCE, &mut |_| {})?;
    join(receiver)?;
    calls.show(out)?;
    let stored = fs::read(folders.inbox().join("letter.txt"))?;
    let same = stored == fs::read(&letter)?;
    writeln!(
        out,
        "\nSHA-256 {} on both sides; the two files are {}.",
        sent.digest,
        if same { "equal" } else { "different" }
    )?;
    Ok(())
}

/// The calls on a stream, kept until they are shown.
#[derive(Default)]
struct Calls {
    lines: RefCell<Vec<String>>,
}

impl Calls {
    fn watch<S: Stream>(&self, stream: S) -> Traced<S, impl FnMut(&str)> {
        Traced::new(stream, |line| self.lines.borrow_mut().push(line.to_owned()))
    }

    /// Shows the calls since the last time.
    fn show(&self, out: &mut impl Write) -> io::Result<()> {
        let lines = self.lines.take();
        lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
    }
}

/// The result of a thread. One that panicked has said so already.
fn join<T, E: Into<CliError>>(thread: thread::JoinHandle<Result<T, E>>) -> Result<T, CliError> {
    match thread.join() {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(io::Error::other("the other end of the demonstration failed").into()),
    }
}

/// A folder to send from and one to receive into, removed when the demonstration is over.
struct Folders {
    root: PathBuf,
}

impl Folders {
    fn make() -> io::Result<Self> {
        let root = std::env::temp_dir().join(format!("04-chunked-io-{}", std::process::id()));
        fs::create_dir(&root)?;
        let folders = Self { root };
        fs::create_dir(folders.outbox())?;
        fs::create_dir(folders.inbox())?;
        Ok(folders)
    }

    fn outbox(&self) -> PathBuf {
        self.root.join("outbox")
    }

    fn inbox(&self) -> PathBuf {
        self.root.join("inbox")
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        // A folder that stays behind in the system's own temporary folder harms nobody.
        let _ = fs::remove_dir_all(&self.root);
    }
}
