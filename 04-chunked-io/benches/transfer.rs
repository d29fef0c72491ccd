//! What does it cost to verify, to resume and to be careful? The file transfer beside a bare read/write loop.
//!
//! `cargo bench -p chunked-io` moves a file of 1 GB over loopback, in turn by
//!
//! - a bare loop: read, send, pull, write, with the same buffer, and the file on disk at the end;
//! - the same with a SHA-256 on either side, which is what verification costs at least;
//! - `send_file` and `receive_file`.
//!
//! `cargo bench -p chunked-io -- 100` takes 100 MB. Set `TMPDIR` to a folder in memory to measure the loop and not
//! the disk.

#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use chunked_io::transfer::CHUNK;
use chunked_io::{OutgoingFile, receive_file, send_file};
use ports::Endpoint;
use sha2::{Digest, Sha256};
use tcp_socket::{Listener, TcpSocket};

const ROUNDS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(60);

/// Moves the file at the first path into the folder at the second.
type Contender = fn(&Path, &Path);

fn main() {
    // Cargo adds `--bench`, which is no number.
    let megabytes = std::env::args().find_map(|argument| argument.parse().ok());
    let size = megabytes.unwrap_or(1000_usize) * 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.bin");
    fs::write(&source, (0..=255).cycle().take(size).collect::<Vec<u8>>()).unwrap();
    println!(
        "{size} bytes over loopback, in {}, {ROUNDS} rounds",
        folder.path().display()
    );

    let contenders: [(&str, Contender); 3] = [
        ("bare loop", plain),
        ("bare loop with SHA-256", digested),
        ("send_file, receive_file", ours),
    ];
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for ((_, contender), times) in contenders.iter().zip(&mut times) {
            let inbox = tempfile::tempdir_in(folder.path()).unwrap();
            let started = Instant::now();
            contender(&source, inbox.path());
            times.push(started.elapsed());
            assert_eq!(
                fs::metadata(inbox.path().join("source.bin")).unwrap().len(),
                size as u64
            );
        }
    }
    report(size, contenders.map(|(name, _)| name), times);
}

fn report(size: usize, names: [&str; 3], mut times: [Vec<Duration>; 3]) {
    println!("{:<24} {:>10} {:>22} {:>8}", "", "median", "range", "of bare");
    let rate = |time: &Duration| size as f64 / time.as_secs_f64() / 1e6;
    times.iter_mut().for_each(|times| times.sort_unstable());
    let bare = rate(&times[0][ROUNDS / 2]);
    for (name, times) in names.iter().zip(&times) {
        let (worst, median, best) = (
            rate(&times[ROUNDS - 1]),
            rate(&times[ROUNDS / 2]),
            rate(&times[0]),
        );
        println!(
            "{name:<24} {median:>5.0} MB/s {worst:>7.0} to {best:>4.0} MB/s {:>8.2}",
            median / bare
        );
    }
}

fn plain(source: &Path, inbox: &Path) {
    bare(source, inbox, false);
}

fn digested(source: &Path, inbox: &Path) {
    bare(source, inbox, true);
}

/// Read, send; pull, write: with the standard library alone.
fn bare(source: &Path, inbox: &Path, digest: bool) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let target = inbox.join("source.bin");
    thread::scope(|scope| {
        scope.spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut file = File::create(target).unwrap();
            pump(&mut socket, &mut file, digest);
            file.sync_all().unwrap();
        });
        let mut socket = TcpStream::connect(address).unwrap();
        pump(&mut File::open(source).unwrap(), &mut socket, digest);
    });
}

fn pump(from: &mut impl Read, to: &mut impl Write, digest: bool) {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = from.read(&mut buffer).unwrap();
        if count == 0 {
            break;
        }
        if digest {
            hasher.update(&buffer[..count]);
        }
        to.write_all(&buffer[..count]).unwrap();
    }
    std::hint::black_box(hasher.finalize());
}

fn ours(source: &Path, inbox: &Path) {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0)).unwrap();
    let address = listener.local_address();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut socket = listener.accept().unwrap();
            receive_file(&mut socket, inbox, PATIENCE, &mut |_| {}).unwrap();
        });
        let mut socket = TcpSocket::connect_address(address, PATIENCE).unwrap();
        let file = OutgoingFile::open(source).unwrap();
        send_file(&mut socket, file, PATIENCE, &mut |_| {}).unwrap();
    });
}
