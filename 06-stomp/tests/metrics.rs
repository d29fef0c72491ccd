//! How the broker says how it is: over its own topics, and to Prometheus.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use chunked_io::{pull_to_end, send_all};
use common::{Broker, PATIENCE, Transport};
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
    ] {
        assert!(
            answer.lines().any(|found| found == line),
            "no {line:?} in {answer}"
        );
    }
}

#[test]
fn the_broker_says_how_it_is_to_whoever_subscribes() {
    for transport in [Transport::Tcp, Transport::WebSocket] {
        let broker = Broker::start(transport, ServerOptions::default());
        let mut client = broker.session("1.2");
        client.says("SUBSCRIBE\nid:0\ndestination:/topic/$SYS/status\n\n^@");
        // Again and again.
        for _ in 0..2 {
            let status = client.hears("MESSAGE\n");
            assert!(status.contains("content-type:application/json"), "{status}");
            let (_, body) = status.split_once("\n\n").unwrap();
            let status: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(status["connections"], 1);
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
