//! Every stream must loop: the same loops for files, pipes and whatever else can be read or written.
//!
//! [`IoStream`] makes a [`Stream`] of anything that implements the standard library's [`Read`] and [`Write`].
//! The loops of this step then work on it, and say how much had moved when they stop, which the standard
//! library's own `read_exact` and `write_all` do not.
//!
//! ```
//! use std::time::Duration;
//! use chunked_io::{IoStream, pull_until};
//!
//! let mut lines = IoStream::reader("a list", "bread\nbutter\n".as_bytes());
//! let mut pending = Vec::new();
//! let end = pull_until(&mut lines, &mut pending, b"\n", 100, Duration::from_secs(1))?;
//! assert_eq!(&pending[..end], b"bread\n");
//! # Ok::<(), chunked_io::Error>(())
//! ```

use std::io::{self, ErrorKind, Read, Write};

use tcp_socket::{Call, Deadline, Error, Stream};

/// A stream over something that can be read and written.
///
/// The deadline is asked before each call. A call that is under way cannot be called off, because [`Read`] and
/// [`Write`] know no time: give the inner stream a timeout of its own if it may wait for long.
#[derive(Debug)]
pub struct IoStream<T> {
    inner: T,
    name: String,
}

impl<T: Read + Write> IoStream<T> {
    /// Wraps `inner`. Errors call it `name`.
    pub fn new(name: &str, inner: T) -> Self {
        let name = name.to_owned();
        Self { inner, name }
    }

    /// Gives the inner stream back.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<R: Read> IoStream<ReadOnly<R>> {
    /// Wraps something that can only be read, such as the end of a pipe.
    pub fn reader(name: &str, reader: R) -> Self {
        Self::new(name, ReadOnly(reader))
    }
}

impl<W: Write> IoStream<WriteOnly<W>> {
    /// Wraps something that can only be written, such as the beginning of a pipe.
    pub fn writer(name: &str, writer: W) -> Self {
        Self::new(name, WriteOnly(writer))
    }
}

impl<T: Read + Write> Stream for IoStream<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error> {
        let inner = &mut self.inner;
        repeat(Call::Send, &self.name, deadline, || inner.write(bytes))
    }

    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        let inner = &mut self.inner;
        repeat(Call::Pull, &self.name, deadline, || inner.read(buffer))
    }

    fn peer(&self) -> String {
        self.name.clone()
    }
}

/// Makes one call, again only if a signal cut it short before it moved anything.
fn repeat(
    call: Call,
    name: &str,
    deadline: Deadline,
    mut attempt: impl FnMut() -> io::Result<usize>,
) -> Result<usize, Error> {
    loop {
        let result = match deadline.remaining() {
            Some(_) => attempt(),
            None => Err(ErrorKind::TimedOut.into()),
        };
        match result {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map_err(|source| Error::from_io(call, name, deadline.elapsed(), source)),
        }
    }
}

/// Something that can be read, and refuses to be written.
#[derive(Debug)]
pub struct ReadOnly<R>(
    /// What is read.
    pub R,
);

impl<R: Read> Read for ReadOnly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R> Write for ReadOnly<R> {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::new(
            ErrorKind::Unsupported,
            "this stream can only be read",
        ))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Something that can be written, and refuses to be read.
#[derive(Debug)]
pub struct WriteOnly<W>(
    /// What is written.
    pub W,
);

impl<W> Read for WriteOnly<W> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(
            ErrorKind::Unsupported,
            "this stream can only be written",
        ))
    }
}

impl<W: Write> Write for WriteOnly<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
