//! What the scripted peer promises to those who test with it.

use std::time::Duration;

use tcp_socket::{Deadline, Error, ScriptedPeer, Stream};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_piece_larger_than_the_buffer_comes_in_several_pulls() {
    let mut peer = ScriptedPeer::new().gives(b"HELLO").gives(b"").closes();
    let deadline = Deadline::after(SECOND);
    while peer.pull(&mut [0; 3], deadline).unwrap() > 0 {}
    assert_eq!(
        peer.transcript(),
        "pull(3) -> 3 \"HEL\"\npull(3) -> 2 \"LO\"\npull(3) -> 0 (closed)\n"
    );
}

#[test]
fn pauses_add_up_under_one_deadline_and_start_anew_under_the_next() {
    let dribble = || ScriptedPeer::new().pauses(SECOND * 2 / 5).gives(b"a");
    let mut peer = dribble();
    for _ in 0..3 {
        peer = peer.pauses(SECOND * 2 / 5).gives(b"b");
    }
    let one = Deadline::after(SECOND);
    assert_eq!(peer.pull(&mut [0; 8], one).unwrap(), 1);
    assert_eq!(peer.pull(&mut [0; 8], one).unwrap(), 1);
    let error = peer.pull(&mut [0; 8], one).unwrap_err();
    assert!(
        matches!(error, Error::TimedOut { after: SECOND, .. }),
        "{error:?}"
    );
    assert_eq!(peer.pull(&mut [0; 8], Deadline::after(SECOND)).unwrap(), 1);
}

#[test]
fn after_a_reset_nothing_can_be_sent_and_nothing_comes() {
    let mut peer = ScriptedPeer::new().resets().gives(b"never");
    let deadline = Deadline::after(SECOND);
    assert!(matches!(
        peer.pull(&mut [0; 8], deadline),
        Err(Error::Reset { .. })
    ));
    assert!(matches!(
        peer.send(b"hello?", deadline),
        Err(Error::BrokenPipe { .. })
    ));
    assert_eq!(peer.pull(&mut [0; 8], deadline).unwrap(), 0);
}

#[test]
fn a_peer_that_takes_part_of_a_send_keeps_what_it_took() {
    let mut peer = ScriptedPeer::new().takes(2).takes(0);
    let deadline = Deadline::after(SECOND);
    assert_eq!(peer.send(b"hello", deadline).unwrap(), 2);
    assert!(matches!(peer.send(b"llo", deadline), Err(Error::TimedOut { .. })));
    assert_eq!(peer.send(b"llo", deadline).unwrap(), 3);
    assert_eq!(peer.received(), b"hello");
}
