//! The broker under load, in bad company, and behind TLS.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::sync::Arc;
use std::time::Instant;

use common::{Broker, PATIENCE, Transport, server};
use ports::Endpoint;
use stomp::{AckMode, Client, ClientOptions, Server, ServerOptions};
use websocket::tls::{ClientTls, ServerTls, TestCertificate};

#[test]
fn both_transports_are_spoken_over_tls_too_and_meet_the_others() {
    let certificate = TestCertificate::new(&["localhost", "127.0.0.1"]).unwrap();
    let urls = Server::start_on_loopback(ServerOptions {
        certificate: Some(ServerTls::from_test(&certificate).unwrap()),
        ..ServerOptions::default()
    })
    .unwrap();
    let options = ClientOptions {
        tls: Some(ClientTls::trusting_test(&certificate).unwrap()),
        ..ClientOptions::default()
    };
    let all = [&urls.tcp, &urls.web_socket, &urls.tls, &urls.web_socket_tls];
    let clients = all.map(|url| Client::connect(url, &options).unwrap());
    let topics = clients
        .each_ref()
        .map(|client| client.subscribe("/topic/a").unwrap());
    for (client, url) in clients.iter().zip(all) {
        client.send("/topic/a", url.as_str()).unwrap();
        for topic in &topics {
            assert_eq!(topic.next_within(PATIENCE).unwrap().text(), *url);
        }
    }
}

#[test]
fn tls_without_a_certificate_is_refused_at_once() {
    let options = ServerOptions {
        tls: Some(Endpoint::new("127.0.0.1", 0)),
        ..ServerOptions::default()
    };
    let Err(error) = Server::bind(options) else {
        panic!("it must not listen");
    };
    assert!(error.to_string().contains("needs a certificate"), "{error}");
}

#[test]
fn a_publisher_to_queues_that_are_full_waits_for_room_and_loses_nothing() {
    let (_server, url) = server(ServerOptions {
        stored_bytes: 100_000,
        ..ServerOptions::default()
    });
    let writer = {
        let url = url.clone();
        std::thread::spawn(move || {
            let client = Client::connect(&url, &ClientOptions::default()).unwrap();
            for number in 0..1_000 {
                client.send("/queue/a", format!("{number:01000}")).unwrap();
            }
            client.disconnect().unwrap();
        })
    };
    let reader = Client::connect(&url, &ClientOptions::default()).unwrap();
    let queue = reader.subscribe_with("/queue/a", AckMode::Client).unwrap();
    for number in 0..1_000 {
        let message = queue.next_within(PATIENCE).unwrap();
        assert_eq!(message.text(), format!("{number:01000}"));
        reader.ack(&message).unwrap();
    }
    writer.join().unwrap();
}

#[test]
fn who_answers_from_one_queue_into_another_is_not_held_up_by_a_full_broker() {
    let mut options = ServerOptions {
        stored_bytes: 100_000,
        ..ServerOptions::default()
    };
    options.session.limits.unacknowledged = 1;
    let (_server, url) = server(options);
    let connect = || Client::connect(&url, &ClientOptions::default()).unwrap();
    let (asking, working, listening) = (connect(), connect(), connect());
    let writer = std::thread::spawn(move || {
        for _ in 0..500 {
            asking.send("/queue/in", vec![b'x'; 1_000]).unwrap();
        }
        asking.disconnect().unwrap();
    });
    let worker = std::thread::spawn(move || {
        let questions = working
            .subscribe_with("/queue/in", AckMode::ClientIndividual)
            .unwrap();
        for _ in 0..500 {
            let question = questions.next_within(PATIENCE).unwrap();
            // The answer is in the broker's hands before the question is let go.
            working
                .send_with_receipt("/queue/out", question.body.clone())
                .unwrap();
            working.ack(&question).unwrap();
        }
    });
    let answers = listening.subscribe("/queue/out").unwrap();
    for _ in 0..500 {
        assert_eq!(answers.next_within(PATIENCE).unwrap().body.len(), 1_000);
    }
    writer.join().unwrap();
    worker.join().unwrap();
}

#[test]
fn who_fills_a_queue_and_consumes_it_on_one_connection_does_not_stall() {
    let (_server, url) = server(ServerOptions::default());
    let client = Arc::new(Client::connect(&url, &ClientOptions::default()).unwrap());
    let queue = client
        .subscribe_with("/queue/a", AckMode::ClientIndividual)
        .unwrap();
    let writer = {
        let client = Arc::clone(&client);
        std::thread::spawn(move || {
            for _ in 0..5_000 {
                client.send("/queue/a", vec![b'x'; 2_000]).unwrap();
            }
        })
    };
    // Whoever reads acknowledges at once: if that has to wait, nothing is read meanwhile.
    for _ in 0..5_000 {
        let message = queue.next_within(PATIENCE).unwrap();
        client.ack(&message).unwrap();
    }
    writer.join().unwrap();
}

#[test]
fn who_could_only_wait_for_itself_is_told_so() {
    for transport in [Transport::Tcp, Transport::WebSocket] {
        let broker = Broker::start(
            transport,
            ServerOptions {
                stored_bytes: 10_000,
                ..ServerOptions::default()
            },
        );
        let mut raw = broker.session("1.2");
        raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n^@");
        let send = format!("SEND\ndestination:/queue/a\n\n{}^@", "x".repeat(1_000));
        // A thousand are given out; what is beyond has to be stored.
        for _ in 0..1_000 {
            raw.says(&send);
            raw.hears_message(&"x".repeat(1_000));
        }
        raw.says(&send.repeat(20));
        raw.is_refused("queues full");
    }
}

#[test]
fn a_queue_of_many_megabytes_is_given_to_a_consumer_who_comes_late() {
    for transport in [Transport::Tcp, Transport::WebSocket] {
        let broker = Broker::start(transport, ServerOptions::default());
        let publisher = Client::connect(&broker.urls.tcp, &ClientOptions::default()).unwrap();
        for _ in 0..5_000 {
            publisher.send("/queue/a", vec![b'x'; 2_000]).unwrap();
        }
        publisher.disconnect().unwrap();
        let mut consumer = broker.session("1.2");
        consumer.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
        for _ in 0..5_000 {
            consumer.hears("MESSAGE\n");
        }
    }
}

#[test]
fn a_queue_keeps_its_publisher_waiting_for_a_consumer_that_never_reads_and_loses_nothing() {
    let (_server, url) = server(ServerOptions {
        stored_bytes: 500_000,
        ..ServerOptions::default()
    });
    let endpoint: Endpoint = url.parse().unwrap();
    let mut lazy = tcp_socket::TcpSocket::connect(&endpoint, PATIENCE).unwrap();
    let frames =
        "CONNECT\naccept-version:1.2\nhost:x\n\n\0SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n\0";
    chunked_io::send_all(&mut lazy, frames.as_bytes(), PATIENCE).unwrap();
    let writer = {
        let url = url.clone();
        std::thread::spawn(move || {
            let client = Client::connect(&url, &ClientOptions::default()).unwrap();
            for _ in 0..5_000 {
                client.send("/queue/a", vec![b'x'; 2_000]).unwrap();
            }
            client.disconnect().unwrap();
        })
    };
    let reader = Client::connect(&url, &ClientOptions::default()).unwrap();
    let queue = reader.subscribe("/queue/a").unwrap();
    // The lazy one is given no more than it may owe; all else comes here, and in the end that too.
    for _ in 0..4_000 {
        queue.next_within(PATIENCE).unwrap();
    }
    drop(lazy);
    for _ in 0..1_000 {
        queue.next_within(PATIENCE).unwrap();
    }
    writer.join().unwrap();
}

/// What RabbitMQ is asked for a subscription that outlives its connection.
const DURABLE: &str = "durable:true\nauto-delete:false\n\n^@";

fn subscribe_durably(broker: &Broker, id: &str, ack: &str) -> common::Raw {
    let mut raw = broker.session("1.2");
    raw.says(&format!(
        "SUBSCRIBE\nid:{id}\nack:{ack}\ndestination:/topic/price.*\n{DURABLE}"
    ));
    raw
}

#[test]
fn a_durable_subscription_collects_what_comes_while_its_client_is_away() {
    for transport in [Transport::Tcp, Transport::WebSocket] {
        let broker = Broker::start(transport, ServerOptions::default());
        let publisher = Client::connect(&broker.urls.tcp, &ClientOptions::default()).unwrap();
        let publish = |body: &str| publisher.send_with_receipt("/topic/price.gold", body).unwrap();
        let leave = |mut raw: common::Raw| {
            raw.says("DISCONNECT\nreceipt:bye\n\n^@");
            raw.hears_receipt("bye");
        };
        let mut reader = subscribe_durably(&broker, "mine", "auto");
        reader.hears_nothing();
        publish("one");
        let frame = reader.hears_message("one");
        assert_eq!(common::header(&frame, "destination"), Some("/topic/price.gold"));
        leave(reader);
        publish("two");
        publish("three");

        // Another id is another subscription, and has missed nothing that it was there for.
        let mut other = subscribe_durably(&broker, "other", "auto");
        other.hears_nothing();
        let mut reader = subscribe_durably(&broker, "mine", "client");
        let two = reader.hears_message("two");
        reader.hears_message("three");
        reader.says(&format!("ACK\nid:{}\n\n^@", common::header(&two, "ack").unwrap()));
        leave(reader);

        // What was not acknowledged comes again.
        let mut reader = subscribe_durably(&broker, "mine", "auto");
        let three = reader.hears_message("three");
        assert_eq!(common::header(&three, "redelivered"), Some("true"));

        // To stop listening is not yet to give up the subscription.
        reader.says("UNSUBSCRIBE\nid:mine\nreceipt:u\n\n^@");
        reader.hears_receipt("u");
        publish("four");
        other.hears_message("four");
        let mut reader = subscribe_durably(&broker, "mine", "auto");
        reader.hears_message("four");
        reader.says(&format!("UNSUBSCRIBE\nid:mine\n{DURABLE}"));
        reader.hears_nothing();
        publish("five");
        let mut reader = subscribe_durably(&broker, "mine", "auto");
        reader.hears_nothing();
    }
}

#[test]
fn a_durable_subscription_keeps_the_newest_of_what_is_too_much() {
    let mut options = ServerOptions::default();
    options.session.limits.queued_bytes = 10_000;
    let broker = Broker::start(Transport::Tcp, options);
    subscribe_durably(&broker, "mine", "auto").hears_nothing();
    let publisher = Client::connect(&broker.urls.tcp, &ClientOptions::default()).unwrap();
    for number in 0..100 {
        publisher
            .send_with_receipt("/topic/price.gold", format!("{number:01000}"))
            .unwrap();
    }
    let mut reader = subscribe_durably(&broker, "mine", "auto");
    let first = reader.hears("MESSAGE\n");
    let number: usize = first.split_once("\n\n").unwrap().1.parse().unwrap();
    assert!((90..100).contains(&number), "{number}");
    for number in number + 1..100 {
        reader.hears_message(&format!("{number:01000}"));
    }
}

#[test]
fn a_durable_subscription_needs_an_id() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let mut raw = broker.session("1.0");
    raw.says(&format!("SUBSCRIBE\ndestination:/topic/a\n{DURABLE}"));
    raw.is_refused("id");
}

#[test]
fn a_durable_subscription_has_a_short_id() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let mut raw = broker.session("1.2");
    let id = "x".repeat(300);
    raw.says(&format!("SUBSCRIBE\nid:{id}\ndestination:/topic/a\n{DURABLE}"));
    raw.is_refused("more than 255 bytes in the id");
}

#[test]
fn nobody_acknowledges_what_another_session_has_received() {
    for (version, ack) in [
        ("1.2", "id"),
        ("1.1", "subscription:0\nmessage-id"),
        ("1.0", "message-id"),
    ] {
        let broker = Broker::start(Transport::Tcp, ServerOptions::default());
        let [mut owner, mut thief] = [broker.session(version), broker.session(version)];
        for session in [&mut owner, &mut thief] {
            session.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\nreceipt:s\n\n^@");
            session.hears_receipt("s");
        }
        owner.says("SEND\ndestination:/queue/a\n\nhi^@");
        let message = owner.hears_message("hi");
        let name = if version == "1.2" { "ack" } else { "message-id" };
        let line = message
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}:")));
        thief.says(&format!("ACK\n{ack}:{}\n\n^@", line.unwrap()));
        thief.is_refused("");
        drop(owner);
        let mut next = broker.session(version);
        next.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
        next.hears_message("hi");
    }
}

#[test]
fn who_asks_for_too_much_is_refused_and_the_others_are_served() {
    let frames = |text: &str, count| text.repeat(count);
    let subscriptions: String = (0..2_000)
        .map(|id| format!("SUBSCRIBE\nid:{id}\ndestination:/topic/a\n\n\0"))
        .collect();
    let hostile = [
        (
            "a frame that never ends",
            format!("SEND\ndestination:/topic/a\nx:{}", frames("x", 100_000)),
            "head",
        ),
        (
            "an absurd length",
            "SEND\ndestination:/topic/a\ncontent-length:99999999999999999999\n\n".to_owned(),
            "body",
        ),
        (
            "a million headers",
            format!("SEND\n{}", frames("a:b\n", 1_000_000)),
            "100 headers",
        ),
        ("a flood of SUBSCRIBE", subscriptions, "1000 subscriptions"),
    ];
    for transport in [Transport::Tcp, Transport::WebSocket] {
        let broker = Broker::start(transport, ServerOptions::default());
        let client = Client::connect(&broker.urls.tcp, &ClientOptions::default()).unwrap();
        let topic = client.subscribe("/topic/b").unwrap();
        for (what, text, why) in &hostile {
            let mut raw = broker.session("1.2");
            raw.says(text);
            raw.is_refused(why);
            client.send("/topic/b", *what).unwrap();
            assert_eq!(topic.next_within(PATIENCE).unwrap().text(), *what);
        }
    }
}

#[test]
fn many_messages_in_one_piece_come_in_order_to_everyone() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let mut readers: Vec<_> = (0..10).map(|_| broker.session("1.2")).collect();
    for (number, reader) in readers.iter_mut().enumerate() {
        // Some share an id, some have another, one acknowledges.
        let (id, ack) = (number % 3, if number == 9 { "client" } else { "auto" });
        reader.says(&format!(
            "SUBSCRIBE\nid:{id}\ndestination:/topic/*\nack:{ack}\nreceipt:r\n\n^@"
        ));
        reader.hears_receipt("r");
    }
    let mut publisher = broker.session("1.2");
    let text: String = (0..500)
        .map(|number| {
            format!(
                "SEND\ndestination:/topic/{}\nof:me\n\n{number}^@\n",
                number % 7 / 3
            )
        })
        .collect();
    publisher.says(&text);
    let started = Instant::now();
    for (number, reader) in readers.iter_mut().enumerate() {
        for expected in 0..500 {
            let frame = reader.hears_message(&expected.to_string());
            assert_eq!(common::header(&frame, "of"), Some("me"));
            assert_eq!(
                common::header(&frame, "subscription"),
                Some((number % 3).to_string().as_str())
            );
        }
    }
    assert!(started.elapsed() < PATIENCE);
}
