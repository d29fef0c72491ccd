//! The event loop's promises to a protocol, one after the other, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod event_loop_support;

use std::net::Shutdown;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use chunked_io::event_loop::{Closed, ConnectionId, EventLoop, Handle, Io, Protocol, Settings, Shared};
use chunked_io::{pull_exact, pull_to_end, send_all};
use event_loop_support::{PATIENCE, call, serve, threads, wait_until};
use proptest::prelude::*;
use tcp_socket::{ScriptedPeer, TcpSocket};

fn pull<const N: usize>(client: &mut TcpSocket) -> [u8; N] {
    let mut bytes = [0; N];
    pull_exact(client, &mut bytes, PATIENCE).unwrap();
    bytes
}

struct Echo;

impl Protocol for Echo {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        io.send(bytes);
    }
}

#[test]
fn what_was_said_before_the_peers_end_arrives_and_then_this_end_closes() {
    let server = serve(threads(1), || Echo);
    let mut client = call(&server);
    send_all(&mut client, b"HELLO", PATIENCE).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(pull_to_end(&mut client, 100, PATIENCE).unwrap(), b"HELLO");
    wait_until("no connection", || server.handle().counts().connections == 0);
    server.shutdown(PATIENCE).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn however_the_bytes_are_cut_each_arrives_once_and_in_order(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..2000), 1..20),
        read_buffer in 1_usize..3000,
        queue_limit in 0_usize..3000,
    ) {
        let settings = Settings { read_buffer, queue_limit: queue_limit.max(1), ..threads(1) };
        let server = serve(settings, || Echo);
        let mut client = call(&server);
        for piece in &pieces {
            send_all(&mut client, piece, PATIENCE).unwrap();
        }
        client.shutdown(Shutdown::Write).unwrap();
        let sent = pieces.concat();
        prop_assert_eq!(pull_to_end(&mut client, 100_000, PATIENCE).unwrap(), sent);
    }
}

/// Says `opened`, and after each read two words.
struct Talker;

impl Protocol for Talker {
    type Message = ();

    fn received(&mut self, _: &mut [u8], io: &mut Io<'_, ()>) {
        io.send(b"one ");
        io.send_shared(&Shared::from(vec![b'-'; 300]));
        io.send(b" two");
        assert_eq!(io.queued(), 308);
    }
}

#[test]
fn all_replies_to_one_read_leave_in_one_write() {
    let server = serve(threads(1), || Talker);
    let client = call(&server);
    client.send(b"x", PATIENCE).unwrap();
    let mut buffer = [0; 1000];
    assert_eq!(client.pull(&mut buffer, PATIENCE).unwrap(), 308);
}

#[test]
fn a_scripted_peer_is_served_over_a_connection_that_this_end_has_made() {
    let script = ScriptedPeer::new()
        .gives_in_pieces(b"HELLO", 1)
        .pauses(Duration::from_millis(5))
        .gives(b" WORLD")
        .hears(11)
        .closes();
    let peer = script.on_loopback().unwrap();
    let server = serve(threads(1), || Echo);
    let socket = TcpSocket::connect_address(peer.address(), PATIENCE).unwrap();
    server.handle().adopt(socket);
    assert_eq!(peer.finish().unwrap(), b"HELLO WORLD");
}

/// Tells the test who it is, and others what they are told.
struct Member(Sender<(ConnectionId, Handle<&'static str>)>);

impl Protocol for Member {
    type Message = &'static str;

    fn opened(&mut self, io: &mut Io<'_, Self::Message>) {
        self.0.send((io.id(), io.handle().clone())).unwrap();
    }

    fn received(&mut self, _: &mut [u8], _: &mut Io<'_, Self::Message>) {}

    fn told(&mut self, message: Self::Message, io: &mut Io<'_, Self::Message>) {
        io.send(message.as_bytes());
    }
}

#[test]
fn any_thread_sends_to_any_connection_and_each_gets_its_messages_in_order() {
    let (ids, opened) = mpsc::channel();
    let server = serve(threads(3), move || Member(ids.clone()));
    let mut members: Vec<_> = (0..10)
        .map(|_| {
            let client = call(&server);
            (client, opened.recv_timeout(PATIENCE).unwrap().0)
        })
        .collect();
    let ids: Vec<ConnectionId> = members.iter().map(|(_, id)| *id).collect();
    let handle = server.handle().clone();
    std::thread::spawn(move || {
        handle.tell(ids[0], "first ");
        handle.send(ids[0], &Shared::from(*b"second "));
        handle.send_to(&ids, &Shared::from(*b"to all "));
        handle.send_to_all(&Shared::from(vec![b'!'; 1000]));
        handle.offer_to(&ids, || "an offer ");
        handle.offer_to_all(|| "for all");
    });
    assert_eq!(&pull::<13>(&mut members[0].0), b"first second ");
    for (client, _) in &mut members {
        assert_eq!(&pull::<7>(client), b"to all ");
        assert_eq!(pull::<1000>(client), [b'!'; 1000]);
        assert_eq!(&pull::<16>(client), b"an offer for all");
    }
}

#[test]
fn a_message_to_a_connection_that_is_gone_reaches_nobody_else() {
    let (ids, opened) = mpsc::channel();
    let server = serve(threads(1), move || Member(ids.clone()));
    let client = call(&server);
    let (gone, handle) = opened.recv_timeout(PATIENCE).unwrap();
    drop(client);
    wait_until("no connection", || handle.counts().connections == 0);
    // The next one gets the same place, and another name.
    let mut client = call(&server);
    let (id, _) = opened.recv_timeout(PATIENCE).unwrap();
    assert_ne!(gone, id);
    handle.tell(gone, "for nobody");
    handle.tell(id, "for you");
    assert_eq!(&pull::<7>(&mut client), b"for you");
}

/// An idle timeout that moves with every read.
struct Impatient;

const IDLE: Duration = Duration::from_millis(300);

impl Protocol for Impatient {
    type Message = ();

    fn opened(&mut self, io: &mut Io<'_, ()>) {
        io.set_timer(Some(io.now() + IDLE));
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        io.send(bytes);
        io.set_timer(Some(io.now() + IDLE));
    }

    fn timer(&mut self, io: &mut Io<'_, ()>) {
        io.send(b"bye");
        io.close();
    }
}

#[test]
fn a_timer_fires_at_the_time_it_was_moved_to_and_not_before() {
    let server = serve(threads(1), || Impatient);
    let mut client = call(&server);
    let start = Instant::now();
    let mut last = start;
    while start.elapsed() < IDLE * 3 / 2 {
        last = Instant::now();
        send_all(&mut client, b"x", PATIENCE).unwrap();
        assert_eq!(&pull::<1>(&mut client), b"x");
    }
    assert_eq!(
        server.handle().counts().timers,
        1,
        "moving a timer makes no second one"
    );
    assert_eq!(pull_to_end(&mut client, 100, PATIENCE).unwrap(), b"bye");
    assert!(last.elapsed() >= IDLE);
}

/// A layer that shifts every letter by one, as TLS would encrypt it, around any protocol.
struct Shifted<P>(P);

impl<P> Shifted<P> {
    fn with_inner<M>(&mut self, io: &mut Io<'_, M>, callback: impl FnOnce(&mut P, &mut Io<'_, M>)) {
        let mut plain = Vec::new();
        callback(&mut self.0, &mut io.layer(&mut plain));
        plain.iter_mut().for_each(|byte| *byte += 1);
        io.send(&plain);
        if io.is_closing() {
            io.send(b"(close notify)");
        }
    }
}

impl<P: Protocol> Protocol for Shifted<P> {
    type Message = P::Message;

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, P::Message>) {
        bytes.iter_mut().for_each(|byte| *byte -= 1);
        self.with_inner(io, |inner, io| inner.received(bytes, io));
    }

    fn relayed(&mut self, bytes: &Shared, io: &mut Io<'_, P::Message>) {
        self.with_inner(io, |inner, io| inner.relayed(bytes, io));
    }

    fn peer_finished(&mut self, io: &mut Io<'_, P::Message>) {
        self.with_inner(io, Protocol::peer_finished);
    }
}

#[test]
fn a_layer_stands_between_the_wire_and_a_protocol_and_encrypts_what_others_send_too() {
    let server = serve(threads(1), || Shifted(Echo));
    let mut client = call(&server);
    send_all(&mut client, b"IBM", PATIENCE).unwrap();
    assert_eq!(&pull::<3>(&mut client), b"IBM");
    server.handle().send_to_all(&Shared::from(*b"HAL"));
    assert_eq!(&pull::<3>(&mut client), b"IBM");
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(
        pull_to_end(&mut client, 100, PATIENCE).unwrap(),
        b"(close notify)"
    );
}

/// Reports its end.
struct Mortal(Sender<String>);

impl Protocol for Mortal {
    type Message = ();

    fn refused(&mut self, io: &mut Io<'_, ()>) {
        io.send(b"come back later");
        io.close();
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        if bytes == b"abort" {
            io.abort();
        } else {
            io.close();
        }
    }

    fn closed(&mut self, why: &Closed, _: &mut Io<'_, ()>) {
        self.0.send(why.to_string()).unwrap();
    }
}

fn mortal(settings: Settings) -> (EventLoop<()>, Receiver<String>) {
    let (ends, ended) = mpsc::channel();
    (serve(settings, move || Mortal(ends.clone())), ended)
}

#[test]
fn who_calls_beyond_the_limit_is_told_so_and_there_is_room_again_when_one_has_left() {
    let settings = Settings {
        connections: 2,
        ..threads(2)
    };
    let (server, ended) = mortal(settings);
    let first = call(&server);
    let _second = call(&server);
    wait_until("two connections", || server.handle().counts().connections == 2);
    let mut third = call(&server);
    assert_eq!(
        pull_to_end(&mut third, 100, PATIENCE).unwrap(),
        b"come back later"
    );
    drop(third);
    drop(first);
    ended.recv_timeout(PATIENCE).unwrap();
    ended.recv_timeout(PATIENCE).unwrap();
    let _fourth = call(&server);
    wait_until("a third accepted", || server.handle().counts().accepted == 3);
    assert_eq!(server.handle().counts().refused, 1);
}

#[test]
fn every_end_is_reported_once_with_its_reason() {
    let settings = Settings {
        closing_time: Duration::from_millis(50),
        ..threads(1)
    };
    let (server, ended) = mortal(settings);
    let reason = |end: &dyn Fn(TcpSocket) -> Option<TcpSocket>| {
        let _open = end(call(&server));
        ended.recv_timeout(PATIENCE).unwrap()
    };

    let peer_leaves = reason(&|_| None);
    assert_eq!(peer_leaves, "closed in good order");
    let peer_resets = reason(&|client| {
        client.set_linger(Some(Duration::ZERO)).unwrap();
        None
    });
    assert!(peer_resets.contains("connection reset"), "{peer_resets}");
    let this_end_aborts = reason(&|client| {
        client.send(b"abort", PATIENCE).unwrap();
        client.pull(&mut [0; 1], PATIENCE).unwrap_err();
        Some(client)
    });
    assert_eq!(this_end_aborts, "aborted by this end");
    let peer_does_not_close = reason(&|client| {
        client.send(b"close", PATIENCE).unwrap();
        Some(client)
    });
    assert!(
        peer_does_not_close.starts_with("still closing"),
        "{peer_does_not_close}"
    );
    server.shutdown(PATIENCE).unwrap();
    assert!(ended.try_recv().is_err(), "nothing was reported twice");
}

/// Makes a mistake.
struct Faulty;

impl Protocol for Faulty {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], _: &mut Io<'_, ()>) {
        bytes[bytes.len()] = 0;
    }
}

#[test]
#[should_panic(expected = "index out of bounds")]
fn a_protocol_that_panics_ends_the_whole_server_and_who_waits_for_it_hears_of_it() {
    let server = serve(threads(2), || Faulty);
    let mut client = call(&server);
    send_all(&mut client, b"x", PATIENCE).unwrap();
    server.join().unwrap();
}

/// Always wants to be called at once.
struct Restless(Sender<()>);

impl Protocol for Restless {
    type Message = ();

    fn opened(&mut self, io: &mut Io<'_, ()>) {
        io.set_timer(Some(io.now()));
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        io.send(bytes);
    }

    fn timer(&mut self, io: &mut Io<'_, ()>) {
        io.set_timer(Some(io.now()));
        // The test may be over.
        let _ = self.0.send(());
    }
}

#[test]
fn a_timer_that_is_always_set_to_now_starves_nobody() {
    let (calls, called) = mpsc::channel();
    let server = serve(threads(1), move || Restless(calls.clone()));
    let mut client = call(&server);
    called.recv_timeout(PATIENCE).unwrap();
    send_all(&mut client, b"HELLO", PATIENCE).unwrap();
    assert_eq!(&pull::<5>(&mut client), b"HELLO");
}
