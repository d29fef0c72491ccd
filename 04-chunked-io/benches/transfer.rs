//! What does it cost to verify, to resume and to be careful? The file transfer beside a bare read/write loop.
//!
//! `cargo bench -p chunked-io --bench transfer` moves a file of 1 GB over loopback, in turn by
//!
//! - a bare loop: read, send, pull, write, with a buffer of the same size, and the file on disk at the end;
//! - the same with a SHA-256 on either side, in the same thread;
//! - `send_file` and `receive_file`, whose digests have a thread of their own.
//!
//! Below the table stands what no verifying transfer can beat on this machine: the bare loop's processor time and two
//! digests, spread evenly over all cores. `-- 100` at the end of the line takes 100 MB. Set `TMPDIR` to a folder in
//! memory to measure the loop and not the disk.

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
    let mut runs = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for ((_, contender), runs) in contenders.iter().zip(&mut runs) {
            let inbox = tempfile::tempdir_in(folder.path()).unwrap();
            let (started, busy) = (Instant::now(), processor_time());
            contender(&source, inbox.path());
            runs.push(Run {
                time: started.elapsed(),
                busy: processor_time() - busy,
            });
            assert_eq!(
                fs::metadata(inbox.path().join("source.bin")).unwrap().len(),
                size as u64
            );
        }
    }
    report(size, contenders.map(|(name, _)| name), &mut runs);
    bound(size, &runs, one_digest(size));
}

/// One transfer: how long it took, and how long the processors worked for it, both ends together.
#[derive(Clone, Copy)]
struct Run {
    time: Duration,
    busy: Duration,
}

/// What this process has had of all processors so far. Zero where the system has no `/proc`.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in brackets: user and system time are the 12th and 13th fields, in hundredths of a second.
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    let hundredths = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap());
    Duration::from_millis(10 * hundredths.sum::<u64>())
}

/// How long one digest of `size` bytes keeps a core busy.
fn one_digest(size: usize) -> Duration {
    let chunk = vec![1; CHUNK];
    let digest = || {
        let (started, busy) = (Instant::now(), processor_time());
        let mut hasher = Sha256::new();
        (0..size / CHUNK).for_each(|_| hasher.update(&chunk));
        std::hint::black_box(hasher.finalize());
        let busy = processor_time() - busy;
        if busy.is_zero() { started.elapsed() } else { busy }
    };
    (0..ROUNDS).map(|_| digest()).min().unwrap()
}

/// Sorts each contender's runs by time, and prints its median beside those of the two bare loops.
fn report(size: usize, names: [&str; 3], runs: &mut [Vec<Run>; 3]) {
    println!(
        "{:<24} {:>10} {:>22} {:>8} {:>13} {:>12}",
        "", "median", "range", "of bare", "of bare + SHA", "processors"
    );
    runs.iter_mut()
        .for_each(|runs| runs.sort_unstable_by_key(|run| run.time));
    let median = |runs: &Vec<Run>| rate(size, runs[ROUNDS / 2].time);
    let [bare, digested] = [median(&runs[0]), median(&runs[1])];
    for (name, runs) in names.iter().zip(runs.iter()) {
        let (worst, best) = (rate(size, runs[ROUNDS - 1].time), rate(size, runs[0].time));
        let median = median(runs);
        println!(
            "{name:<24} {median:>5.0} MB/s {worst:>7.0} to {best:>4.0} MB/s {:>8.2} {:>13.2} {:>10.2} s",
            median / bare,
            median / digested,
            runs[ROUNDS / 2].busy.as_secs_f64()
        );
    }
}

/// Prints what no verifying transfer can beat here, and how near ours comes.
fn bound(size: usize, [bare, _, ours]: &[Vec<Run>; 3], digest: Duration) {
    let cores = thread::available_parallelism().unwrap().get();
    let copying = bare.iter().map(|run| run.busy).min().unwrap();
    // The copying itself takes its time on the cores at hand; the digests need one core each at least.
    let even = (copying + 2 * digest).div_f64(cores as f64);
    let best = even.max(digest).max(bare[0].time);
    println!(
        "\nOne digest: {:.2} s ({:.0} MB/s on one core). Copying: {:.2} s of processor time. On {cores} cores, copying and two",
        digest.as_secs_f64(),
        rate(size, digest),
        copying.as_secs_f64()
    );
    println!(
        "digests take {:.2} s at least: {:.0} MB/s, {:.2} of the bare loop's best. Ours reaches {:.2} of that.",
        best.as_secs_f64(),
        rate(size, best),
        bare[0].time.div_duration_f64(best),
        best.div_duration_f64(ours[0].time)
    );
}

/// In MB/s.
fn rate(size: usize, time: Duration) -> f64 {
    size as f64 / time.as_secs_f64() / 1e6
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
