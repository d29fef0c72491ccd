//! A stream that writes down every call.

use tcp_socket::{Deadline, Error, Stream};

/// How many bytes of a call are shown.
const SHOWN: usize = 36;

/// Passes every call on to `stream`, and notes it: `pull(8) -> 4 "LO W"`.
pub(crate) struct Traced<'a, S> {
    stream: &'a mut S,
    calls: Vec<String>,
}

impl<'a, S: Stream> Traced<'a, S> {
    pub(crate) fn new(stream: &'a mut S) -> Self {
        Self {
            stream,
            calls: Vec::new(),
        }
    }

    /// The calls so far, in their order.
    pub(crate) fn calls(&self) -> &[String] {
        &self.calls
    }

    fn note(&mut self, call: &str, asked: usize, bytes: &[u8]) {
        let shown = bytes[..bytes.len().min(SHOWN)].escape_ascii();
        let more = if bytes.len() > SHOWN { " ..." } else { "" };
        let moved = bytes.len();
        self.calls
            .push(format!("{call}({asked}) -> {moved} \"{shown}\"{more}"));
    }
}

impl<S: Stream> Stream for Traced<'_, S> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error> {
        let count = self.stream.send(bytes, deadline)?;
        self.note("send", bytes.len(), &bytes[..count]);
        Ok(count)
    }

    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        let count = self.stream.pull(buffer, deadline)?;
        self.note("pull", buffer.len(), &buffer[..count]);
        Ok(count)
    }

    fn peer(&self) -> String {
        self.stream.peer()
    }
}
