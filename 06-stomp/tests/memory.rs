//! How much a broker holds for those who do not read. Alone in its process, whose memory it measures.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::sync::Mutex;
use std::time::Duration;

use common::{PATIENCE, server};
use ports::Endpoint;
use stomp::{Client, ClientOptions, ServerOptions, SlowSubscriber};
use tcp_socket::TcpSocket;

/// One test after the other.
static ALONE: Mutex<()> = Mutex::new(());

/// A subscriber that says what it wants and then never reads.
fn never_reads(url: &str, destination: &str) -> TcpSocket {
    let endpoint: Endpoint = url.parse().unwrap();
    let mut socket = TcpSocket::connect(&endpoint, PATIENCE).unwrap();
    let text = format!(
        "CONNECT\naccept-version:1.2\nhost:x\n\n\0SUBSCRIBE\nid:0\ndestination:{destination}\nreceipt:1\n\n\0"
    );
    chunked_io::send_all(&mut socket, text.as_bytes(), PATIENCE).unwrap();
    let mut heard = Vec::new();
    chunked_io::pull_until(&mut socket, &mut heard, b"receipt-id:1\n\n\0", 4096, PATIENCE).unwrap();
    socket
}

#[test]
fn memory_stays_bounded_with_a_subscriber_that_never_reads_and_the_others_lose_nothing() {
    let _alone = ALONE.lock();
    for (slow_subscriber, dropped) in [(SlowSubscriber::Disconnect, false), (SlowSubscriber::Drop, true)] {
        let mut options = ServerOptions {
            slow_subscriber,
            closing_time: Duration::from_millis(100),
            ..ServerOptions::default()
        };
        options.session.limits.queued_bytes = 1024 * 1024;
        let (server, url) = server(options);
        let lazy = never_reads(&url, "/topic/a");
        let reader = Client::connect(&url, &ClientOptions::default()).unwrap();
        let topic = reader.subscribe("/topic/a").unwrap();
        let before = memory();
        let writer = std::thread::spawn(move || {
            let client = Client::connect(&url, &ClientOptions::default()).unwrap();
            for _ in 0..20_000 {
                client.send("/topic/a", vec![b'x'; 2_000]).unwrap();
            }
            client.disconnect().unwrap();
        });
        for _ in 0..20_000 {
            assert_eq!(topic.next_within(PATIENCE).unwrap().body.len(), 2_000);
        }
        writer.join().unwrap();
        // Forty megabytes went by.
        assert!(memory() < before + 20_000_000.0);
        let counts = server.counts();
        assert_eq!(
            (counts.dropped > 0, counts.disconnected),
            (dropped, u64::from(!dropped))
        );
        drop(lazy);
    }
}

#[test]
fn memory_stays_bounded_with_ever_new_topics() {
    let _alone = ALONE.lock();
    let (_server, url) = server(ServerOptions::default());
    let mut reader = never_reads(&url, "/topic/>");
    let endpoint: Endpoint = url.parse().unwrap();
    let before = memory();
    let writer = std::thread::spawn(move || {
        let mut socket = TcpSocket::connect(&endpoint, PATIENCE).unwrap();
        let mut say = |text: String| chunked_io::send_all(&mut socket, text.as_bytes(), PATIENCE).unwrap();
        say("CONNECT\naccept-version:1.2\nhost:x\n\n\0".to_owned());
        for number in 0..1_000 {
            say(format!("SEND\ndestination:/topic/{number}\n\n{number:01000}\0").repeat(60));
        }
        say("SEND\ndestination:/topic/end\n\nthe end\0".to_owned());
        socket
    });
    let mut heard = Vec::new();
    while !heard.ends_with(b"\n\nthe end\0") {
        heard.clear();
        chunked_io::pull_until(&mut reader, &mut heard, b"\0", 4096, PATIENCE).unwrap();
    }
    // A piece of 64 KB for each topic would be that many megabytes.
    assert!(memory() < before + 20_000_000.0);
    drop(writer.join().unwrap());
}

/// How much memory this process has in use, in bytes; 0 where the system does not tell so simply.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or_default() * 1024.0
}
