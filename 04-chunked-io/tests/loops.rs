//! The loops: whatever the pieces, the message is whole, or the count that did move is told.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use chunked_io::{Error, pull_exact, pull_to_end, pull_until, send_all};
use proptest::prelude::*;
use tcp_socket::{Call, Deadline, ScriptedPeer, Stream};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn send_all_repeats_until_every_byte_has_left() {
    let mut peer = ScriptedPeer::new().takes(3).takes(4);
    send_all(&mut peer, b"HELLO WORLD", SECOND).unwrap();
    assert_eq!(
        peer.transcript(),
        "send(11) -> 3 \"HEL\"\nsend(8) -> 4 \"LO W\"\nsend(4) -> 4 \"ORLD\"\n"
    );
}

#[test]
fn send_all_says_how_much_had_left_when_the_peer_stops_reading() {
    let mut peer = ScriptedPeer::new().takes(3).takes(4).takes(0);
    let error = send_all(&mut peer, b"HELLO WORLD", SECOND).unwrap_err();
    assert_eq!(error.moved(), 7);
    let words = error.to_string();
    assert!(
        words.starts_with("cannot send to the scripted peer: timed out"),
        "{words}"
    );
    assert!(words.ends_with("(after 7 bytes)"), "{words}");
}

#[test]
fn send_all_of_nothing_makes_no_call() {
    let mut peer = ScriptedPeer::new();
    send_all(&mut peer, b"", SECOND).unwrap();
    assert_eq!(peer.transcript(), "");
}

/// A stream that breaks the promise of `send`: it takes nothing, and reports no failure.
struct TakesNothing;

impl Stream for TakesNothing {
    fn send(&mut self, _: &[u8], _: Deadline) -> Result<usize, tcp_socket::Error> {
        Ok(0)
    }

    fn pull(&mut self, _: &mut [u8], _: Deadline) -> Result<usize, tcp_socket::Error> {
        Ok(0)
    }

    fn peer(&self) -> String {
        "nobody".to_owned()
    }
}

#[test]
fn send_all_does_not_ask_for_ever_a_stream_that_takes_nothing() {
    let error = send_all(&mut TakesNothing, b"HELLO", SECOND).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Stopped {
                moved: 0,
                source: tcp_socket::Error::Other { call: Call::Send, .. }
            }
        ),
        "{error:?}"
    );
}

#[test]
fn pull_exact_leaves_what_comes_after_for_the_next_reader() {
    let mut peer = ScriptedPeer::new().gives(b"HELLO WORLD!");
    let mut buffer = [0; 5];
    pull_exact(&mut peer, &mut buffer, SECOND).unwrap();
    assert_eq!(&buffer, b"HELLO");
    assert_eq!(peer.pull(&mut [0; 64], SECOND.into()).unwrap(), 7);
}

#[test]
fn pull_exact_says_how_much_had_come_when_the_peer_closes() {
    let mut peer = ScriptedPeer::new().gives(b"HEL").gives(b"L").closes();
    let mut buffer = [b'.'; 10];
    let error = pull_exact(&mut peer, &mut buffer, SECOND).unwrap_err();
    assert_eq!(error.moved(), 4);
    assert_eq!(&buffer, b"HELL......");
    assert_eq!(
        error.to_string(),
        "the scripted peer closed the connection after 4 of 10 bytes: it sent less than it promised, or it was \
         stopped"
    );
}

#[test]
fn pull_exact_says_how_much_had_come_when_the_peer_resets() {
    let mut peer = ScriptedPeer::new().gives(b"HELL").resets();
    let error = pull_exact(&mut peer, &mut [0; 10], SECOND).unwrap_err();
    assert_eq!(error.moved(), 4);
    assert!(
        matches!(
            error,
            Error::Stopped {
                source: tcp_socket::Error::Reset { .. },
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn one_deadline_covers_a_peer_that_sends_a_byte_just_before_each_timeout() {
    let almost = SECOND * 4 / 10;
    let peer = ScriptedPeer::new();
    let mut peer = (0..10).fold(peer, |peer, _| peer.gives(b"x").pauses(almost));
    let error = pull_exact(&mut peer, &mut [0; 10], SECOND).unwrap_err();
    assert_eq!(error.moved(), 3, "{}", peer.transcript());
}

#[test]
fn pull_until_finds_a_delimiter_that_arrives_in_two_pieces() {
    let mut peer = ScriptedPeer::new().gives(b"HELLO\r").gives(b"\nWORLD\r\n");
    let mut pending = Vec::new();
    let end = pull_until(&mut peer, &mut pending, b"\r\n", 100, SECOND).unwrap();
    assert_eq!(&pending[..end], b"HELLO\r\n");
    pending.drain(..end);
    let calls = peer.transcript().to_owned();
    let end = pull_until(&mut peer, &mut pending, b"\r\n", 100, SECOND).unwrap();
    assert_eq!(&pending[..end], b"WORLD\r\n");
    assert_eq!(peer.transcript(), calls, "the second message was there already");
}

#[test]
fn pull_until_refuses_an_empty_delimiter() {
    let mut peer = ScriptedPeer::new().gives(b"HELLO");
    let error = pull_until(&mut peer, &mut Vec::new(), b"", 100, SECOND).unwrap_err();
    assert!(matches!(error, Error::EmptyDelimiter), "{error:?}");
    assert_eq!(peer.transcript(), "");
}

#[test]
fn pull_until_takes_a_message_as_long_as_the_limit_and_none_that_is_longer() {
    let long_enough = |limit| {
        let mut peer = ScriptedPeer::new().gives_in_pieces(b"HELLO\n", 1).gives(b"more");
        pull_until(&mut peer, &mut Vec::new(), b"\n", limit, SECOND)
    };
    assert_eq!(long_enough(6).unwrap(), 6);
    let error = long_enough(5).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooLong {
                limit: 5,
                moved: 5,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn pull_until_gives_up_on_a_line_that_is_too_long_even_if_its_end_has_come() {
    let mut peer = ScriptedPeer::new().gives(b"HELLO WORLD\n");
    let error = pull_until(&mut peer, &mut Vec::new(), b"\n", 5, SECOND).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooLong {
                limit: 5,
                moved: 12,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn pull_until_keeps_what_came_before_the_peer_closed() {
    let mut peer = ScriptedPeer::new().gives(b"HELLO").closes();
    let mut pending = Vec::new();
    let error = pull_until(&mut peer, &mut pending, b"\r\n", 100, SECOND).unwrap_err();
    assert_eq!(pending, b"HELLO");
    assert_eq!(
        error.to_string(),
        "the scripted peer closed the connection after 5 of the bytes up to \"\\r\\n\": it sent less than it \
         promised, or it was stopped"
    );
}

/// A stream without end that counts how often it was asked.
struct Flood {
    calls: usize,
    piece: usize,
}

impl Stream for Flood {
    fn send(&mut self, bytes: &[u8], _: Deadline) -> Result<usize, tcp_socket::Error> {
        Ok(bytes.len())
    }

    fn pull(&mut self, buffer: &mut [u8], _: Deadline) -> Result<usize, tcp_socket::Error> {
        self.calls += 1;
        let count = self.piece.min(buffer.len());
        buffer[..count].fill(b'x');
        Ok(count)
    }

    fn peer(&self) -> String {
        "a flood".to_owned()
    }
}

#[test]
fn a_long_line_in_small_pieces_is_searched_once_and_not_once_a_piece() {
    // A scan from the beginning after each of these pulls would look at 125 thousand million bytes.
    let limit = 2_000_000;
    let mut flood = Flood { calls: 0, piece: 16 };
    let error = pull_until(&mut flood, &mut Vec::new(), b"\r\n", limit, Duration::MAX).unwrap_err();
    assert_eq!((error.moved(), flood.calls), (limit, limit / 16));
}

#[test]
fn pull_to_end_keeps_to_its_limit_and_says_how_much_came() {
    let all = || ScriptedPeer::new().gives(b"HELLO ").gives(b"WORLD").closes();
    assert_eq!(pull_to_end(&mut all(), 11, SECOND).unwrap(), b"HELLO WORLD");
    let error = pull_to_end(&mut all(), 10, SECOND).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooLong {
                limit: 10,
                moved: 11,
                ..
            }
        ),
        "{error:?}"
    );
    let mut flood = Flood {
        calls: 0,
        piece: 8192,
    };
    let error = pull_to_end(&mut flood, 10_000, SECOND).unwrap_err();
    assert_eq!((error.moved(), flood.calls), (16_384, 2));
}

/// A peer that gives `bytes` in pieces of these sizes, again and again, and closes.
fn in_pieces(bytes: &[u8], sizes: &[usize]) -> ScriptedPeer {
    let mut peer = ScriptedPeer::new();
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        peer = peer.gives(piece);
        rest = after;
    }
    peer.closes()
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_the_same_lines(
        lines in prop::collection::vec("[a-z\r]{0,20}", 0..20),
        sizes in prop::collection::vec(1usize..9, 1..9),
    ) {
        let text = lines.iter().map(|line| format!("{line}\r\n")).collect::<String>();
        // Two carriage returns before a line feed: the first belongs to the line.
        let expected: Vec<String> = text.split_inclusive("\r\n").map(str::to_owned).collect();
        let mut peer = in_pieces(text.as_bytes(), &sizes);
        let mut pending = Vec::new();
        let mut found = Vec::new();
        for _ in &expected {
            let end = pull_until(&mut peer, &mut pending, b"\r\n", 100, SECOND).unwrap();
            found.push(String::from_utf8(pending.drain(..end).collect()).unwrap());
        }
        prop_assert_eq!(found, expected);
        let error = pull_until(&mut peer, &mut pending, b"\r\n", 100, SECOND).unwrap_err();
        let ended_between_lines = matches!(error, Error::EndedEarly { moved: 0, .. });
        prop_assert!(ended_between_lines);
    }

    #[test]
    fn any_split_of_the_sends_leaves_the_same_bytes(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        sizes in prop::collection::vec(1usize..20, 0..40),
    ) {
        let mut peer = sizes.iter().fold(ScriptedPeer::new(), |peer, size| peer.takes(*size));
        send_all(&mut peer, &bytes, SECOND).unwrap();
        prop_assert_eq!(peer.received(), bytes);
    }

    #[test]
    fn any_split_of_the_bytes_gives_the_same_whole(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        sizes in prop::collection::vec(1usize..20, 1..9),
    ) {
        let mut buffer = vec![0; bytes.len()];
        pull_exact(&mut in_pieces(&bytes, &sizes), &mut buffer, SECOND).unwrap();
        prop_assert_eq!(&buffer, &bytes);
        prop_assert_eq!(pull_to_end(&mut in_pieces(&bytes, &sizes), 200, SECOND).unwrap(), bytes);
    }
}
