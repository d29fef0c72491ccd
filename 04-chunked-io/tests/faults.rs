//! Peers that misbehave, on real sockets: each loop ends in time, and says exactly how much had moved.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::time::{Duration, Instant};

use chunked_io::framing::chunked::encode_chunk;
use chunked_io::framing::{ChunkedDecoder, LengthFraming, pull_framed, send_framed};
use chunked_io::transfer::{Digest, TransferError};
use chunked_io::{
    Error, OutgoingFile, pull_exact, pull_to_end, pull_until, receive_file, send_all, send_file,
};
use tcp_socket::{Deadline, Listener, LivePeer, ScriptedPeer, TcpSocket};

const PATIENCE: Duration = Duration::from_secs(20);
/// How long a peer is waited for that will never do anything.
const SHORT: Duration = Duration::from_millis(200);
const FRAMING: LengthFraming<4> = LengthFraming::big_endian(64 << 20);
/// More than the buffers of two sockets hold.
const LONG: usize = 32 << 20;

/// A peer that plays this script, and a connection to it.
fn call(script: ScriptedPeer) -> (LivePeer, TcpSocket) {
    let peer = script.on_loopback().unwrap();
    let socket = TcpSocket::connect_address(peer.address(), PATIENCE).unwrap();
    (peer, socket)
}

/// Both ends of a connection.
fn connection() -> (TcpSocket, TcpSocket) {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let client = TcpSocket::connect_address(listener.local_address(), PATIENCE).unwrap();
    (client, listener.accept().unwrap())
}

fn is_timeout(error: &Error) -> bool {
    matches!(
        error,
        Error::Stopped {
            source: tcp_socket::Error::TimedOut { .. },
            ..
        }
    )
}

fn is_reset(error: &Error) -> bool {
    matches!(
        error,
        Error::Stopped {
            source: tcp_socket::Error::Reset { .. },
            ..
        }
    )
}

// A peer that dribbles.

#[test]
fn a_message_that_dribbles_in_is_whole_by_every_rule_of_where_it_ends() {
    let (peer, mut socket) = call(ScriptedPeer::new().gives_in_pieces(b"HELLO", 1));
    let mut buffer = [0; 5];
    pull_exact(&mut socket, &mut buffer, PATIENCE).unwrap();
    assert_eq!(&buffer, b"HELLO");
    drop(socket);
    peer.finish().unwrap();

    let (peer, mut socket) = call(ScriptedPeer::new().gives_in_pieces(b"HELLO\r\nrest", 1));
    let mut pending = Vec::new();
    let end = pull_until(&mut socket, &mut pending, b"\r\n", 100, PATIENCE).unwrap();
    assert_eq!(&pending[..end], b"HELLO\r\n");
    drop(socket);
    // The caller has not read the rest, so its closing may be a reset.
    let _ = peer.finish();

    let (peer, mut socket) = call(ScriptedPeer::new().gives_in_pieces(b"HELLO", 1).closes());
    assert_eq!(pull_to_end(&mut socket, 100, PATIENCE).unwrap(), b"HELLO");
    drop(socket);
    peer.finish().unwrap();

    let frame = FRAMING.encode(b"HELLO").unwrap();
    let (peer, mut socket) = call(ScriptedPeer::new().gives_in_pieces(&frame, 1));
    let message = pull_framed(&mut socket, &FRAMING, PATIENCE).unwrap();
    assert_eq!(message.as_deref(), Some(b"HELLO".as_slice()));
    drop(socket);
    peer.finish().unwrap();
}

#[test]
fn a_peer_that_dribbles_for_ever_does_not_hold_anybody_beyond_the_deadline() {
    let dribble = (0..1000).fold(ScriptedPeer::new(), |peer, _| {
        peer.gives(b"x").pauses(Duration::from_millis(20))
    });
    let (peer, mut socket) = call(dribble);
    let started = Instant::now();
    let error = pull_exact(&mut socket, &mut [0; 1000], SHORT).unwrap_err();
    assert!(is_timeout(&error), "{error}");
    assert!((1..1000).contains(&error.moved()), "{error}");
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "20 s of dribbling were on offer"
    );
    drop(socket);
    // Its next byte finds nobody.
    assert!(peer.finish().is_err());
}

#[test]
fn a_file_whose_sender_dribbles_arrives() {
    let inbox = tempfile::tempdir().unwrap();
    let mut all = FRAMING.encode(b"offer 5 hello.txt").unwrap();
    all.extend(FRAMING.encode(b"start 0").unwrap());
    all.extend(b"HELLO");
    all.extend(
        FRAMING
            .encode(format!("digest {}", Digest::of(b"HELLO")).as_bytes())
            .unwrap(),
    );
    let (peer, mut socket) = call(ScriptedPeer::new().gives_in_pieces(&all, 1));
    let received = receive_file(&mut socket, inbox.path(), PATIENCE, &mut |_| {}).unwrap();
    assert_eq!(received.unwrap().size, 5);
    assert_eq!(fs::read(inbox.path().join("hello.txt")).unwrap(), b"HELLO");
    drop(socket);
    peer.finish().unwrap();
}

// A peer that never reads.

/// How many bytes come out at the other end, once this end has closed.
fn drained(from: TcpSocket, to: TcpSocket) -> usize {
    drop(from);
    let mut buffer = vec![0; 1 << 20];
    let deadline = Deadline::after(PATIENCE);
    let mut total = 0;
    loop {
        match to.pull(&mut buffer, deadline).unwrap() {
            0 => return total,
            count => total += count,
        }
    }
}

#[test]
fn what_was_counted_as_sent_is_what_comes_out_at_the_other_end() {
    let (mut client, server) = connection();
    let error = send_all(&mut client, &vec![1; LONG], SHORT).unwrap_err();
    assert!(is_timeout(&error), "{error}");
    assert!((1..LONG).contains(&error.moved()), "{error}");
    assert_eq!(drained(client, server), error.moved());

    let (mut client, server) = connection();
    let error = send_framed(&mut client, &FRAMING, &vec![1; LONG], SHORT).unwrap_err();
    assert!(is_timeout(&error), "{error}");
    assert_eq!(drained(client, server), error.moved(), "with the header");
}

#[test]
fn a_file_for_a_receiver_that_never_reads_is_counted_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.bin");
    fs::write(&path, vec![1; LONG]).unwrap();
    let (mut client, mut server) = connection();
    let have = format!("have 0 {}", Digest::of(b""));
    send_framed(&mut server, &FRAMING, have.as_bytes(), PATIENCE).unwrap();
    let file = OutgoingFile::open(&path).unwrap();
    let error = send_file(&mut client, file, SHORT, &mut |_| {}).unwrap_err();
    let TransferError::CutOff { moved, .. } = error else {
        panic!("{error}");
    };
    let talk: usize = ["offer 33554432 long.bin", "start 0"]
        .map(|line| 4 + line.len())
        .iter()
        .sum();
    assert_eq!(drained(client, server), talk + usize::try_from(moved).unwrap());
}

// A peer that resets in the middle.

#[test]
fn a_reset_in_the_middle_is_told_with_what_had_come() {
    let script = || ScriptedPeer::new().gives(b"HELL").pauses(SHORT).resets();
    let (_peer, mut socket) = call(script());
    let error = pull_exact(&mut socket, &mut [0; 10], PATIENCE).unwrap_err();
    assert!(is_reset(&error), "{error}");
    assert_eq!(error.moved(), 4);

    let (_peer, mut socket) = call(script());
    let mut pending = Vec::new();
    let error = pull_until(&mut socket, &mut pending, b"\n", 100, PATIENCE).unwrap_err();
    assert!(is_reset(&error), "{error}");
    assert_eq!((error.moved(), pending.as_slice()), (4, b"HELL".as_slice()));

    let (_peer, mut socket) = call(script());
    let error = pull_to_end(&mut socket, 100, PATIENCE).unwrap_err();
    assert!(is_reset(&error), "{error}");
    assert_eq!(error.moved(), 4);

    let frame = FRAMING.encode(b"HELLO").unwrap();
    let (_peer, mut socket) = call(ScriptedPeer::new().gives(&frame[..6]).pauses(SHORT).resets());
    let error = pull_framed(&mut socket, &FRAMING, PATIENCE).unwrap_err();
    assert!(is_reset(&error), "{error}");
    assert_eq!(error.moved(), 6);
}

#[test]
fn a_reset_while_sending_is_told() {
    let (_peer, mut socket) = call(ScriptedPeer::new().pauses(SHORT).resets());
    let error = send_all(&mut socket, &vec![1; LONG], PATIENCE).unwrap_err();
    let Error::Stopped { moved, source } = &error else {
        panic!("{error}");
    };
    assert!(*moved < LONG);
    assert!(
        matches!(
            source,
            tcp_socket::Error::Reset { .. } | tcp_socket::Error::BrokenPipe { .. }
        ),
        "{error}"
    );
}

#[test]
fn a_sender_that_resets_in_the_middle_of_a_file_leaves_what_came() {
    let inbox = tempfile::tempdir().unwrap();
    let offer = FRAMING.encode(b"offer 11 hello.txt").unwrap();
    let start = FRAMING.encode(b"start 0").unwrap();
    let script = ScriptedPeer::new()
        .gives(&offer)
        .gives(&start)
        .gives(b"HELLO")
        .pauses(SHORT)
        .resets();
    let (_peer, mut socket) = call(script);
    let error = receive_file(&mut socket, inbox.path(), PATIENCE, &mut |_| {}).unwrap_err();
    assert!(
        matches!(&error, TransferError::CutOff { moved: 5, source, .. } if is_reset(source)),
        "{error}"
    );
    assert_eq!(fs::read(inbox.path().join(".hello.txt.part")).unwrap(), b"HELLO");
}

// A peer that half-closes.

#[test]
fn a_half_close_ends_what_comes_and_not_what_goes() {
    let (peer, mut socket) = call(ScriptedPeer::new().gives(b"HELL").closes());
    let error = pull_exact(&mut socket, &mut [0; 10], PATIENCE).unwrap_err();
    assert!(matches!(error, Error::EndedEarly { moved: 4, .. }), "{error}");
    send_all(&mut socket, &vec![1; 1_000_000], PATIENCE).unwrap();
    drop(socket);
    assert_eq!(peer.finish().unwrap().len(), 1_000_000);
}

#[test]
fn a_half_close_inside_a_frame_is_no_end_of_the_stream() {
    let frame = FRAMING.encode(b"HELLO").unwrap();
    let (peer, mut socket) = call(ScriptedPeer::new().gives(&frame[..6]).closes());
    let error = pull_framed(&mut socket, &FRAMING, PATIENCE).unwrap_err();
    assert_eq!(error.moved(), 6, "{error}");
    drop(socket);
    peer.finish().unwrap();

    let (peer, mut socket) = call(ScriptedPeer::new().gives(&encode_chunk(b"HELLO")).closes());
    let mut decoder = ChunkedDecoder::new(100);
    decoder.feed(&pull_to_end(&mut socket, 100, PATIENCE).unwrap());
    assert!(decoder.next_part().is_ok());
    assert!(decoder.finish().is_err(), "the last chunk has not come");
    drop(socket);
    peer.finish().unwrap();
}

#[test]
fn a_receiver_that_half_closes_in_the_middle_of_a_file_has_not_stored_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hello.txt");
    fs::write(&path, b"HELLO").unwrap();
    let have = FRAMING
        .encode(format!("have 0 {}", Digest::of(b"")).as_bytes())
        .unwrap();
    let (peer, mut socket) = call(ScriptedPeer::new().gives(&have).closes());
    let file = OutgoingFile::open(&path).unwrap();
    let error = send_file(&mut socket, file, PATIENCE, &mut |_| {}).unwrap_err();
    assert!(matches!(error, TransferError::NoAnswer { .. }), "{error}");
    drop(socket);
    assert!(String::from_utf8_lossy(&peer.finish().unwrap()).contains("HELLO"));
}
