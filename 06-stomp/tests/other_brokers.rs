//! Our client against brokers that others wrote: all that it can say, over each transport, in each version.
//!
//! Not for `cargo test`: it needs such a broker. `.ci/interop/rabbitmq` and `.ci/interop/activemq` start one and give
//! its addresses: `BROKER_URLS="stomp://127.0.0.1:61613 ws://127.0.0.1:15674/ws" cargo test -p stomp --test other_brokers`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use stomp::{AckMode, Client, ClientOptions, Error, Frame, HeartBeat, Version};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long nothing must come where nothing may.
const SILENCE: Duration = Duration::from_millis(300);

fn urls() -> Vec<String> {
    let urls = std::env::var("BROKER_URLS").expect("BROKER_URLS names a broker: see .ci/interop/rabbitmq");
    urls.split_whitespace().map(str::to_owned).collect()
}

fn options() -> ClientOptions {
    ClientOptions {
        login: Some("guest".to_owned()),
        passcode: Some("guest".to_owned()),
        host: Some("/".to_owned()),
        timeout: PATIENCE,
        ..ClientOptions::default()
    }
}

/// Does the same with a client for each transport and version, and destinations that nobody else has.
fn with_each(test: impl Fn(&dyn Fn() -> Client, &str)) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    for url in urls() {
        for version in Version::ALL {
            let options = ClientOptions {
                versions: vec![version],
                ..options()
            };
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            println!("{url}, STOMP {version:?}");
            test(
                &|| Client::connect(&url, &options).unwrap(),
                &format!("course.{}.{number}", process::id()),
            );
        }
    }
}

fn server(client: &Client) -> String {
    let connected = client.connected().unwrap();
    connected.header("server").unwrap_or_default().to_owned()
}

/// Says goodbye. Over WebSocket RabbitMQ closes without the RECEIPT, though it has done what came before.
fn leave(client: Client) {
    let keeps_silent = server(&client).starts_with("RabbitMQ");
    match client.disconnect() {
        Err(Error::Closed { .. }) if keeps_silent => {}
        result => result.unwrap(),
    }
}

fn is_activemq(client: &Client) -> bool {
    server(client).starts_with("ActiveMQ")
}

fn bodies<'s>(subscription: &'s stomp::Subscription) -> impl Iterator<Item = String> + 's {
    std::iter::from_fn(|| Some(subscription.next_within(PATIENCE).unwrap().text().into_owned()))
}

fn is_silent(subscription: &stomp::Subscription) {
    let next = subscription.next_within(SILENCE);
    assert!(matches!(next, Err(Error::TimedOut { .. })), "{next:?}");
}

#[test]
fn a_topic_reaches_everyone_with_its_headers() {
    with_each(|connect, name| {
        let (alice, bob) = (connect(), connect());
        let topic = format!("/topic/{name}");
        let readers = [alice.subscribe(&topic).unwrap(), bob.subscribe(&topic).unwrap()];
        let frame = Frame::new(stomp::Command::Send)
            .with("destination", &topic)
            .with("price", "71300")
            .with_body("시세\n");
        alice.send_frame(&frame).unwrap();
        for reader in &readers {
            let message = reader.next_within(PATIENCE).unwrap();
            assert_eq!(message.text(), "시세\n");
            assert_eq!(message.header("price"), Some("71300"));
        }
        leave(bob);
        leave(alice);
    });
}

#[test]
fn a_receipt_says_that_a_queue_has_the_message() {
    with_each(|connect, name| {
        let queue = format!("/queue/{name}");
        let publisher = connect();
        publisher.send_with_receipt(&queue, "kept").unwrap();
        leave(publisher);
        let reader = connect();
        let work = reader.subscribe(&queue).unwrap();
        assert_eq!(work.next_within(PATIENCE).unwrap().text(), "kept");
    });
}

#[test]
fn auto_acknowledges_what_is_sent() {
    with_each(|connect, name| {
        let queue = format!("/queue/{name}");
        let client = connect();
        let work = client.subscribe(&queue).unwrap();
        client.send(&queue, "once").unwrap();
        assert_eq!(work.next_within(PATIENCE).unwrap().text(), "once");
        leave(client);
        let next = connect();
        is_silent(&next.subscribe(&queue).unwrap());
    });
}

#[test]
fn client_acknowledges_all_before_and_the_rest_comes_again() {
    with_each(|connect, name| {
        let queue = format!("/queue/{name}");
        let client = connect();
        for body in ["1", "2", "3"] {
            client.send_with_receipt(&queue, body).unwrap();
        }
        let work = client.subscribe_with(&queue, AckMode::Client).unwrap();
        let messages: Vec<Frame> = (0..3).map(|_| work.next_within(PATIENCE).unwrap()).collect();
        client.ack(&messages[1]).unwrap();
        leave(client);
        let next = connect();
        let work = next.subscribe(&queue).unwrap();
        let rest = work.next_within(PATIENCE).unwrap();
        assert_eq!(
            (rest.text().as_ref(), rest.header("redelivered")),
            ("3", Some("true"))
        );
        is_silent(&work);
    });
}

#[test]
fn client_individual_acknowledges_one() {
    with_each(|connect, name| {
        let queue = format!("/queue/{name}");
        let client = connect();
        if client.version() == Some(Version::V1_0) {
            return; // It came with 1.1.
        }
        for body in ["1", "2", "3"] {
            client.send_with_receipt(&queue, body).unwrap();
        }
        let work = client.subscribe_with(&queue, AckMode::ClientIndividual).unwrap();
        let messages: Vec<Frame> = (0..3).map(|_| work.next_within(PATIENCE).unwrap()).collect();
        client.ack(&messages[1]).unwrap();
        leave(client);
        let next = connect();
        let work = next.subscribe(&queue).unwrap();
        let mut rest: Vec<String> = bodies(&work).take(2).collect();
        rest.sort();
        assert_eq!(rest, ["1", "3"]);
        is_silent(&work);
    });
}

#[test]
fn what_is_refused_comes_again_or_goes_to_the_dead_letters() {
    with_each(|connect, name| {
        let queue = format!("/queue/{name}");
        let client = connect();
        if client.version() == Some(Version::V1_0) {
            return; // NACK came with 1.1.
        }
        let work = client.subscribe_with(&queue, AckMode::ClientIndividual).unwrap();
        let frame = Frame::new(stomp::Command::Send).with("destination", &queue);
        // ActiveMQ keeps no dead letter that was not persistent.
        let frame = frame.with("persistent", "true").with_body(name);
        client.send_frame(&frame).unwrap();
        client.nack(&work.next_within(PATIENCE).unwrap()).unwrap();
        if is_activemq(&client) {
            // ActiveMQ gives nobody a second try.
            let dead = client.subscribe("/queue/ActiveMQ.DLQ").unwrap();
            let dead = bodies(&dead).take(100).any(|body| body == name);
            return assert!(dead, "{name} is not among the dead letters");
        }
        let again = work.next_within(PATIENCE).unwrap();
        assert_eq!(
            (again.text().as_ref(), again.header("redelivered")),
            (name, Some("true"))
        );
        client.ack(&again).unwrap();
    });
}

#[test]
fn what_a_lost_client_had_not_acknowledged_goes_to_the_next() {
    with_each(|connect, name| {
        let queue = format!("/queue/{name}");
        let client = connect();
        client.send_with_receipt(&queue, "job").unwrap();
        let work = client.subscribe_with(&queue, AckMode::Client).unwrap();
        assert_eq!(work.next_within(PATIENCE).unwrap().text(), "job");
        drop(client);
        let next = connect();
        let again = next.subscribe(&queue).unwrap().next_within(PATIENCE).unwrap();
        assert_eq!(
            (again.text().as_ref(), again.header("redelivered")),
            ("job", Some("true"))
        );
    });
}

#[test]
fn a_transaction_is_done_at_its_commit_or_not_at_all() {
    with_each(|connect, name| {
        let (queue, answers) = (format!("/queue/{name}"), format!("/queue/{name}.answers"));
        let client = connect();
        client.send_with_receipt(&queue, "question").unwrap();
        let work = client.subscribe_with(&queue, AckMode::Client).unwrap();
        let heard = client.subscribe(&answers).unwrap();
        let question = work.next_within(PATIENCE).unwrap();
        let aborted = client.transaction().unwrap();
        aborted.send(&answers, "never").unwrap();
        drop(aborted);
        let committed = client.transaction().unwrap();
        committed.ack(&question).unwrap();
        committed.send(&answers, "later").unwrap();
        client.send_with_receipt(&answers, "sooner").unwrap();
        committed.commit().unwrap();
        assert_eq!(bodies(&heard).take(2).collect::<Vec<_>>(), ["sooner", "later"]);
        leave(client);
        let next = connect();
        is_silent(&next.subscribe(&queue).unwrap());
    });
}

#[test]
fn heart_beats_keep_a_silent_connection() {
    for url in urls() {
        let half = Duration::from_millis(500);
        let options = ClientOptions {
            heart_beat: HeartBeat {
                can: half,
                wants: half,
            },
            ..options()
        };
        let client = Client::connect(&url, &options).unwrap();
        let agreed = client.connected().unwrap();
        assert_ne!(agreed.header("heart-beat"), Some("0,0"));
        let topic = format!("/topic/course.silent.{}", process::id());
        let reader = client.subscribe(&topic).unwrap();
        // Long enough for either side to give up the other.
        let nothing = reader.next_within(half * 6);
        assert!(matches!(nothing, Err(Error::TimedOut { .. })), "{nothing:?}");
        client.send(&topic, "still here").unwrap();
        assert_eq!(reader.next_within(PATIENCE).unwrap().text(), "still here");
    }
}

#[test]
fn a_refusal_is_told() {
    for url in urls() {
        let client = Client::connect(&url, &options()).unwrap();
        let commit = Frame::new(stomp::Command::Commit).with("transaction", "none");
        let error = client.ask(commit).unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        if is_activemq(&Client::connect(&url, &options()).unwrap()) {
            continue; // It lets in everybody.
        }
        let wrong = ClientOptions {
            passcode: Some("wrong".to_owned()),
            ..options()
        };
        let error = Client::connect(&url, &wrong).unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
    }
}
