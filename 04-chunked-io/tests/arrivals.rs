//! Arrivals: what each pull brought, and many of them in a few numbers.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use chunked_io::arrivals::{Arrival, Summary, pull_and_note};
use tcp_socket::ScriptedPeer;

const SECOND: Duration = Duration::from_secs(1);

fn noted(mut peer: ScriptedPeer, buffer: usize, most: usize) -> (Vec<usize>, bool) {
    let mut arrivals = Vec::new();
    let result = pull_and_note(&mut peer, &mut vec![0; buffer], most, SECOND, &mut arrivals);
    (
        arrivals.iter().map(|arrival| arrival.bytes).collect(),
        result.is_ok(),
    )
}

#[test]
fn each_pull_is_noted_until_the_peer_closes() {
    let peer = ScriptedPeer::new().gives(&[0; 100]).gives(&[0; 30]).closes();
    assert_eq!(noted(peer, 64, 1000), (vec![64, 36, 30], true));
}

#[test]
fn it_stops_at_the_number_of_bytes_that_was_asked_for() {
    let peer = ScriptedPeer::new().gives(&[0; 100]);
    assert_eq!(noted(peer, 64, 70), (vec![64, 6], true));
}

#[test]
fn what_came_before_a_failure_is_noted_too() {
    let peer = ScriptedPeer::new().gives(&[0; 10]).resets();
    assert_eq!(noted(peer, 64, 70), (vec![10], false));
}

#[test]
fn the_summary_counts_by_powers_of_two() {
    let arrivals: Vec<Arrival> = [1448, 1, 1023, 2896, 1024, 2047]
        .map(|bytes| Arrival { bytes, at: SECOND })
        .to_vec();
    assert_eq!(
        Summary::of(&arrivals).unwrap(),
        Summary {
            bytes: 8439,
            smallest: 1,
            median: 1024,
            largest: 2896,
            classes: vec![(1, 1), (512, 1), (1024, 3), (2048, 1)],
        }
    );
    assert_eq!(Summary::of(&[]), None);
}
