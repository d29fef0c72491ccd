//! A peer that does exactly what a script says, and writes the conversation down.
//!
//! Networks misbehave rarely and never on demand. A [`ScriptedPeer`] misbehaves on demand: it gives a message
//! in pieces of any size, takes only part of what is sent, falls silent, resets or closes. It is a
//! [`Stream`] in memory, so nothing waits: a pause in the script is charged to the deadline without sleeping.
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

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::trace::{pull_line, send_line};
use crate::{Call, Deadline, Error, Stream};

/// What the peer does when it is asked for bytes.
#[derive(Debug, Clone)]
enum Step {
    Give(Vec<u8>),
    Pause(Duration),
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
    fn take(&mut self, offered: usize, deadline: Deadline) -> Result<usize, Error> {
        if self.is_reset {
            return Err(self.failed(Call::Send, ErrorKind::BrokenPipe, deadline));
        }
        match self.takes.pop_front() {
            Some(0) if offered > 0 => Err(self.failed(Call::Send, ErrorKind::TimedOut, deadline)),
            room => Ok(room.unwrap_or(offered).min(offered)),
        }
    }

    /// What the script says to a pull.
    fn give(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        while let Some(&Step::Pause(pause)) = self.gives.front() {
            if !self.wait(pause, deadline) {
                return Err(self.failed(Call::Pull, ErrorKind::TimedOut, deadline));
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
            // What comes after an end is the same end again. A reset is told once; then it is one, too.
            Some(Step::Reset) => {
                self.is_reset = true;
                self.gives.push_front(Step::Close);
                Err(self.failed(Call::Pull, ErrorKind::ConnectionReset, deadline))
            }
            Some(Step::Close) => {
                self.gives.push_front(Step::Close);
                Ok(0)
            }
            Some(Step::Pause(_)) | None => Err(self.failed(Call::Pull, ErrorKind::TimedOut, deadline)),
        }
    }

    fn failed(&self, call: Call, kind: ErrorKind, deadline: Deadline) -> Error {
        Error::from_io(call, self.peer(), deadline.allowed(), kind.into())
    }

    fn write_down(&mut self, line: &str) {
        self.transcript.push_str(line);
        self.transcript.push('\n');
    }
}

impl Stream for ScriptedPeer {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error> {
        let result = self.take(bytes.len(), deadline);
        if let Ok(taken) = result {
            self.received.extend_from_slice(&bytes[..taken]);
        }
        self.write_down(&send_line(bytes, &result, usize::MAX));
        result
    }

    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        let result = self.give(buffer, deadline);
        self.write_down(&pull_line(buffer, &result, usize::MAX));
        result
    }

    fn peer(&self) -> String {
        "the scripted peer".to_owned()
    }
}
