//! The timers of the machine, on a clock that the test turns.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::{Duration, Instant};

use websocket::connection::KeepAlive;
use websocket::{Close, CloseCode, Connection, Event, Options, Violation};

const SECOND: Duration = Duration::from_secs(1);

fn server() -> Connection {
    Connection::server(Options {
        keep_alive: Some(KeepAlive {
            every: 20 * SECOND,
            within: 5 * SECOND,
        }),
        close_timeout: 10 * SECOND,
        ..Options::default()
    })
}

#[test]
fn a_silent_peer_is_pinged_and_given_up() {
    let start = Instant::now();
    let mut server = server();
    assert_eq!(server.tick(start), Some(start + 20 * SECOND));
    assert_eq!(server.tick(start + 19 * SECOND), Some(start + 20 * SECOND));
    assert!(!server.has_output());
    assert_eq!(server.tick(start + 20 * SECOND), Some(start + 25 * SECOND));
    assert_eq!(server.take_output(), [0x89, 0], "a Ping");
    assert_eq!(server.tick(start + 24 * SECOND), Some(start + 25 * SECOND));
    assert_eq!(server.tick(start + 25 * SECOND), None);
    let violation = Violation::PongMissing { after: 5 * SECOND };
    assert_eq!(server.next_event(), Some(Event::Failed(violation)));
    assert_eq!(
        server.take_output()[2..4],
        CloseCode::INTERNAL_ERROR.0.to_be_bytes()
    );
    assert_eq!(server.tick(start + 26 * SECOND), None);
}

#[test]
fn any_sign_of_life_is_as_good_as_a_pong() {
    let start = Instant::now();
    let mut server = server();
    server.tick(start);
    server.tick(start + 20 * SECOND);
    // Half of a header: the peer is there.
    server.receive(&mut [0x81]);
    assert_eq!(server.tick(start + 25 * SECOND), Some(start + 45 * SECOND));
    assert_eq!(server.next_event(), None);
}

#[test]
fn without_keep_alive_no_tick_is_asked_for() {
    assert_eq!(Connection::client(Options::default()).tick(Instant::now()), None);
}

#[test]
fn a_close_that_is_not_answered_ends_all_the_same() {
    let start = Instant::now();
    let mut server = server();
    server.tick(start);
    server.close(CloseCode::GOING_AWAY, "").unwrap();
    assert_eq!(server.tick(start + 3 * SECOND), Some(start + 13 * SECOND));
    // Talking is no answer to a Close.
    server.receive(&mut [0x89, 0x80, 0, 0, 0, 0]);
    assert_eq!(server.next_event(), Some(Event::Ping(vec![])));
    assert_eq!(server.tick(start + 12 * SECOND), Some(start + 13 * SECOND));
    assert_eq!(server.tick(start + 13 * SECOND), None);
    let violation = Violation::CloseUnanswered { after: 10 * SECOND };
    assert_eq!(server.next_event(), Some(Event::Failed(violation)));
}

#[test]
fn a_close_that_is_answered_needs_no_more_ticks() {
    let start = Instant::now();
    let mut server = server();
    server.close(CloseCode::NORMAL, "").unwrap();
    server.tick(start);
    server.receive(&mut [0x88, 0x80, 0, 0, 0, 0]);
    assert_eq!(server.tick(start + SECOND), None);
    assert_eq!(
        server.next_event(),
        Some(Event::Closed(Close::new(CloseCode::NO_STATUS, "")))
    );
    assert_eq!(server.tick(start + 60 * SECOND), None);
}
