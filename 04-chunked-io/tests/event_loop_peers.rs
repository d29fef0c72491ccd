//! Peers as they are in the field: slow, deaf, rude. None of them may hurt the others, or fill the memory.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod event_loop_support;

use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use chunked_io::event_loop::{Closed, EventLoop, Io, Protocol, Settings, Shared, WhenFull};
use chunked_io::{pull_exact, pull_to_end, send_all};
use event_loop_support::{PATIENCE, call, serve, threads, wait_until};
use tcp_socket::TcpSocket;

/// Answers every byte with as many bytes, and notes the most that ever waited.
struct Generous {
    answer: usize,
    most_queued: Arc<AtomicUsize>,
    ends: Sender<String>,
}

impl Protocol for Generous {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        for byte in bytes {
            io.send(&vec![*byte; self.answer]);
        }
        self.most_queued.fetch_max(io.queued(), Ordering::Relaxed);
    }

    fn closed(&mut self, why: &Closed, _: &mut Io<'_, ()>) {
        // Nobody may be listening any more.
        let _ = self.ends.send(why.to_string());
    }
}

/// A server of `answer` bytes for each byte, the most that ever waited there, and how its connections ended.
fn generous(answer: usize, settings: Settings) -> (EventLoop<()>, Arc<AtomicUsize>, mpsc::Receiver<String>) {
    let most_queued = Arc::new(AtomicUsize::new(0));
    let (ends, ended) = mpsc::channel();
    let most = Arc::clone(&most_queued);
    let server = serve(settings, move || Generous {
        answer,
        most_queued: Arc::clone(&most),
        ends: ends.clone(),
    });
    (server, most_queued, ended)
}

#[test]
fn a_thousand_peers_that_never_read_fill_their_queues_and_slow_nobody() {
    const ANSWER: usize = 1024;
    const LIMIT: usize = 16 * ANSWER;
    let settings = Settings {
        queue_limit: LIMIT,
        read_buffer: 16,
        send_buffer: Some(LIMIT),
        ..threads(1)
    };
    let (server, most_queued, _ended) = generous(ANSWER, settings);
    let slow: Vec<TcpSocket> = (0..1000).map(|_| call(&server)).collect();
    // Two megabytes of answers each, if nothing held them up.
    for client in &slow {
        assert_eq!(client.send(&[b'x'; 2000], PATIENCE).unwrap(), 2000);
    }
    wait_until("full queues", || most_queued.load(Ordering::Relaxed) >= LIMIT);

    let mut fast = call(&server);
    let mut round_trips: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            send_all(&mut fast, b"x", PATIENCE).unwrap();
            pull_exact(&mut fast, &mut [0; ANSWER], PATIENCE).unwrap();
            start.elapsed()
        })
        .collect();
    round_trips.sort_unstable();
    assert!(
        round_trips[100] < Duration::from_millis(50),
        "{:?}",
        round_trips[100]
    );
    // The queue was not full when the last read was made, and that read brought 16 requests.
    assert!(most_queued.load(Ordering::Relaxed) < LIMIT + 16 * ANSWER);

    // Whoever begins to read gets all of it.
    let mut reader = slow.into_iter().next_back().unwrap();
    let mut answers = vec![0; 2000 * ANSWER];
    pull_exact(&mut reader, &mut answers, PATIENCE).unwrap();
    assert!(answers.iter().all(|byte| *byte == b'x'));
}

#[test]
fn a_peer_that_sends_and_leaves_is_answered_to_the_last_byte() {
    // More than the systems' buffers hold.
    const ANSWER: usize = 1024 * 1024;
    let (server, _, ended) = generous(ANSWER, threads(1));
    let mut client = call(&server);
    send_all(&mut client, b"0123456789", PATIENCE).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let answers = pull_to_end(&mut client, 20 * ANSWER, PATIENCE).unwrap();
    assert_eq!(answers.len(), 10 * ANSWER);
    assert!(
        answers
            .chunks(ANSWER)
            .zip(b'0'..)
            .all(|(answer, byte)| answer.iter().all(|b| *b == byte))
    );
    assert_eq!(ended.recv_timeout(PATIENCE).unwrap(), "closed in good order");
}

#[test]
fn a_peer_that_dribbles_and_one_that_floods_are_both_served() {
    let server = serve(threads(1), || Promising(Arc::default()));
    let mut dribbling = call(&server);
    let flooding = call(&server);
    let mut reading = flooding.try_clone().unwrap();
    let flood = thread::spawn(move || while flooding.send(&[b'x'; 100_000], PATIENCE).is_ok() {});
    let drain = thread::spawn(move || {
        let mut bytes = vec![0; 100_000];
        for _ in 0..200 {
            pull_exact(&mut reading, &mut bytes, PATIENCE).unwrap();
        }
        reading.set_linger(Some(Duration::ZERO)).unwrap();
        reading.shutdown(Shutdown::Both).unwrap();
    });
    for byte in b"HELLO" {
        send_all(&mut dribbling, &[*byte], PATIENCE).unwrap();
        let mut answer = [0];
        pull_exact(&mut dribbling, &mut answer, PATIENCE).unwrap();
        assert_eq!(answer, [*byte]);
    }
    drain.join().unwrap();
    flood.join().unwrap();
}

#[test]
fn a_reset_while_answers_wait_ends_the_connection_and_frees_its_queue() {
    let (server, most_queued, ended) = generous(1024 * 1024, threads(1));
    let client = call(&server);
    client.send(&[b'x'; 10], PATIENCE).unwrap();
    wait_until("a queue", || most_queued.load(Ordering::Relaxed) > 0);
    client.set_linger(Some(Duration::ZERO)).unwrap();
    drop(client);
    let why = ended.recv_timeout(PATIENCE).unwrap();
    assert!(why.contains("connection reset"), "{why}");
    assert_eq!(server.handle().counts().connections, 0);
}

#[test]
fn a_full_queue_drops_messages_or_ends_the_connection_as_the_policy_says() {
    let message = Shared::from(vec![b'm'; 100_000]);
    for when_full in [WhenFull::Drop, WhenFull::Disconnect, WhenFull::Pause] {
        let settings = Settings {
            when_full,
            queue_limit: 300_000,
            ..threads(1)
        };
        let (server, _, ended) = generous(1, settings);
        let handle = server.handle();
        let mut client = call(&server);
        wait_until("the connection", || handle.counts().connections == 1);
        if when_full == WhenFull::Drop {
            wait_until("dropped messages", || {
                handle.send_to_all(&message);
                handle.counts().dropped >= 10
            });
            // What was not dropped arrives whole.
            handle.shutdown(PATIENCE);
            let received = pull_to_end(&mut client, usize::MAX, PATIENCE).unwrap();
            drop(client);
            assert_eq!(received.len() % message.len(), 0);
            assert_eq!(ended.recv_timeout(PATIENCE).unwrap(), "closed in good order");
        } else {
            wait_until("the end", || {
                handle.send_to_all(&message);
                handle.counts().connections == 0
            });
            let (words, rest) = (
                "disconnected with ",
                if when_full == WhenFull::Pause { '6' } else { '3' },
            );
            let why = ended.recv_timeout(PATIENCE).unwrap();
            assert!(
                why.strip_prefix(words).is_some_and(|why| why.starts_with(rest)),
                "{why}"
            );
        }
    }
}

/// Sends so many bytes, a piece each time that the last one has left.
struct Source {
    left: usize,
}

const PIECE: usize = 50_000;

impl Protocol for Source {
    type Message = ();

    fn opened(&mut self, io: &mut Io<'_, ()>) {
        self.drained(io);
    }

    fn received(&mut self, _: &mut [u8], _: &mut Io<'_, ()>) {}

    fn drained(&mut self, io: &mut Io<'_, ()>) {
        assert_eq!(io.queued(), 0);
        self.left -= PIECE;
        io.send(&[b'x'; PIECE]);
        match self.left {
            0 => io.close(),
            _ => io.tell_when_drained(),
        }
    }
}

#[test]
fn a_large_answer_is_made_piece_by_piece_as_the_last_one_has_left() {
    let server = serve(threads(1), || Source { left: 200 * PIECE });
    let mut client = call(&server);
    let received = pull_to_end(&mut client, usize::MAX, PATIENCE).unwrap();
    assert_eq!(received.len(), 200 * PIECE);
}

/// Reads nothing until it is told to, and then answers how much came in one read.
struct Patient(Sender<usize>);

impl Protocol for Patient {
    type Message = ();

    fn opened(&mut self, io: &mut Io<'_, ()>) {
        io.pause();
        io.set_timer(Some(io.now() + Duration::from_millis(50)));
    }

    fn timer(&mut self, io: &mut Io<'_, ()>) {
        io.resume();
    }

    fn received(&mut self, bytes: &mut [u8], _: &mut Io<'_, ()>) {
        self.0.send(bytes.len()).unwrap();
    }
}

#[test]
fn a_paused_connection_is_not_read_and_a_resumed_one_has_missed_nothing() {
    let (counts, counted) = mpsc::channel();
    let server = serve(threads(1), move || Patient(counts.clone()));
    let mut client = call(&server);
    send_all(&mut client, b"HELLO", PATIENCE).unwrap();
    drop(client);
    assert_eq!(counted.recv_timeout(PATIENCE).unwrap(), 5);
    wait_until("the peer's end", || server.handle().counts().connections == 0);
}

/// Echoes, and adds up what it has promised.
struct Promising(Arc<AtomicUsize>);

impl Protocol for Promising {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        io.send(bytes);
    }
}

#[test]
fn a_shutdown_in_full_traffic_loses_nothing_that_was_promised() {
    let promised = Arc::new(AtomicUsize::new(0));
    let promises = Arc::clone(&promised);
    let server = serve(threads(2), move || Promising(Arc::clone(&promises)));
    let clients: Vec<_> = (0..20)
        .map(|_| call(&server))
        .map(|client| thread::spawn(move || talk_until_the_end(&client)))
        .collect();
    wait_until("traffic", || promised.load(Ordering::Relaxed) > 1_000_000);
    server.shutdown(PATIENCE).unwrap();
    let received: usize = clients.into_iter().map(|client| client.join().unwrap()).sum();
    assert_eq!(received, promised.load(Ordering::Relaxed));
}

/// Sends, pulls, sends; how many bytes came until the server ended in good order.
fn talk_until_the_end(client: &TcpSocket) -> usize {
    let (mut buffer, mut received) = ([0; 3000], 0);
    loop {
        client.send(&[b'x'; 1000], PATIENCE).unwrap();
        match client.pull(&mut buffer, PATIENCE).unwrap() {
            0 => return received,
            count => received += count,
        }
    }
}

#[test]
fn a_server_that_ends_waits_for_a_deaf_peer_no_longer_than_it_was_given() {
    let (server, most_queued, ended) = generous(1024 * 1024, threads(1));
    let client = call(&server);
    client.send(&[b'x'; 10], PATIENCE).unwrap();
    wait_until("a queue", || most_queued.load(Ordering::Relaxed) > 0);
    server.shutdown(Duration::from_millis(50)).unwrap();
    let why = ended.recv_timeout(PATIENCE).unwrap();
    assert!(why.starts_with("still closing"), "{why}");
}
