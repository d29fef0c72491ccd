//! Standard input to the peer, and the peer to standard output, both ways at once.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ports::Endpoint;
use tcp_socket::{Deadline, Listener, Stream, TcpSocket, Traced};

use super::{CONNECT_TIMEOUT, Conversation, Failure};

/// How much is asked for in one call, in bytes.
const BUFFER: usize = 8 * 1024;

/// The two directions of a conversation, by who talks.
enum Direction {
    Up,
    Down,
}

pub(super) fn listen(address: &Endpoint, conversation: &Conversation) -> Result<(), Failure> {
    let listener = Listener::bind(address)?;
    say(&format!("listening on {}", listener.local_address()));
    let socket = listener.accept()?;
    // One caller is all that this tool takes: the next is refused at once instead of waiting in line.
    drop(listener);
    converse(socket, conversation)
}

pub(super) fn connect(peer: &Endpoint, conversation: &Conversation) -> Result<(), Failure> {
    let started = Instant::now();
    let socket = TcpSocket::connect(peer, conversation.timeout.unwrap_or(CONNECT_TIMEOUT))?;
    if conversation.trace {
        say(&format!(
            "connect({}) -> {} ({:.1?})",
            peer.authority(),
            socket.peer_address(),
            started.elapsed()
        ));
    }
    converse(socket, conversation)
}

/// Copies in both directions until both have ended. Each direction has a thread of its own, because each call
/// blocks; the first failure of either ends the program.
fn converse(socket: TcpSocket, conversation: &Conversation) -> Result<(), Failure> {
    say(&format!(
        "connected: {} to {}",
        socket.local_address()?,
        socket.peer_address()
    ));
    let timeout = conversation.timeout.unwrap_or(Duration::MAX);
    let trace = conversation.trace;
    let (up, down) = (socket.try_clone()?, socket);
    let peer = down.peer_address();
    let (report_up, reports) = mpsc::channel();
    let report_down = report_up.clone();
    thread::spawn(move || report_up.send(send_input(up, timeout, trace)));
    thread::spawn(move || report_down.send(print_answers(down, timeout, trace)));
    let mut open = 2;
    for ended in reports {
        open -= 1;
        if let (Direction::Down, 1) = (ended?, open) {
            say(&format!(
                "{peer} has closed its direction; yours ends with your input (Ctrl-D)"
            ));
        }
    }
    Ok(())
}

/// Sends standard input, and closes this direction at its end; the answer may still be on its way.
fn send_input(socket: TcpSocket, timeout: Duration, trace: bool) -> Result<Direction, Failure> {
    let mut stream = traced(socket.try_clone()?, trace);
    let mut input = io::stdin().lock();
    let mut buffer = [0; BUFFER];
    loop {
        let mut rest = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => &buffer[..count],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        // One send may take less than it was offered. (Step 4 makes a function of this loop.)
        while !rest.is_empty() {
            let sent = stream.send(rest, Deadline::after(timeout))?;
            rest = &rest[sent..];
        }
    }
    socket.shutdown(Shutdown::Write)?;
    if trace {
        say("shutdown(write)");
    }
    Ok(Direction::Up)
}

/// Prints what the peer sends until it closes its direction.
fn print_answers(socket: TcpSocket, timeout: Duration, trace: bool) -> Result<Direction, Failure> {
    let mut stream = traced(socket, trace);
    let mut output = io::stdout().lock();
    let mut buffer = [0; BUFFER];
    loop {
        match stream.pull(&mut buffer, Deadline::after(timeout))? {
            0 => break,
            count => output.write_all(&buffer[..count])?,
        }
        output.flush()?;
    }
    Ok(Direction::Down)
}

fn traced(socket: TcpSocket, trace: bool) -> Traced<TcpSocket, impl FnMut(&str)> {
    Traced::new(socket, move |line| {
        if trace {
            say(line);
        }
    })
}

/// What concerns the person and not the data goes to standard error, a whole line at a time.
fn say(line: &str) {
    // Nobody is left to tell if even this fails.
    let _ = writeln!(io::stderr().lock(), "{line}");
}
