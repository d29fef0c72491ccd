//! Descriptors, threads and timers, counted. These are properties of the whole process, so the tests have one to
//! themselves, and take turns in it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "some of these tests are for Linux only")
)]

mod event_loop_support;

use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chunked_io::event_loop::{Io, Protocol};
use chunked_io::{IoStream, pull_exact, send_all};
use event_loop_support::{PATIENCE, call, serve, threads, wait_until};
use socket2::{Domain, Socket, Type};

const CROWD: usize = 200;

/// One test at a time has the process.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An echo with an idle timeout of an hour.
struct Echo;

impl Protocol for Echo {
    type Message = ();

    fn opened(&mut self, io: &mut Io<'_, ()>) {
        io.set_timer(Some(io.now() + Duration::from_secs(3600)));
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        io.send(bytes);
    }
}

/// Linux lists here what the process has.
#[cfg(target_os = "linux")]
fn descriptors_and_threads() -> (usize, usize) {
    let count = |folder| std::fs::read_dir(folder).unwrap().count();
    (count("/proc/self/fd"), count("/proc/self/task"))
}

#[cfg(target_os = "linux")]
#[test]
fn no_descriptor_thread_or_timer_is_left() {
    let _turn = alone();
    let before = descriptors_and_threads();
    let server = serve(threads(2), || Echo);
    let handle = server.handle().clone();
    let clients: Vec<_> = (0..CROWD).map(|_| call(&server)).collect();
    wait_until("all connections", || handle.counts().connections == CROWD);
    wait_until("all timers", || handle.counts().timers == CROWD);
    drop(clients);
    wait_until("no connection", || handle.counts().connections == 0);
    // The last few wait for more before they are swept out.
    wait_until("few timers", || handle.counts().timers <= 2 * 64);
    server.shutdown(PATIENCE).unwrap();
    assert_eq!(handle.counts().timers, 0);
    // A handle keeps the bells of the threads.
    drop(handle);
    let (descriptors, threads) = before;
    wait_until("all as before", || {
        // The thread of the other test may have ended in the meantime, too.
        let now = descriptors_and_threads();
        now.0 == descriptors && now.1 <= threads
    });
}

/// The limit of descriptors, lowered until this is dropped.
struct Lowered(u64, u64);

impl Lowered {
    fn to(limit: u64) -> Self {
        let (soft, hard) = rlimit::Resource::NOFILE.get().unwrap();
        rlimit::Resource::NOFILE.set(limit, hard).unwrap();
        Self(soft, hard)
    }
}

impl Drop for Lowered {
    fn drop(&mut self) {
        rlimit::Resource::NOFILE.set(self.0, self.1).unwrap();
    }
}

#[test]
fn a_crowd_beyond_the_limit_of_descriptors_waits_in_line_and_is_served_in_the_end() {
    const ROOM: usize = 20;
    let _turn = alone();
    let server = serve(threads(2), || Echo);
    let handle = server.handle().clone();
    // The callers have their descriptors before there are none left.
    let callers: Vec<_> = (0..CROWD)
        .map(|_| Socket::new(Domain::IPV4, Type::STREAM, None).unwrap())
        .collect();
    let highest = callers.last().unwrap().as_raw_fd();
    let lowered = Lowered::to(u64::try_from(highest).unwrap() + 1 + ROOM as u64);
    for caller in &callers {
        caller.connect(&server.local_address().into()).unwrap();
    }
    wait_until("the first who are not let in", || {
        handle.counts().not_accepted >= 3
    });
    let counts = handle.counts();
    assert!(counts.connections < CROWD, "{counts:?}");

    // The loop does not spin: it asks 20 times a second whether there is room. (For the one that it asks about at
    // the start, one more.)
    let (start, before) = (Instant::now(), counts.not_accepted);
    wait_until("more attempts", || handle.counts().not_accepted >= before + 4);
    let attempts = handle.counts().not_accepted - before;
    assert!(
        start.elapsed().as_millis() / 50 + 2 >= u128::from(attempts),
        "{attempts}"
    );

    // Whoever is in is served, and makes room when it leaves. So all get their turn, in the order in which they came.
    for caller in callers {
        let mut client = IoStream::new("the server", TcpStream::from(caller));
        send_all(&mut client, b"HELLO", PATIENCE).unwrap();
        let mut answer = [0; 5];
        pull_exact(&mut client, &mut answer, PATIENCE).unwrap();
        assert_eq!(&answer, b"HELLO");
    }
    drop(lowered);
    wait_until("all served", || handle.counts().accepted == CROWD as u64);
    server.shutdown(PATIENCE).unwrap();
}
