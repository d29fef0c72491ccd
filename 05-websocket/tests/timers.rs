//! The timers of the machine, on a clock that the test turns.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::{Duration, Instant};

use websocket::connection::KeepAlive;
use websocket::{Close, CloseCode, Event, Options, Role, Violation};

use common::Machine;

const SECOND: Duration = Duration::from_secs(1);

fn server() -> Machine {
    let options = Options {
        keep_alive: Some(KeepAlive {
            every: 20 * SECOND,
            within: 5 * SECOND,
        }),
        close_timeout: 10 * SECOND,
        ..Options::default()
    };
    Machine::new(Role::Server, options)
}

#[test]
fn a_silent_peer_is_pinged_and_given_up() {
    let start = Instant::now();
    let mut server = server();
    assert_eq!(server.tick(start), Some(start + 20 * SECOND));
    assert_eq!(server.tick(start + 19 * SECOND), Some(start + 20 * SECOND));
    assert!(server.output.is_empty());
    assert_eq!(server.tick(start + 20 * SECOND), Some(start + 25 * SECOND));
    assert_eq!(server.take_output(), [0x89, 0], "a Ping");
    assert_eq!(server.tick(start + 24 * SECOND), Some(start + 25 * SECOND));
    let violation = Violation::PongMissing { after: 5 * SECOND };
    let tick = server.connection.tick(start + 25 * SECOND, &mut server.output);
    assert_eq!(tick, Err(violation));
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
    assert_eq!(server.receive(&[0x81]), []);
    assert_eq!(server.tick(start + 25 * SECOND), Some(start + 45 * SECOND));
}

#[test]
fn without_keep_alive_no_tick_is_asked_for() {
    let mut client = Machine::new(Role::Client, Options::default());
    assert_eq!(client.tick(Instant::now()), None);
}

#[test]
fn a_close_that_is_not_answered_ends_all_the_same() {
    let start = Instant::now();
    let mut server = server();
    server.tick(start);
    server.close(CloseCode::GOING_AWAY);
    assert_eq!(server.tick(start + 3 * SECOND), Some(start + 13 * SECOND));
    // Talking is no answer to a Close.
    assert_eq!(
        server.receive(&[0x89, 0x80, 0, 0, 0, 0]),
        [Event::Ping(b"".into())]
    );
    assert_eq!(server.tick(start + 12 * SECOND), Some(start + 13 * SECOND));
    let violation = Violation::CloseUnanswered { after: 10 * SECOND };
    let tick = server.connection.tick(start + 13 * SECOND, &mut server.output);
    assert_eq!(tick, Err(violation));
    assert_eq!(server.tick(start + 14 * SECOND), None, "it ends once");
}

#[test]
fn a_close_that_is_answered_needs_no_more_ticks() {
    let start = Instant::now();
    let mut server = server();
    server.close(CloseCode::NORMAL);
    server.tick(start);
    assert_eq!(
        server.receive(&[0x88, 0x80, 0, 0, 0, 0]),
        [Event::Closed(Close::new(CloseCode::NO_STATUS, ""))]
    );
    assert_eq!(server.tick(start + 60 * SECOND), None);
}

#[test]
fn a_connection_without_messages_is_ended_after_the_idle_timeout_though_it_lives() {
    let start = Instant::now();
    let options = Options {
        idle_timeout: Some(60 * SECOND),
        keep_alive: Some(KeepAlive {
            every: 20 * SECOND,
            within: 5 * SECOND,
        }),
        ..Options::default()
    };
    let mut server = Machine::new(Role::Server, options);
    assert_eq!(
        server.tick(start),
        Some(start + 20 * SECOND),
        "the earlier of the two"
    );
    // A message is no idleness, in either direction.
    server.send("hello");
    assert_eq!(server.tick(start + 10 * SECOND), Some(start + 20 * SECOND));
    for (pinged, next) in [(20, 41), (41, 62), (62, 70)] {
        server.tick(start + pinged * SECOND);
        // A Pong is a sign of life, and no message.
        server.receive(&[0x8A, 0x80, 0, 0, 0, 0]);
        assert_eq!(
            server.tick(start + (pinged + 1) * SECOND),
            Some(start + next * SECOND)
        );
    }
    server.take_output();
    let tick = server.connection.tick(start + 70 * SECOND, &mut server.output);
    assert_eq!(tick, Err(Violation::Idle { after: 60 * SECOND }));
    assert_eq!(server.output[2..4], CloseCode::GOING_AWAY.0.to_be_bytes());
}
