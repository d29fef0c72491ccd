//! `send` and `receive`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chunked_io::{OutgoingFile, Transferred, receive_file, send_file};
use ports::Endpoint;
use tcp_socket::{Listener, TcpSocket};

use super::bar::Bar;
use super::error::CliError;

pub(crate) fn send(files: &[PathBuf], address: &Endpoint, patience: Duration) -> Result<(), CliError> {
    // A file that is not there is found out before anybody is called.
    for path in files {
        OutgoingFile::open(path)?;
    }
    let mut socket = TcpSocket::connect(address, patience)?;
    for path in files {
        let started = Instant::now();
        let mut bar = Bar::default();
        let file = OutgoingFile::open(path)?;
        let sent = send_file(&mut socket, file, patience, &mut |progress| bar.show(progress))?;
        drop(bar);
        print("sent", &sent, started.elapsed())?;
    }
    Ok(())
}

pub(crate) fn receive(address: &Endpoint, dir: &Path, patience: Duration) -> Result<(), CliError> {
    if !dir.is_dir() {
        return Err(CliError::NoFolder(dir.to_owned()));
    }
    let listener = Listener::bind(address)?;
    writeln!(io::stdout(), "listening on {}", listener.local_address())?;
    let mut socket = listener.accept()?;
    loop {
        let started = Instant::now();
        let mut bar = Bar::default();
        let received = receive_file(&mut socket, dir, patience, &mut |progress| bar.show(progress))?;
        drop(bar);
        match received {
            Some(received) => print("received", &received, started.elapsed())?,
            None => return Ok(()),
        }
    }
}

fn print(done: &str, file: &Transferred, time: Duration) -> Result<(), CliError> {
    let Transferred {
        name,
        size,
        from,
        digest,
    } = file;
    let mut out = io::stdout().lock();
    let bytes = if *size == 1 { "byte" } else { "bytes" };
    writeln!(
        out,
        "{done} {name}: {size} {bytes} in {:.2} s",
        time.as_secs_f64()
    )?;
    if *from > 0 {
        writeln!(out, "  {from} of them had come in an earlier try")?;
    }
    writeln!(out, "  SHA-256 {digest}")?;
    Ok(())
}
