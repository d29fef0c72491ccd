//! Standard input to the peer, and the peer to standard output, both ways at once.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use ports::Endpoint;
use tcp_socket::tunnel::{self, Proxy};
use tcp_socket::{Deadline, Listener, Stream, TcpSocket, Traced};

use super::format::{hex_dump, with_crlf};
use super::{CONNECT_TIMEOUT, Conversation, Failure};

/// How much is asked for in one call, in bytes.
const BUFFER: usize = 8 * 1024;

pub(super) fn listen(address: &Endpoint, conversation: &Conversation) -> Result<(), Failure> {
    let listener = Listener::bind(address)?;
    say(&format!("listening on {}", listener.local_address()));
    let socket = listener.accept()?;
    // One caller is all that this tool takes: the next is refused at once instead of waiting in line.
    drop(listener);
    converse(socket, conversation)
}

pub(super) fn connect(
    peer: &Endpoint,
    proxy: Option<&Endpoint>,
    conversation: &Conversation,
) -> Result<(), Failure> {
    let started = Instant::now();
    let timeout = conversation.timeout.unwrap_or(CONNECT_TIMEOUT);
    let socket = match proxy {
        None => TcpSocket::connect(peer, timeout)?,
        Some(proxy) => tunnel::connect_through(proxy, peer, timeout)?,
    };
    if conversation.trace {
        let (peer, reached, elapsed) = (peer.authority(), socket.peer_address(), started.elapsed());
        say(&format!("connect({peer}) -> {reached} ({elapsed:.1?})"));
    }
    if let Some(proxy) = proxy {
        say(&format!(
            "{} has opened a tunnel to {}",
            proxy.authority(),
            peer.authority()
        ));
    }
    converse(socket, conversation)
}

/// Runs until the process is ended, and tells what became of each caller.
pub(super) fn proxy(address: &Endpoint, allowed_ports: Vec<u16>) -> Result<(), Failure> {
    let listener = Listener::bind(address)?;
    say(&format!(
        "listening on {}; connecting to ports {allowed_ports:?}",
        listener.local_address()
    ));
    Proxy::new(allowed_ports).serve(&listener, say)?;
    Ok(())
}

/// Copies in both directions until both have ended. Each direction has a thread of its own, because each call
/// blocks; the first failure of either ends the program.
fn converse(socket: TcpSocket, conversation: &Conversation) -> Result<(), Failure> {
    say(&format!(
        "connected: {} to {}",
        socket.local_address()?,
        socket.peer_address()
    ));
    let ends = Ends {
        how: *conversation,
        timeout: conversation.timeout.unwrap_or(Duration::MAX),
        input_has_ended: AtomicBool::new(false),
    };
    let (up, ends) = (socket.try_clone()?, Arc::new(ends));
    let (report_up, reports) = mpsc::channel();
    let (report_down, ends_down) = (report_up.clone(), Arc::clone(&ends));
    thread::spawn(move || report_up.send(ends.send_input(&up)));
    thread::spawn(move || report_down.send(ends_down.print_answers(socket)));
    for ended in reports {
        ended?;
    }
    Ok(())
}

/// What the two directions share.
struct Ends {
    how: Conversation,
    timeout: Duration,
    input_has_ended: AtomicBool,
}

impl Ends {
    /// Sends standard input, and closes this direction at its end; the answer may still be on its way.
    fn send_input(&self, socket: &TcpSocket) -> Result<(), Failure> {
        let mut stream = self.watch(socket.try_clone()?);
        let mut input = io::stdin().lock();
        let mut buffer = [0; BUFFER];
        let mut previous = 0;
        loop {
            let read = match input.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => &buffer[..count],
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let text = self.how.crlf.then(|| with_crlf(read, &mut previous));
            let mut rest = text.as_deref().unwrap_or(read);
            // One send may take less than it was offered. (Step 4 makes a function of this loop.)
            while !rest.is_empty() {
                let sent = stream.send(rest, Deadline::after(self.timeout))?;
                rest = &rest[sent..];
            }
        }
        // Told beforehand: the answer to a shutdown may be quicker than a line.
        self.input_has_ended.store(true, Ordering::Relaxed);
        if self.how.trace {
            say("shutdown(write)");
        }
        Ok(socket.shutdown(Shutdown::Write)?)
    }

    /// Prints what the peer sends until it closes its direction.
    fn print_answers(&self, socket: TcpSocket) -> Result<(), Failure> {
        let mut stream = self.watch(socket);
        let mut output = io::stdout().lock();
        let mut buffer = [0; BUFFER];
        let mut place = 0;
        loop {
            match stream.pull(&mut buffer, Deadline::after(self.timeout))? {
                0 => break,
                count if self.how.hex => {
                    hex_dump(&mut output, &buffer[..count], place)?;
                    place += count;
                }
                count => output.write_all(&buffer[..count])?,
            }
            output.flush()?;
        }
        if !self.input_has_ended.load(Ordering::Relaxed) {
            let peer = stream.peer();
            say(&format!(
                "{peer} has closed its direction; yours ends with your input (Ctrl-D)"
            ));
        }
        Ok(())
    }

    fn watch(&self, socket: TcpSocket) -> Traced<TcpSocket, impl FnMut(&str) + use<>> {
        let trace = self.how.trace;
        Traced::new(socket, move |line| {
            if trace {
                say(line);
            }
        })
    }
}

/// What concerns the person and not the data goes to standard error, a whole line at a time.
fn say(line: &str) {
    // Nobody is left to tell if even this fails.
    let _ = writeln!(io::stderr().lock(), "{line}");
}
