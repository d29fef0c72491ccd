//! The demonstration: both ends of a connection in one process, and every call between them.

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{self, StdoutLock, Write};
use std::net::{Ipv4Addr, Shutdown};
use std::time::{Duration, Instant};

use tcp_socket::{Error, Listener, Stream, TcpSocket, Traced};

use super::Failure;

/// Nothing on loopback takes this long.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long the demonstration waits for what does not come.
const PATIENCE: Duration = Duration::from_millis(50);

const OPENING: &str = "Both ends of a TCP connection, in one process on loopback.";

const CLOSING: &str = "
Next, talk to yourself in two terminals, and end one side with Ctrl-D:
  cargo 03-tcp-socket listen 7000
  cargo 03-tcp-socket connect 127.0.0.1 7000 --trace
How many callers can one machine hold? cargo 03-tcp-socket crowd";

pub(super) fn run() -> Result<(), Failure> {
    let page = Page(RefCell::new(io::stdout().lock()));
    page.print(OPENING)?;
    page.heading("A server listens and a client calls. Each end is an address and a port.")?;
    let listener = Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = listener.local_address();
    page.line("server", format!("bind(127.0.0.1:0), listen() -> {address}"))?;
    let (client, server) = call(&page, &listener)?;
    pairs(&page, &client, &server)?;
    data_and_an_orderly_end(&page, client, server)?;
    silence_and_a_reset(&page, &listener)?;
    drop(listener);
    page.heading("Nobody listens any more.")?;
    page.line("client", format!("connect({address})"))?;
    page.failure(TcpSocket::connect_address(address, TIMEOUT).err())?;
    page.print(CLOSING)?;
    Ok(())
}

/// Connects and accepts. One thread can do both: the system shakes hands with a caller before anybody accepts it.
fn call(page: &Page, listener: &Listener) -> Result<(TcpSocket, TcpSocket), Failure> {
    let address = listener.local_address();
    let started = Instant::now();
    let client = TcpSocket::connect_address(address, TIMEOUT)?;
    let elapsed = started.elapsed();
    let from = client.local_address()?;
    page.line(
        "client",
        format!("connect({address}) -> from {from} ({elapsed:.1?})"),
    )?;
    let server = listener.accept()?;
    page.line("server", format!("accept() -> {}", server.peer_address()))?;
    Ok((client, server))
}

/// Both ends as they see themselves and each other: the same two pairs, the other way round.
fn pairs(page: &Page, client: &TcpSocket, server: &TcpSocket) -> Result<(), Failure> {
    for (name, socket) in [("client", client), ("server", server)] {
        let (near, far) = (socket.local_address()?, socket.peer_address());
        page.line(name, format!("my end {near}, other end {far}"))?;
    }
    Ok(())
}

fn data_and_an_orderly_end(page: &Page, client: TcpSocket, server: TcpSocket) -> Result<(), Failure> {
    page.heading("One send of 12 bytes. Each pull brings what fits, and no more than has come.")?;
    let mut client = page.watch("client", client);
    let mut server = page.watch("server", server);
    client.send(b"Hello, pull!", TIMEOUT.into())?;
    for _ in 0..3 {
        server.pull(&mut [0; 5], TIMEOUT.into())?;
    }

    page.heading("The client has said all and closes its direction. The other one still works.")?;
    client.get_ref().shutdown(Shutdown::Write)?;
    page.line("client", "shutdown(write)")?;
    server.pull(&mut [0; 5], TIMEOUT.into())?;
    server.send(b"Goodbye.", TIMEOUT.into())?;
    drop(server);
    page.line("server", "close()")?;
    client.pull(&mut [0; 64], TIMEOUT.into())?;
    client.pull(&mut [0; 64], TIMEOUT.into())?;
    Ok(())
}

fn silence_and_a_reset(page: &Page, listener: &Listener) -> Result<(), Failure> {
    page.heading("0 is an orderly end. Silence is not, and neither is a connection thrown away.")?;
    let (client, server) = call(page, listener)?;
    let mut client = page.watch("client", client);
    page.failure(client.pull(&mut [0; 64], PATIENCE.into()).err())?;
    server.set_linger(Some(Duration::ZERO))?;
    drop(server);
    page.line("server", "close() with linger 0: a reset")?;
    page.failure(client.pull(&mut [0; 64], TIMEOUT.into()).err())?;
    Ok(())
}

/// What is printed, shared by the two ends.
struct Page(RefCell<StdoutLock<'static>>);

impl Page {
    fn print(&self, text: impl Display) -> io::Result<()> {
        writeln!(self.0.borrow_mut(), "{text}")
    }

    fn heading(&self, text: &str) -> io::Result<()> {
        self.print(format_args!("\n{text}"))
    }

    fn line(&self, who: &str, text: impl Display) -> io::Result<()> {
        self.print(format_args!("  {who}  {text}"))
    }

    /// The demonstration goes on where a program would stop, and prints what it would have said.
    fn failure(&self, error: Option<Error>) -> io::Result<()> {
        error.map_or(Ok(()), |error| self.print(format_args!("          {error}")))
    }

    /// An end whose calls are printed as they happen.
    fn watch<'a>(&'a self, who: &'a str, socket: TcpSocket) -> Traced<TcpSocket, impl FnMut(&str) + 'a> {
        Traced::new(socket, move |call| {
            // A reader who has gone away is noticed by the next line that can say so.
            let _ = self.line(who, call);
        })
    }
}
