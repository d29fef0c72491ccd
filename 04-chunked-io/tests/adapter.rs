//! The loops work on every stream: files, pipes, whatever can be read or written.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::thread;
use std::time::Duration;

use chunked_io::{Error, IoStream, pull_exact, pull_to_end, pull_until, send_all};
use tcp_socket::{Call, Deadline, Stream};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_pipe_is_read_until_the_line_is_whole() {
    let (reader, mut writer) = io::pipe().unwrap();
    let writing = thread::spawn(move || {
        for byte in b"HELLO\nWORLD\n" {
            writer.write_all(&[*byte]).unwrap();
        }
    });
    let mut stream = IoStream::reader("the pipe", reader);
    let mut pending = Vec::new();
    for line in [b"HELLO\n", b"WORLD\n"] {
        let end = pull_until(&mut stream, &mut pending, b"\n", 100, SECOND).unwrap();
        assert_eq!(pending.drain(..end).as_slice(), line);
    }
    writing.join().unwrap();
    let error = pull_until(&mut stream, &mut pending, b"\n", 100, SECOND).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the pipe closed the connection after 0"),
        "{error}"
    );
}

#[test]
fn a_file_is_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let mut stream = IoStream::writer("file", File::create(&path).unwrap());
    send_all(&mut stream, &[b'x'; 100_000], SECOND).unwrap();
    let mut stream = IoStream::reader("file", File::open(&path).unwrap());
    let mut front = [0; 5];
    pull_exact(&mut stream, &mut front, SECOND).unwrap();
    assert_eq!(pull_to_end(&mut stream, 100_000, SECOND).unwrap().len(), 99_995);
}

/// Takes or gives at most three bytes a call, after a signal; when it is full, it takes none.
struct Awkward {
    inner: Cursor<[u8; 8]>,
    signal: bool,
}

impl Awkward {
    fn new() -> Self {
        let inner = Cursor::new([0; 8]);
        Self { inner, signal: false }
    }

    /// Every second call is cut short by a signal.
    fn signalled(&mut self) -> io::Result<()> {
        self.signal = !self.signal;
        if self.signal {
            Err(io::ErrorKind::Interrupted.into())
        } else {
            Ok(())
        }
    }
}

impl Read for Awkward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.signalled()?;
        let most = buffer.len().min(3);
        self.inner.read(&mut buffer[..most])
    }
}

impl Write for Awkward {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.signalled()?;
        self.inner.write(&bytes[..bytes.len().min(3)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn short_writes_and_signals_are_repeated() {
    let mut stream = IoStream::new("it", Awkward::new());
    send_all(&mut stream, b"HELLO", SECOND).unwrap();
    let mut inner = stream.into_inner();
    inner.inner.set_position(0);
    let mut stream = IoStream::new("it", inner);
    let mut buffer = [0; 5];
    pull_exact(&mut stream, &mut buffer, SECOND).unwrap();
    assert_eq!(&buffer, b"HELLO");
}

#[test]
fn a_writer_that_is_full_stops_the_loop_with_the_count() {
    let mut stream = IoStream::new("it", Awkward::new());
    let error = send_all(&mut stream, b"HELLO WORLD", SECOND).unwrap_err();
    assert_eq!(error.moved(), 8);
}

#[test]
fn the_wrong_direction_is_an_error_and_not_a_loss() {
    let mut reader = IoStream::reader("the list", b"abc".as_slice());
    let error = reader.send(b"x", SECOND.into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot send to the list: this stream can only be read"
    );
    let mut writer = IoStream::writer("the list", Vec::new());
    let error = writer.pull(&mut [0; 3], SECOND.into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot pull from the list: this stream can only be written"
    );
}

#[test]
fn the_deadline_is_asked_before_each_call() {
    let mut stream = IoStream::reader("zeros", io::repeat(0));
    let error = stream
        .pull(&mut [0; 3], Deadline::after(Duration::ZERO))
        .unwrap_err();
    assert!(
        matches!(error, tcp_socket::Error::TimedOut { call: Call::Pull, .. }),
        "{error:?}"
    );
    let error = pull_to_end(&mut stream, usize::MAX, Duration::from_millis(5)).unwrap_err();
    assert!(
        matches!(error, Error::Stopped { .. }) && error.moved() > 0,
        "{error:?}"
    );
}
