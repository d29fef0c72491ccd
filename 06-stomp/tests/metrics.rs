//! How the broker says how it is: over its own topics, and to Prometheus.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;

use chunked_io::{pull_to_end, send_all};
use common::{Broker, PATIENCE, Raw, Transport};
use ports::Endpoint;
use stomp::{RelayOptions, ServerOptions, Users};
use tcp_socket::TcpSocket;

/// The answer to a GET at the port for WebSocket.
fn get(broker: &Broker, path: &str) -> String {
    let endpoint: Endpoint = broker.urls.web_socket.parse().unwrap();
    let mut socket = TcpSocket::connect(&endpoint, PATIENCE).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    send_all(&mut socket, request.as_bytes(), PATIENCE).unwrap();
    String::from_utf8(pull_to_end(&mut socket, 1 << 20, PATIENCE).unwrap()).unwrap()
}

#[test]
fn metrics_tell_what_has_happened() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let mut client = broker.session("1.2");
    client.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@SUBSCRIBE\nid:1\ndestination:/topic/*\n\n^@");
    client.says("SEND\ndestination:/topic/a\n\nhi^@SEND\ndestination:/queue/od\"d\n\nhi^@");
    client.hears_message("hi");
    client.hears_message("hi");
    client.hears_nothing();
    let answer = get(&broker, "/metrics");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("text/plain; version=0.0.4"), "{answer}");
    for line in [
        "# TYPE stomp_connections gauge",
        "stomp_connections 1",
        "# HELP stomp_messages_received_total Messages that publishers have sent.",
        "# TYPE stomp_messages_received_total counter",
        "stomp_messages_received_total 2",
        "stomp_messages_delivered_total 2",
        "stomp_messages_dropped_total 0",
        "stomp_destination_subscribers{destination=\"/topic/*\"} 1",
        "stomp_destination_messages{destination=\"/queue/od\\\"d\"} 1",
        "# TYPE stomp_destination_received_total counter",
        "stomp_destination_received_total{destination=\"/topic/a\"} 1",
        "stomp_destination_received_total{destination=\"/queue/od\\\"d\"} 1",
        "stomp_destination_delivered_total{destination=\"/topic/a\"} 2",
        "stomp_destination_delivered_total{destination=\"/queue/od\\\"d\"} 0",
    ] {
        has_line(&answer, line);
    }
}

#[track_caller]
fn has_line(answer: &str, line: &str) {
    let is_there = answer.lines().any(|found| found == line);
    assert!(is_there, "no {line:?} in {answer}");
}

/// What the metrics of this name say of each destination.
fn by_destination(answer: &str, name: &str) -> BTreeMap<String, u64> {
    let samples = answer.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?.strip_prefix("{destination=\"")?;
        let (destination, value) = rest.split_once("\"} ")?;
        Some((destination.to_owned(), value.parse().unwrap()))
    });
    samples.collect()
}

#[test]
fn messages_are_counted_by_destination_whichever_way_they_take() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let mut client = broker.session("1.2");
    let subscriptions = [
        ("a", "/topic/a", ""),
        ("b", "/topic/>", "ack:client\n"),
        ("c", "/topic/c", "durable:true\nauto-delete:false\n"),
        ("d", "/queue/d", ""),
        ("e", "/temp-queue/e", ""),
    ];
    for (id, destination, more) in subscriptions {
        client.says(&format!(
            "SUBSCRIBE\nid:{id}\ndestination:{destination}\n{more}\n^@"
        ));
    }
    for (destination, messages) in [
        ("/topic/a", 3),
        ("/topic/c", 2),
        ("/queue/d", 5),
        ("/temp-queue/e", 1),
    ] {
        client.says(&format!("SEND\ndestination:{destination}\n\nhi^@").repeat(messages));
    }
    // Nobody hears these, and one waits as a whole until it is committed.
    client.says("SEND\ndestination:/queue/w\n\nhi^@BEGIN\ntransaction:1\n\n^@");
    client.says("SEND\ndestination:/queue/w\ntransaction:1\n\nhi^@COMMIT\ntransaction:1\nreceipt:end\n\n^@");
    while !client.frame().starts_with("RECEIPT") {}
    let answer = get(&broker, "/metrics");
    let expected = [
        ("/durable//c/topic/c", 2, 2),
        ("/queue/d", 5, 5),
        ("/queue/w", 2, 0),
        ("/temp-queue/*", 1, 1),
        ("/topic/>", 0, 0),
        ("/topic/a", 3, 6),
        ("/topic/c", 2, 2),
    ];
    let column =
        |of: fn(&(&str, u64, u64)) -> u64| expected.iter().map(move |row| (row.0.to_owned(), of(row)));
    let received = by_destination(&answer, "stomp_destination_received_total");
    assert_eq!(received, column(|row| row.1).collect());
    let delivered = by_destination(&answer, "stomp_destination_delivered_total");
    assert_eq!(delivered, column(|row| row.2).collect());
    has_line(&answer, "stomp_messages_received_total 13");
}

#[test]
fn whoever_invents_destinations_does_not_fill_what_is_told_of_them() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let mut client = broker.session("1.2");
    for number in 0..1_500 {
        client.says(&format!("SEND\ndestination:/topic/{number}\n\n^@"));
    }
    client.says("SUBSCRIBE\nid:0\ndestination:/queue/late\nreceipt:0\n\n^@");
    client.hears_receipt("0");
    client.says("SEND\ndestination:/queue/late\n\nhi^@SEND\ndestination:/topic/1\nreceipt:1\n\n^@");
    client.hears_message("hi");
    client.hears_receipt("1");
    let answer = get(&broker, "/metrics");
    let received = by_destination(&answer, "stomp_destination_received_total");
    assert_eq!(received.len(), 1_001);
    assert_eq!((received["/topic/1"], received["others"]), (2, 501));
    assert_eq!(
        by_destination(&answer, "stomp_destination_delivered_total")["others"],
        1
    );
    assert_eq!(
        by_destination(&answer, "stomp_destination_subscribers")["others"],
        1
    );
    has_line(&answer, "stomp_destinations 1");
    // What the page gets is bounded by the same names.
    client.says("SUBSCRIBE\nid:1\ndestination:/topic/$SYS/status\n\n^@");
    let status = status(&mut client);
    assert_eq!(status["destinations"].as_object().unwrap().len(), 1_000);
    assert_eq!(status["others"]["received"], 501);
}

/// What the broker says next of itself.
fn status(client: &mut Raw) -> serde_json::Value {
    let status = client.hears("MESSAGE\n");
    assert!(status.contains("content-type:application/json"), "{status}");
    let (_, body) = status.split_once("\n\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[test]
fn the_broker_says_how_it_is_to_whoever_subscribes() {
    for transport in [Transport::Tcp, Transport::WebSocket] {
        let broker = Broker::start(transport, ServerOptions::default());
        let mut client = broker.session("1.2");
        client.says("SUBSCRIBE\nid:0\ndestination:/topic/$SYS/status\n\n^@");
        // Again and again.
        for _ in 0..2 {
            let status = status(&mut client);
            assert_eq!(status["connections"], 1);
            assert_eq!(status["received"], 0, "its own words do not count");
            assert_eq!(status["destinations"]["/topic/$SYS/status"]["subscribers"], 1);
        }
    }
}

#[test]
fn nobody_else_speaks_for_the_broker_and_no_wildcard_stands_for_its_topics() {
    let broker = Broker::start(Transport::Tcp, ServerOptions::default());
    let mut liar = broker.session("1.2");
    liar.says("SEND\ndestination:/topic/$SYS/status\nreceipt:1\n\nall is well^@");
    liar.is_refused("the broker's own");
    let [mut all, mut own] = [broker.session("1.2"), broker.session("1.2")];
    all.says("SUBSCRIBE\nid:0\ndestination:/topic/>\n\n^@SUBSCRIBE\nid:1\ndestination:/topic/*/status\nreceipt:1\n\n^@");
    all.hears_receipt("1");
    own.says("SUBSCRIBE\nid:0\ndestination:/topic/$SYS/>\n\n^@");
    own.hears("MESSAGE\n");
    all.hears_nothing();
}

#[test]
fn with_users_metrics_are_there_only_if_it_is_meant() {
    for open_metrics in [false, true] {
        let options = ServerOptions {
            users: Some(Users::parse("").unwrap()),
            open_metrics,
            ..ServerOptions::default()
        };
        let broker = Broker::start(Transport::Tcp, options);
        let answer = get(&broker, "/metrics");
        assert_eq!(answer.starts_with("HTTP/1.1 200"), open_metrics, "{answer}");
        // The page holds nothing; what it shows comes over STOMP, after CONNECT.
        assert!(get(&broker, "/status?now").contains("How the broker is"));
    }
}

#[test]
fn a_relay_has_the_pages_client_and_no_numbers_of_its_own() {
    let relay = RelayOptions::new(Endpoint::new("127.0.0.1", 1));
    let options = ServerOptions {
        relay: Some(relay),
        ..ServerOptions::default()
    };
    let broker = Broker::start(Transport::Tcp, options);
    assert!(get(&broker, "/stomp.js").contains("class Client"));
    assert!(get(&broker, "/metrics").starts_with("HTTP/1.1 426"));
}
