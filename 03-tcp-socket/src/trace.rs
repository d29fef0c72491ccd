//! The conversation as it happens: a line for each call, with what was asked and what came of it.
//!
//! ```text
//! pull(8) -> 4 "LO W"
//! ```
//!
//! reads: eight bytes were asked for, four came. The [scripted peer](crate::script) writes the same lines.

use std::time::Instant;

use crate::{Deadline, Error, Stream};

/// No line shows more than this many of the bytes that moved.
const SHOWN: usize = 32;

/// A stream that reports each call to `report`, in one line with its duration.
#[derive(Debug)]
pub struct Traced<S, R> {
    stream: S,
    report: R,
}

impl<S: Stream, R: FnMut(&str)> Traced<S, R> {
    /// Watches the calls on `stream`.
    pub fn new(stream: S, report: R) -> Self {
        Self { stream, report }
    }

    /// The stream itself.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    fn report(&mut self, line: &str, started: Instant) {
        (self.report)(&format!("{line} ({:.1?})", started.elapsed()));
    }
}

impl<S: Stream, R: FnMut(&str)> Stream for Traced<S, R> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error> {
        let started = Instant::now();
        let result = self.stream.send(bytes, deadline);
        let line = send_line(bytes, result.as_ref().copied().map_err(Error::short), SHOWN);
        self.report(&line, started);
        result
    }

    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        let started = Instant::now();
        let result = self.stream.pull(buffer, deadline);
        let line = pull_line(buffer, result.as_ref().copied().map_err(Error::short), SHOWN);
        self.report(&line, started);
        result
    }

    fn peer(&self) -> String {
        self.stream.peer()
    }
}

/// `send(12) -> 5 "Hello"`: how much was offered, how much was taken, and at most `shown` bytes of it.
pub(crate) fn send_line(offered: &[u8], result: Result<usize, &'static str>, shown: usize) -> String {
    format!("send({}) -> {}", offered.len(), outcome(offered, result, shown))
}

/// `pull(8) -> 4 "LO W"`: how much was asked for, how much came, and at most `shown` bytes of it.
pub(crate) fn pull_line(buffer: &[u8], result: Result<usize, &'static str>, shown: usize) -> String {
    let asked = buffer.len();
    match result {
        Ok(0) if asked > 0 => format!("pull({asked}) -> 0 (closed)"),
        _ => format!("pull({asked}) -> {}", outcome(buffer, result, shown)),
    }
}

fn outcome(bytes: &[u8], result: Result<usize, &'static str>, shown: usize) -> String {
    match result {
        Ok(moved) => {
            let text = bytes[..shown.min(moved)].escape_ascii();
            let more = if moved > shown { "…" } else { "" };
            format!("{moved} \"{text}\"{more}")
        }
        Err(word) => word.to_owned(),
    }
}
