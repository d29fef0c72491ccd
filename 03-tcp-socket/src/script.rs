//! A peer that does exactly what a script says, and writes the conversation down.
//!
//! Networks misbehave rarely and never on demand. A [`ScriptedPeer`] misbehaves on demand: it gives a message
//! in pieces of any size, takes only part of what is sent, falls silent, resets or closes. It is a
//! [`Stream`] in memory, so nothing waits: a pause in the script is charged to the deadline without sleeping.
//! [`ScriptedPeer::on_loopback`] plays the same script on a real socket, where a pause is a pause.
//!
//! ```
//! use std::time::Duration;
//! use tcp_socket::{ScriptedPeer, Deadline, Stream};
//!
//! let mut peer = ScriptedPeer::new().gives(b"HEL").gives(b"LO W").closes();
//! let mut buffer = [0; 8];
//! let deadline = Deadline::after(Duration::from_secs(1));
//! while peer.pull(&mut buffer, deadline)? > 0 {}
//! assert_eq!(peer.transcript(), r#"
//! pull(8) -> 3 "HEL"
//! pull(8) -> 4 "LO W"
//! pull(8) -> 0 (closed)
//! "#.trim_start());
//! # Ok::<(), tcp_socket::Error>(())
//! ```

mod live;

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use crate::trace::{pull_line, send_line};
use crate::{Call, Deadline, Error, Stream};

pub use live::LivePeer;

/// What the peer does when it is asked for bytes.
#[derive(Debug, Clone)]
enum Step {
    Give(Vec<u8>),
    Pause(Duration),
    Hear(usize),
    Interrupt,
    Reset,
    Close,
}

/// A stream whose other end is a script.
///
/// Without a script the peer takes everything that is sent and never says a word.
#[derive(Debug, Clone, Default)]
pub struct ScriptedPeer {
    gives: VecDeque<Step>,
    takes: VecDeque<usize>,
    received: Vec<u8>,
    transcript: String,
    is_reset: bool,
    never_reads: bool,
    never_accepts: bool,
    /// How much of what was received the script has reacted to.
    heard: usize,
    /// The start of the deadline under way, and the pauses charged to it so far.
    charged: Option<(Instant, Duration)>,
}

impl ScriptedPeer {
    /// A peer with an empty script.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Then it sends `bytes`, as one piece: one pull brings no more than this.
    #[must_use]
    pub fn gives(self, bytes: &[u8]) -> Self {
        // A stream cannot carry an empty piece, and 0 bytes would read as the end.
        if bytes.is_empty() {
            return self;
        }
        self.then(Step::Give(bytes.to_vec()))
    }

    /// Then it sends `bytes` in pieces of `size` bytes; `size` 1 is a peer that dribbles.
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    #[must_use]
    pub fn gives_in_pieces(self, bytes: &[u8], size: usize) -> Self {
        bytes.chunks(size).fold(self, |peer, piece| peer.gives(piece))
    }

    /// Then it says nothing for this long.
    #[must_use]
    pub fn pauses(self, pause: Duration) -> Self {
        self.then(Step::Pause(pause))
    }

    /// Then it waits until another `count` bytes have been sent to it: an answer that follows a question.
    #[must_use]
    pub fn hears(self, count: usize) -> Self {
        self.then(Step::Hear(count))
    }

    /// Then a signal interrupts the call (EINTR). [`Stream::pull`] calls again, as [`TcpSocket`](crate::TcpSocket)
    /// does; [`Read::read`] fails with [`ErrorKind::Interrupted`], as the standard library's sockets do. A
    /// script on a real socket cannot do this to its caller, and skips it.
    #[must_use]
    pub fn interrupts(self) -> Self {
        self.then(Step::Interrupt)
    }

    /// It reads nothing, ever: no send finds room. (On a real socket the first ones do, in the systems' buffers.)
    #[must_use]
    pub fn never_reads(mut self) -> Self {
        self.never_reads = true;
        self
    }

    /// Nobody accepts its callers. This takes effect on a real socket, and there on Linux: a full queue drops the
    /// handshake, so that a connect times out. (macOS and Windows may refuse instead, or let more callers in.)
    #[must_use]
    pub fn never_accepts(mut self) -> Self {
        self.never_accepts = true;
        self
    }

    /// Then it drops the connection with an RST.
    #[must_use]
    pub fn resets(self) -> Self {
        self.then(Step::Reset)
    }

    /// Then it closes its end in good order.
    #[must_use]
    pub fn closes(self) -> Self {
        self.then(Step::Close)
    }

    /// The next send finds room for only `count` bytes; 0 is a peer that does not read, so that
    /// the send times out. Sends beyond the script are taken whole.
    #[must_use]
    pub fn takes(mut self, count: usize) -> Self {
        self.takes.push_back(count);
        self
    }

    /// Plays the script on a real socket, for the first caller. [`ScriptedPeer::takes`] has no effect there: the
    /// systems take what fits into their buffers. Pieces without a pause between them may arrive as one.
    ///
    /// # Errors
    ///
    /// If no port can be had.
    pub fn on_loopback(self) -> Result<LivePeer, Error> {
        LivePeer::start(self)
    }

    fn then(mut self, step: Step) -> Self {
        self.gives.push_back(step);
        self
    }

    /// Everything that was sent to the peer, in one piece.
    #[must_use]
    pub fn received(&self) -> &[u8] {
        &self.received
    }

    /// The conversation so far, a line for each call: what was asked, and what came of it.
    #[must_use]
    pub fn transcript(&self) -> &str {
        &self.transcript
    }

    /// Lets `pause` pass on the clock of the script; false if the deadline passes first.
    fn wait(&mut self, pause: Duration, deadline: Deadline) -> bool {
        let (start, charged) = self.charged.get_or_insert((deadline.started(), Duration::ZERO));
        if *start != deadline.started() {
            (*start, *charged) = (deadline.started(), Duration::ZERO);
        }
        *charged = charged.saturating_add(pause);
        *charged < deadline.allowed()
    }

    /// What the script says to a send: how many of the `offered` bytes find room.
    fn take(&mut self, offered: usize) -> io::Result<usize> {
        if self.is_reset {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let room = match self.takes.pop_front() {
            _ if self.never_reads => 0,
            Some(room) => room.min(offered),
            None => offered,
        };
        match room {
            0 if offered > 0 => Err(ErrorKind::TimedOut.into()),
            room => Ok(room),
        }
    }

    /// What the script says to a pull.
    fn give(&mut self, buffer: &mut [u8], deadline: Deadline) -> io::Result<usize> {
        while let Some(&Step::Pause(_) | &Step::Hear(_)) = self.gives.front() {
            if !self.goes_on(deadline) {
                return Err(ErrorKind::TimedOut.into());
            }
            self.gives.pop_front();
        }
        match self.gives.pop_front() {
            Some(Step::Give(mut bytes)) => {
                let count = bytes.len().min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[..count]);
                if count < bytes.len() {
                    self.gives.push_front(Step::Give(bytes.split_off(count)));
                }
                Ok(count)
            }
            Some(Step::Interrupt) => Err(ErrorKind::Interrupted.into()),
            // What comes after an end is the same end again. A reset is told once; then it is one, too.
            Some(Step::Reset) => {
                self.is_reset = true;
                self.gives.push_front(Step::Close);
                Err(ErrorKind::ConnectionReset.into())
            }
            Some(Step::Close) => {
                self.gives.push_front(Step::Close);
                Ok(0)
            }
            Some(Step::Pause(_) | Step::Hear(_)) | None => Err(ErrorKind::TimedOut.into()),
        }
    }

    /// Whether what the script waits for comes before the deadline.
    fn goes_on(&mut self, deadline: Deadline) -> bool {
        match self.gives.front() {
            Some(&Step::Pause(pause)) => self.wait(pause, deadline),
            Some(&Step::Hear(count)) => {
                let enough = self.received.len() >= self.heard + count;
                self.heard += if enough { count } else { 0 };
                enough
            }
            _ => true,
        }
    }

    fn write_down(&mut self, line: &str) {
        self.transcript.push_str(line);
        self.transcript.push('\n');
    }

    /// One send, written down.
    fn send_once(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.take(bytes.len());
        if let Ok(taken) = result {
            self.received.extend_from_slice(&bytes[..taken]);
        }
        let line = send_line(bytes, result.as_ref().copied().map_err(word), usize::MAX);
        self.write_down(&line);
        result
    }

    /// One pull, written down.
    fn pull_once(&mut self, buffer: &mut [u8], deadline: Deadline) -> io::Result<usize> {
        let result = self.give(buffer, deadline);
        let line = pull_line(buffer, result.as_ref().copied().map_err(word), usize::MAX);
        self.write_down(&line);
        result
    }
}

/// A failure in a word or two, for the transcript.
fn word(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::Interrupted => "interrupted",
        ErrorKind::ConnectionReset => "reset",
        ErrorKind::BrokenPipe => "broken pipe",
        _ => "timed out",
    }
}

impl Stream for ScriptedPeer {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error> {
        let after = deadline.allowed();
        self.send_once(bytes)
            .map_err(|source| Error::from_io(Call::Send, self.peer(), after, source))
    }

    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        loop {
            match self.pull_once(buffer, deadline) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => {
                    let after = deadline.allowed();
                    return result.map_err(|source| Error::from_io(Call::Pull, self.peer(), after, source));
                }
            }
        }
    }

    fn peer(&self) -> String {
        "the scripted peer".to_owned()
    }
}

/// As the standard library's streams do it: without a deadline, and with interruptions left to the caller.
impl Read for ScriptedPeer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pull_once(buffer, Deadline::never())
    }
}

/// As the standard library's streams do it; there is nothing to flush.
impl Write for ScriptedPeer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.send_once(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
