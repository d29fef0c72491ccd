//! What the scripted peer promises to those who test with it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use tcp_socket::{Deadline, Error, ScriptedPeer, Stream, TcpSocket, Traced};

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

#[test]
fn an_answer_waits_for_its_question() {
    let mut peer = ScriptedPeer::new()
        .hears(6)
        .gives(b"12:30\n")
        .hears(4)
        .gives(b"bye\n");
    let deadline = || Deadline::after(SECOND);
    assert!(matches!(
        peer.pull(&mut [0; 8], deadline()),
        Err(Error::TimedOut { .. })
    ));
    peer.send(b"time?\n", deadline()).unwrap();
    assert_eq!(peer.pull(&mut [0; 8], deadline()).unwrap(), 6);
    assert!(matches!(
        peer.pull(&mut [0; 8], deadline()),
        Err(Error::TimedOut { .. })
    ));
    peer.send(b"bye\n", deadline()).unwrap();
    assert_eq!(peer.pull(&mut [0; 8], deadline()).unwrap(), 4);
}

#[test]
fn a_peer_that_never_reads_takes_nothing() {
    let mut peer = ScriptedPeer::new().takes(3).never_reads();
    let error = peer.send(b"hello", Deadline::after(SECOND)).unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(peer.received(), b"");
}

#[test]
fn an_interruption_is_seen_by_read_and_survived_by_pull() {
    let script = ScriptedPeer::new().interrupts().gives(b"hello");
    let mut peer = script.clone();
    assert_eq!(peer.pull(&mut [0; 8], Deadline::after(SECOND)).unwrap(), 5);
    assert_eq!(
        peer.transcript(),
        "pull(8) -> interrupted\npull(8) -> 5 \"hello\"\n"
    );
    let mut peer = script;
    assert_eq!(peer.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 5);
    assert_eq!(peer.write(b"thanks").unwrap(), 6);
    assert_eq!(peer.received(), b"thanks");
}

/// What one end of a conversation does; the same on any stream.
fn converse(stream: &mut impl Stream) {
    let deadline = Deadline::after(Duration::from_secs(20));
    stream.send(b"time?\n", deadline).unwrap();
    let mut buffer = [0; 4];
    while matches!(stream.pull(&mut buffer, deadline), Ok(count) if count > 0) {}
    // After the end, whatever it was.
    let _ = stream.pull(&mut buffer, deadline);
}

#[test]
fn a_script_reads_the_same_in_memory_and_on_a_real_socket() {
    let mut scripts = vec![
        ScriptedPeer::new().hears(6).gives(b"12:30\n").closes(),
        ScriptedPeer::new()
            .gives(b"12")
            .pauses(Duration::from_millis(30))
            .hears(6)
            .gives(b":3")
            .closes(),
    ];
    // Other systems may throw away, with the connection, what has arrived and was not read yet.
    if cfg!(target_os = "linux") {
        scripts.push(ScriptedPeer::new().hears(6).gives(b"12:").resets());
    }
    for script in scripts {
        let mut in_memory = script.clone();
        converse(&mut in_memory);
        let live = script.on_loopback().unwrap();
        let written_down = RefCell::new(String::new());
        let socket = TcpSocket::connect_address(live.address(), Duration::from_secs(20)).unwrap();
        let mut socket = Traced::new(socket, |line: &str| {
            // The transcript of a script has no times.
            let (call, _) = line.rsplit_once(" (").unwrap();
            written_down.borrow_mut().push_str(&format!("{call}\n"));
        });
        converse(&mut socket);
        drop(socket);
        assert_eq!(written_down.borrow().as_str(), in_memory.transcript());
        assert_eq!(live.finish().unwrap(), b"time?\n");
    }
}

#[test]
fn a_live_peer_that_never_reads_lets_the_buffers_fill() {
    let live = ScriptedPeer::new().never_reads().on_loopback().unwrap();
    let socket = TcpSocket::connect_address(live.address(), Duration::from_secs(20)).unwrap();
    let offered = vec![0; 1024 * 1024];
    let error = loop {
        if let Err(error) = socket.send(&offered, Duration::from_millis(50)) {
            break error;
        }
    };
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    drop(socket);
    assert_eq!(live.finish().unwrap(), b"");
}
