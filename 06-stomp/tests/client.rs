//! The blocking client, against our own broker and against peers that misbehave.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::thread;
use std::time::Duration;

use common::{Broker, PATIENCE, Transport};
use stomp::{AckMode, Client, ClientOptions, Command, Error, Frame, ServerOptions, Version};
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
