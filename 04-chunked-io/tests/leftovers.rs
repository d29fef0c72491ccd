//! Nothing is left behind: no descriptor, no thread, and no memory that grows with a file. (Alone in its file, and one test,
//! so that no other opens any meanwhile.)

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::Duration;

use chunked_io::{OutgoingFile, pull_exact, pull_to_end, pull_until, receive_file, send_all, send_file};
use tcp_socket::{Deadline, Listener, ScriptedPeer, TcpSocket};

const PATIENCE: Duration = Duration::from_secs(20);
const MEGABYTE: u64 = 1_000_000;

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

/// The most memory that this process has ever had at once, in kilobytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn connection() -> (TcpSocket, TcpSocket) {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let client = TcpSocket::connect_address(listener.local_address(), PATIENCE).unwrap();
    (client, listener.accept().unwrap())
}

/// Sends a file of this size, which takes no room, and receives it.
fn transfer(folder: &Path, size: u64) {
    let path = folder.join("file.bin");
    File::create(&path).unwrap().set_len(size).unwrap();
    let inbox = tempfile::tempdir_in(folder).unwrap();
    let (mut client, mut server) = connection();
    thread::scope(|scope| {
        scope.spawn(|| {
            receive_file(&mut server, inbox.path(), PATIENCE, &mut |_| {})
                .unwrap()
                .unwrap()
        });
        send_file(
            &mut client,
            OutgoingFile::open(&path).unwrap(),
            PATIENCE,
            &mut |_| {},
        )
        .unwrap();
    });
}

/// A transfer whose receiver leaves in the middle, and one that is refused.
fn transfers_that_fail(folder: &Path) {
    let path = folder.join("file.bin");
    let send = |mut client| {
        send_file(
            &mut client,
            OutgoingFile::open(&path).unwrap(),
            PATIENCE,
            &mut |_| {},
        )
    };
    let (client, mut server) = connection();
    thread::scope(|scope| {
        scope.spawn(move || {
            let have = format!("\0\0\0\x47have 0 {}", chunked_io::transfer::Digest::of(b""));
            send_all(&mut server, have.as_bytes(), PATIENCE).unwrap();
            pull_exact(&mut server, &mut [0; 100_000], PATIENCE).unwrap();
        });
        assert!(send(client).is_err());
    });
    let (client, mut server) = connection();
    thread::scope(|scope| {
        scope.spawn(move || {
            receive_file(&mut server, Path::new("/nowhere"), PATIENCE, &mut |_| {}).unwrap_err()
        });
        assert!(send(client).is_err());
    });
}

/// Each loop, stopped by each fault.
fn loops_that_fail() {
    let soon = Duration::from_millis(10);
    for script in [
        ScriptedPeer::new().gives(b"HELL"),
        ScriptedPeer::new().gives(b"HELL").closes(),
        ScriptedPeer::new().gives(b"HELL").resets(),
    ] {
        let peer = script.on_loopback().unwrap();
        let mut socket = TcpSocket::connect_address(peer.address(), PATIENCE).unwrap();
        assert!(pull_exact(&mut socket, &mut [0; 10], soon).is_err());
        assert!(pull_until(&mut socket, &mut Vec::new(), b"\n", 100, soon).is_err());
        let _ = pull_to_end(&mut socket, 100, soon);
        drop(socket);
        let _ = peer.finish();
    }
    let (mut client, _server) = connection();
    assert!(send_all(&mut client, &vec![0; 32 << 20], soon).is_err());
}

#[test]
fn no_descriptor_no_thread_and_no_memory_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let before = (descriptors(), threads());

    transfer(folder.path(), 10 * MEGABYTE);
    let small = peak();
    transfer(folder.path(), 100 * MEGABYTE);
    let grown = peak() - small;
    assert!(grown < 1000, "a file ten times as large took {grown} kB more");

    for _ in 0..5 {
        transfer(folder.path(), MEGABYTE);
        transfers_that_fail(folder.path());
        loops_that_fail();
    }
    // A thread that was joined may be on the system's list for a moment more.
    let patience = Deadline::after(PATIENCE);
    while (descriptors(), threads()) != before && patience.remaining().is_some() {
        thread::yield_now();
    }
    assert_eq!((descriptors(), threads()), before);
}
