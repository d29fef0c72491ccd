//! The blocking client, against our own broker and against peers that misbehave.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::scripted::{Peer, scripted};
use common::{Broker, PATIENCE, Transport};
use ports::Endpoint;
use proptest::prelude::*;
use stomp::client::ServerFault;
use stomp::{
    AckMode, Change, Client, ClientOptions, Command, Error, Frame, HeartBeat, Reconnect, Server,
    ServerOptions, Version,
};
use tcp_socket::Listener;

fn connect(broker: &Broker) -> Client {
    Client::connect(&broker.urls.tcp, &ClientOptions::default()).unwrap()
}

/// A peer that says `text` to whoever calls, and then closes.
fn impostor(text: &'static str) -> String {
    let listener = Listener::bind_address("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_address();
    thread::spawn(move || {
        let mut socket = listener.accept().unwrap();
        chunked_io::send_all(&mut socket, text.replace("^@", "\0").as_bytes(), PATIENCE).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        // Take what the client says, so that closing does not reset the connection.
        let _ = chunked_io::pull_to_end(&mut socket, 1024, PATIENCE);
    });
    format!("stomp://{address}")
}

fn error_of(url: &str) -> Error {
    Client::connect(url, &ClientOptions::default()).expect_err("a peer that is no broker")
}

#[test]
fn a_topic_brings_each_message_to_everyone_who_is_subscribed() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let (alice, bob) = (connect(&broker), connect(&broker));
    let (for_alice, for_bob) = (
        alice.subscribe("/topic/chat").unwrap(),
        bob.subscribe("/topic/chat").unwrap(),
    );
    alice.send("/topic/chat", "hello").unwrap();
    for subscription in [for_alice, for_bob] {
        let message = subscription.next_within(PATIENCE).unwrap();
        assert_eq!(message.text(), "hello");
        assert_eq!(message.header("destination"), Some("/topic/chat"));
        assert_eq!(message.header("content-type"), Some("text/plain"));
    }
    alice.disconnect().unwrap();
    bob.disconnect().unwrap();
}

#[test]
fn every_version_can_be_spoken() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    for version in Version::ALL {
        let options = ClientOptions {
            versions: vec![version],
            ..ClientOptions::default()
        };
        let client = Client::connect(&broker.urls.tcp, &options).unwrap();
        assert_eq!(client.version(), Some(version));
        let subscription = client.subscribe_with("/queue/each", AckMode::Auto).unwrap();
        client.send_with_receipt("/queue/each", version.number()).unwrap();
        assert_eq!(
            subscription.next_within(PATIENCE).unwrap().text(),
            version.number()
        );
        client.disconnect().unwrap();
    }
}

#[test]
fn what_is_refused_comes_again_and_what_is_acknowledged_does_not() {
    for version in [Version::V1_1, Version::V1_2] {
        let broker = Broker::start(Transport::Tcp, ServerOptions::default());
        let options = ClientOptions {
            versions: vec![version],
            ..ClientOptions::default()
        };
        let client = Client::connect(&broker.urls.tcp, &options).unwrap();
        let work = client
            .subscribe_with("/queue/work", AckMode::ClientIndividual)
            .unwrap();
        client.send("/queue/work", "job").unwrap();
        let message = work.next_within(PATIENCE).unwrap();
        client.nack(&message).unwrap();
        let message = work.next_within(PATIENCE).unwrap();
        assert_eq!(message.header("redelivered"), Some("true"));
        client.ack(&message).unwrap();
        work.unsubscribe().unwrap();
        let rest = client.subscribe("/queue/work").unwrap();
        client.send("/queue/work", "next").unwrap();
        assert_eq!(rest.next_within(PATIENCE).unwrap().text(), "next");
        let error = client.ack(&Frame::new(Command::Message)).unwrap_err();
        assert!(matches!(error, Error::NothingToAcknowledge { .. }), "{error}");
    }
}

#[test]
fn a_transaction_is_done_at_its_commit_or_not_at_all() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let client = connect(&broker);
    let topic = client.subscribe("/topic/a").unwrap();
    let dropped = client.transaction().unwrap();
    dropped.send("/topic/a", "never").unwrap();
    drop(dropped);
    let committed = client.transaction().unwrap();
    committed.send("/topic/a", "second").unwrap();
    client.send("/topic/a", "first").unwrap();
    committed.commit().unwrap();
    assert_eq!(topic.next_within(PATIENCE).unwrap().text(), "first");
    assert_eq!(topic.next_within(PATIENCE).unwrap().text(), "second");
}

#[test]
fn a_subscriber_that_never_reads_is_sent_away_and_others_go_on() {
    let mut options = ServerOptions::default();
    options.session.limits.queued_bytes = 256 * 1024;
    options.closing_time = Duration::from_millis(300);
    let broker = Broker::start(Transport::Tcp, options);
    let mut lazy = broker.session("1.2");
    lazy.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:1\n\n^@");
    lazy.hears_receipt("1");
    let client = connect(&broker);
    let topic = client.subscribe("/topic/a").unwrap();
    // Far more than the sockets' buffers and the queue together.
    let body = vec![b'x'; 64 * 1024];
    for _ in 0..400 {
        client.send("/topic/a", body.clone()).unwrap();
        assert_eq!(topic.next_within(PATIENCE).unwrap().body.len(), body.len());
    }
    // It gets what was on its way before, perhaps the ERROR too, and then the end; it hangs nobody.
    assert!(lazy.frames_until_closed() < 400);
}

#[test]
fn an_error_of_the_broker_is_told_to_whoever_waits() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let client = connect(&broker);
    let error = client
        .ask(Frame::new(Command::Commit).with("transaction", "t"))
        .unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("no such transaction") && text.contains("begin it first"),
        "{text}"
    );
}

#[test]
fn a_peer_that_speaks_http_is_recognised() {
    let error = error_of(&impostor("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert!(matches!(error, Error::NotStomp { .. }), "{error}");
    assert!(error.to_string().contains("HTTP/1.1 400 Bad Request"), "{error}");
}

#[test]
fn a_frame_that_never_ends_is_named() {
    let error = error_of(&impostor("CONNECTED\nversion:1.2\n\n"));
    assert!(error.to_string().contains("octet 0"), "{error}");
}

#[test]
fn a_peer_that_closes_at_once_is_named() {
    let error = error_of(&impostor(""));
    assert!(matches!(error, Error::Closed { .. }), "{error}");
}

#[test]
fn a_version_that_nobody_offered_is_not_taken() {
    let error = error_of(&impostor("CONNECTED\nversion:2.0\n\n^@"));
    assert!(error.to_string().contains("2.0"), "{error}");
}

#[test]
fn a_peer_that_says_nothing_is_given_up() {
    let listener = Listener::bind_address("127.0.0.1:0".parse().unwrap()).unwrap();
    let options = ClientOptions {
        timeout: Duration::from_millis(50),
        ..ClientOptions::default()
    };
    let error = Client::connect(&format!("stomp://{}", listener.local_address()), &options).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TimedOut {
                awaited: "CONNECTED",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_url_that_leads_nowhere_is_told_apart() {
    let options = ClientOptions::default();
    assert!(matches!(
        Client::connect("http://localhost", &options),
        Err(Error::Scheme { .. })
    ));
    assert!(matches!(
        Client::connect("localhost", &options),
        Err(Error::Url(_))
    ));
    assert!(matches!(
        Client::connect("stomp://127.0.0.1:1", &options),
        Err(Error::Socket(_))
    ));
}

/// Calls again at once.
fn reconnecting() -> ClientOptions {
    ClientOptions {
        reconnect: Some(Reconnect {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(20),
            attempts: None,
        }),
        ..ClientOptions::default()
    }
}

/// A broker at this address, which may just have been another one's.
fn broker_at(address: &Endpoint, web_socket: bool) -> Server {
    let started = Instant::now();
    loop {
        let at = Some(address.clone());
        let options = ServerOptions {
            tcp: at.clone().filter(|_| !web_socket),
            web_socket: at.filter(|_| web_socket),
            closing_time: Duration::from_millis(10),
            ..ServerOptions::default()
        };
        match Server::bind(options) {
            Ok(server) => return server,
            Err(error) => assert!(started.elapsed() < PATIENCE, "{error}"),
        }
        thread::yield_now();
    }
}

/// Waits until the connection is lost, and returns how many frames nobody knows of.
fn is_lost(client: &Client) -> u64 {
    match client.changes().next_within(PATIENCE).unwrap() {
        Change::Lost { unconfirmed, .. } => unconfirmed,
        change => panic!("expected the connection to be lost: {change:?}"),
    }
}

/// Waits until it stands again, and returns how many subscriptions were made again.
fn has_returned(client: &Client) -> usize {
    let started = Instant::now();
    loop {
        assert!(started.elapsed() < PATIENCE);
        match client.changes().next_within(PATIENCE).unwrap() {
            Change::Failed { .. } => {}
            Change::Returned { subscriptions, .. } => return subscriptions,
            change => panic!("expected the connection to return: {change:?}"),
        }
    }
}

#[test]
fn a_client_that_reconnects_subscribes_again_when_the_broker_is_back() {
    for web_socket in [false, true] {
        let first = broker_at(&Endpoint::new("127.0.0.1", 0), web_socket);
        let url = first.urls().remove(0);
        let address: Endpoint = url.parse().unwrap();
        let client = Client::connect(&url, &reconnecting()).unwrap();
        let topic = client.subscribe("/topic/price").unwrap();
        let dropped = client.subscribe("/topic/other").unwrap();
        drop(dropped);
        client.send_with_receipt("/topic/price", "before").unwrap();
        drop(first);
        assert_eq!(is_lost(&client), 0);
        let error = client.send("/topic/price", "meanwhile").unwrap_err();
        assert!(matches!(error, Error::Away { .. }), "{error}");

        let _second = broker_at(&Endpoint::new("127.0.0.1", address.port()), web_socket);
        assert_eq!(has_returned(&client), 1);
        let other = Client::connect(&url, &ClientOptions::default()).unwrap();
        other.send("/topic/price", "after").unwrap();
        for text in ["before", "after"] {
            assert_eq!(topic.next_within(PATIENCE).unwrap().text(), text);
        }
        client.disconnect().unwrap();
    }
}

#[test]
fn without_reconnect_everyone_who_waits_is_told_that_the_broker_is_gone() {
    let broker = broker_at(&Endpoint::new("127.0.0.1", 0), false);
    let client = Client::connect(&broker.urls()[0], &ClientOptions::default()).unwrap();
    let topic = client.subscribe("/topic/price").unwrap();
    drop(broker);
    topic.next_within(PATIENCE).unwrap_err();
    client.changes().next_within(PATIENCE).unwrap_err();
    client.send("/topic/price", "x").unwrap_err();
}

#[test]
fn what_came_over_a_lost_connection_cannot_be_acknowledged_and_comes_again() {
    let (url, sockets) = scripted();
    let client = call(&url, reconnecting());
    let mut peer = Peer::open(&sockets);
    let client = client.join().unwrap();
    let subscribing = thread::spawn(move || {
        let work = client.subscribe_with("/queue/work", AckMode::Client).unwrap();
        (client, work)
    });
    peer.hears("receipt:r2");
    peer.says("RECEIPT\nreceipt-id:r2\n\n^@MESSAGE\nsubscription:1\nmessage-id:m\nack:a\n\njob^@");
    let (client, work) = subscribing.join().unwrap();
    let message = work.next_within(PATIENCE).unwrap();
    let transaction = client.transaction().unwrap();
    drop(peer);
    is_lost(&client);
    let mut peer = Peer::open(&sockets);
    peer.hears("receipt:again");
    peer.says("RECEIPT\nreceipt-id:again-1.2\n\n^@MESSAGE\nsubscription:1.2\nmessage-id:m\nack:b\n\njob^@");
    assert_eq!(has_returned(&client), 1);
    let again = work.next_within(PATIENCE).unwrap();
    for error in [
        client.ack(&message).unwrap_err(),
        client.nack(&message).unwrap_err(),
        transaction.send("/queue/a", "x").unwrap_err(),
        transaction.commit().unwrap_err(),
    ] {
        assert!(matches!(error, Error::Stale { .. }), "{error}");
    }
    // BEGIN went down with the first connection, and whoever sends next is told.
    let error = client.ack(&again).unwrap_err();
    assert!(matches!(error, Error::Unconfirmed { frames: 1, .. }), "{error}");
    client.ack(&again).unwrap();
    assert!(
        peer.hears("ACK\nid:b\n")
            .contains("SUBSCRIBE\ndestination:/queue/work\nack:client\nid:1.2\n")
    );
}

#[test]
fn a_frame_on_its_way_is_an_error_and_is_never_sent_again() {
    let (url, sockets) = scripted();
    let client = call(&url, reconnecting());
    let mut peer = Peer::open(&sockets);
    let client = client.join().unwrap();
    client.send("/queue/a", "one").unwrap();
    client.send("/queue/a", "two").unwrap();
    let asking = thread::spawn(move || {
        let error = client.send_with_receipt("/queue/a", "three").unwrap_err();
        (client, error)
    });
    peer.hears("three");
    drop(peer);
    let (client, error) = asking.join().unwrap();
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
    assert_eq!(is_lost(&client), 2);
    let mut peer = Peer::open(&sockets);
    assert_eq!(has_returned(&client), 0);
    let error = client.send("/queue/a", "four").unwrap_err();
    assert!(matches!(error, Error::Unconfirmed { frames: 2, .. }), "{error}");
    client.send("/queue/a", "five").unwrap();
    let heard = peer.hears("five");
    assert_eq!(heard.matches("SEND").count(), 1, "{heard}");
}

#[test]
fn a_receipt_confirms_all_frames_before_it() {
    let (url, sockets) = scripted();
    let client = call(&url, reconnecting());
    let mut peer = Peer::open(&sockets);
    let client = client.join().unwrap();
    client.send("/queue/a", "one").unwrap();
    let asking = thread::spawn(move || {
        client.send_with_receipt("/queue/a", "two").unwrap();
        client
    });
    peer.hears("two");
    peer.says("RECEIPT\nreceipt-id:r1\n\n^@");
    let client = asking.join().unwrap();
    client.send("/queue/a", "three").unwrap();
    peer.hears("three");
    drop(peer);
    assert_eq!(is_lost(&client), 1);
}

#[test]
fn heart_beats_go_on_after_the_connection_has_returned() {
    let (url, sockets) = scripted();
    let often = Duration::from_millis(40);
    let options = ClientOptions {
        heart_beat: HeartBeat {
            can: often,
            wants: often,
        },
        ..reconnecting()
    };
    let client = call(&url, options);
    // The first peer wants heart-beats and promises some itself, and then falls silent.
    let mut peer = Peer::take(&sockets);
    peer.says("CONNECTED\nversion:1.2\nheart-beat:40,40\n\n^@");
    let client = client.join().unwrap();
    peer.hears("^@\n\n");
    let Change::Lost { cause, .. } = client.changes().next_within(PATIENCE).unwrap() else {
        panic!("expected the silence to be noticed");
    };
    assert!(
        matches!(
            cause,
            Error::Protocol {
                fault: ServerFault::Silent(_),
                ..
            }
        ),
        "{cause}"
    );
    let mut peer = Peer::take(&sockets);
    peer.says("CONNECTED\nversion:1.2\nheart-beat:0,40\n\n^@");
    has_returned(&client);
    peer.hears("^@\n\n");
}

#[test]
fn a_client_gives_up_after_as_many_attempts_as_it_was_told() {
    let broker = broker_at(&Endpoint::new("127.0.0.1", 0), false);
    let mut options = reconnecting();
    options.reconnect.as_mut().unwrap().attempts = Some(3);
    let client = Client::connect(&broker.urls()[0], &options).unwrap();
    let topic = client.subscribe("/topic/a").unwrap();
    drop(broker);
    assert!(topic.next_within(PATIENCE).unwrap_err().is_nobody_there());
    is_lost(&client);
    for expected in 1..3 {
        let change = client.changes().next_within(PATIENCE).unwrap();
        assert!(
            matches!(change, Change::Failed { attempt, .. } if attempt == expected),
            "{change:?}"
        );
    }
    assert!(
        client
            .changes()
            .next_within(PATIENCE)
            .unwrap_err()
            .is_nobody_there()
    );
}

proptest! {
    #[test]
    fn the_pause_doubles_up_to_the_longest_and_chance_takes_at_most_half_of_it(
        attempt in 1_u32..100,
        random in 0.0..=1.0,
    ) {
        let reconnect = Reconnect::default();
        let whole = reconnect.pause(attempt, 1.0);
        prop_assert!(whole <= reconnect.longest);
        prop_assert!(whole == reconnect.longest || whole == reconnect.first * (1 << (attempt - 1)));
        let pause = reconnect.pause(attempt, random);
        prop_assert!(whole / 2 <= pause && pause <= whole);
    }
}

/// Connects while the test plays the broker.
fn call(url: &str, options: ClientOptions) -> thread::JoinHandle<Client> {
    let url = url.to_owned();
    thread::spawn(move || Client::connect(&url, &options).unwrap())
}
