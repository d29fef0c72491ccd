//! The relay, between clients over both transports and a broker that does exactly what a test wants.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use chunked_io::{pull_exact, send_all};
use common::{Broker, PATIENCE, Raw, Transport};
use ports::Endpoint;
use proptest::prelude::*;
use stomp::relay::boundary::Boundaries;
use stomp::{Command, Frame, RelayOptions, ServerOptions, Version, encode};
use tcp_socket::{Deadline, Listener, TcpSocket};
use websocket::{ConnectOptions, Message, WebSocket};

const BOTH: [Transport; 2] = [Transport::Tcp, Transport::WebSocket];
const CONNECT: &str = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";
const CONNECTED: &str = "CONNECTED\nversion:1.2\nserver:Scripted/1\n\n\0";

/// A broker that is this test, and a relay before it.
struct World {
    listener: Listener,
    relay: Broker,
}

impl World {
    fn new(transport: Transport, options: impl FnOnce(&mut ServerOptions)) -> Self {
        let listener = Listener::bind_address("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut server = ServerOptions {
            relay: Some(RelayOptions::new(endpoint(&listener))),
            ..ServerOptions::default()
        };
        options(&mut server);
        let relay = Broker::start(transport, server);
        Self { listener, relay }
    }

    /// A session that is open, and the broker's end of it.
    fn session(&self) -> (Raw, Upstream) {
        let mut client = self.relay.connect();
        client.sends(CONNECT.as_bytes());
        let mut upstream = self.upstream();
        upstream.hears(CONNECT.as_bytes());
        upstream.says(CONNECTED.as_bytes());
        client.hears("CONNECTED\n");
        (client, upstream)
    }

    fn upstream(&self) -> Upstream {
        Upstream(self.listener.accept().unwrap())
    }
}

fn endpoint(listener: &Listener) -> Endpoint {
    Endpoint::new("127.0.0.1", listener.local_address().port())
}

/// The broker's end of a connection.
struct Upstream(TcpSocket);

impl Upstream {
    fn says(&mut self, octets: &[u8]) {
        send_all(&mut self.0, octets, PATIENCE).unwrap();
    }

    #[track_caller]
    fn hears(&mut self, octets: &[u8]) {
        let mut heard = vec![0; octets.len()];
        pull_exact(&mut self.0, &mut heard, PATIENCE).unwrap();
        assert_eq!(
            heard.escape_ascii().to_string(),
            octets.escape_ascii().to_string()
        );
    }

    #[track_caller]
    fn is_left(&mut self) {
        assert_eq!(self.0.pull(&mut [0; 100], PATIENCE).unwrap(), 0);
    }
}

#[test]
fn every_octet_goes_through_as_it_came_in_both_directions() {
    for transport in BOTH {
        let world = World::new(transport, |_| {});
        let (mut client, mut upstream) = world.session();
        let send = b"SEND\r\ndestination:/queue/a\\c\nwhatever:\\t\ncontent-length:3\n\n\0\xFF\0\0\n\n";
        client.sends(send);
        upstream.hears(send);
        let message = b"MESSAGE\nsubscription:0\ncontent-length:5\n\na\0b\0\xFF\0";
        upstream.says(message);
        client.hears_octets(message);
        // Heart-beats are between client and broker.
        client.sends(b"\n");
        upstream.hears(b"\n");
        upstream.says(b"\n");
        client.hears_octets(b"\n");
    }
}

#[test]
fn connect_is_rewritten_with_what_the_relay_is_told_and_nothing_else_is() {
    for transport in BOTH {
        let world = World::new(transport, |options| {
            let relay = options.relay.as_mut().unwrap();
            relay.login = Some("relay".to_owned());
            relay.passcode = Some("secret:\\".to_owned());
            relay.host = Some("/".to_owned());
        });
        let mut client = world.relay.connect();
        let behind = "SEND\ndestination:/topic/a\nlogin:me\n\nhi\0";
        // Some brokers take the spaces off.
        let connect = "STOMP\naccept-version:1.2\nlogin:me\n login:me\npasscode\t: mine\nhost:localhost\nheart-beat:0,0\n\n\0";
        client.sends(format!("\n{connect}{behind}").as_bytes());
        let rewritten =
            "STOMP\naccept-version:1.2\nheart-beat:0,0\nlogin:relay\npasscode:secret:\\\nhost:/\n\n\0";
        world.upstream().hears((rewritten.to_owned() + behind).as_bytes());
    }
}

#[test]
fn a_web_socket_gets_one_message_a_frame_of_text_if_it_is_text() {
    let world = World::new(Transport::WebSocket, |_| {});
    let options = ConnectOptions {
        subprotocols: vec!["v11.stomp".to_owned()],
        ..ConnectOptions::default()
    };
    let mut client = WebSocket::connect(&world.relay.urls.web_socket, &options).unwrap();
    assert_eq!(client.subprotocol(), Some("v11.stomp"));
    client.send(Message::from(CONNECT)).unwrap();
    let mut upstream = world.upstream();
    upstream.hears(CONNECT.as_bytes());
    let mut hears = |wanted: Message<'_>| assert_eq!(client.recv(PATIENCE).unwrap().unwrap(), wanted);
    upstream.says(CONNECTED.as_bytes());
    hears(CONNECTED.into());
    // Two frames at once, each with the end of line that RabbitMQ puts behind; then one in pieces, which is no text.
    upstream.says("RECEIPT\nreceipt-id:1\n\n\0\nRECEIPT\nreceipt-id:2\n\n\0\n".as_bytes());
    hears("RECEIPT\nreceipt-id:1\n\n\0\n".into());
    hears("RECEIPT\nreceipt-id:2\n\n\0\n".into());
    upstream.says(b"MESSAGE\ncontent-length:3\n\n\xFF");
    upstream.says(b"\0");
    upstream.says(b"\xFE\0");
    hears(Message::from(
        b"MESSAGE\ncontent-length:3\n\n\xFF\0\xFE\0".to_vec(),
    ));
    upstream.says(b"\n");
    hears("\n".into());
}

#[test]
fn a_broker_that_does_not_answer_is_an_error_and_the_end() {
    for transport in BOTH {
        let world = World::new(transport, |_| {});
        let nobody = world.relay;
        drop(world.listener);
        let mut client = nobody.connect();
        client.sends(CONNECT.as_bytes());
        client.is_refused("message:broker not available");
    }
}

#[test]
fn a_name_with_several_addresses_is_tried_to_the_end() {
    let listener = Listener::bind_address("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = listener.local_address().port();
    let relay = Broker::start(
        Transport::Tcp,
        ServerOptions {
            // ::1 may come first, where nobody listens.
            relay: Some(RelayOptions::new(Endpoint::new("localhost", port))),
            ..ServerOptions::default()
        },
    );
    let mut client = relay.connect();
    client.sends(CONNECT.as_bytes());
    Upstream(listener.accept().unwrap()).hears(CONNECT.as_bytes());
}

#[test]
fn a_broker_that_is_lost_is_an_error_at_a_boundary() {
    for transport in BOTH {
        let world = World::new(transport, |_| {});
        let (mut client, mut upstream) = world.session();
        upstream.says(b"RECEIPT\nreceipt-id:1\n\n\0\n");
        drop(upstream);
        client.hears_receipt("1");
        client.is_refused("message:broker lost");
    }
}

#[test]
fn in_the_middle_of_a_frame_the_relay_says_nothing() {
    let world = World::new(Transport::Tcp, |_| {});
    let (mut client, mut upstream) = world.session();
    let half = b"MESSAGE\ncontent-length:100\n\nhalf\0a";
    upstream.says(half);
    client.hears_octets(half);
    drop(upstream);
    client.is_closed();
    // Over WebSocket half a frame was never said, so there is a boundary.
    let world = World::new(Transport::WebSocket, |_| {});
    let (mut client, mut upstream) = world.session();
    upstream.says(half);
    drop(upstream);
    client.is_refused("message:broker lost");
}

#[test]
fn an_end_that_was_to_be_expected_is_no_error() {
    for transport in BOTH {
        let world = World::new(transport, |_| {});
        let (mut client, mut upstream) = world.session();
        let goodbye = b"DISCONNECT\nreceipt:bye\n\n\0";
        client.sends(goodbye);
        upstream.hears(goodbye);
        upstream.says(b"RECEIPT\nreceipt-id:bye\n\n\0");
        drop(upstream);
        client.hears_receipt("bye");
        client.is_closed();

        let (mut client, mut upstream) = world.session();
        upstream.says(b"ERROR\nmessage:no\n\nno\0");
        drop(upstream);
        client.is_refused("message:no");
    }
}

#[test]
fn who_says_disconnect_and_closes_its_end_still_gets_the_answer() {
    let world = World::new(Transport::Tcp, |_| {});
    let (mut client, mut upstream) = world.session();
    client.sends(b"DISCONNECT\nreceipt:bye\n\n\0");
    client.ends();
    upstream.hears(b"DISCONNECT\nreceipt:bye\n\n\0");
    upstream.says(b"RECEIPT\nreceipt-id:bye\n\n\0");
    client.hears_receipt("bye");
    drop(upstream);
    client.is_closed();
}

#[test]
fn a_client_that_is_lost_leaves_the_broker_after_its_last_word() {
    for transport in BOTH {
        let world = World::new(transport, |_| {});
        let (mut client, mut upstream) = world.session();
        client.sends(b"SEND\ndestination:/queue/a\n\nlast\0");
        drop(client);
        upstream.hears(b"SEND\ndestination:/queue/a\n\nlast\0");
        upstream.is_left();

        // It may be gone before the broker has answered.
        let mut client = world.relay.connect();
        client.sends(CONNECT.as_bytes());
        drop(client);
        octets_to_the_end(&world.upstream().0);
    }
}

#[test]
fn who_says_much_and_closes_at_once_leaves_all_of_it() {
    let world = World::new(Transport::Tcp, |_| {});
    let endpoint: Endpoint = world.relay.urls.tcp.parse().unwrap();
    let last_words = b"SEND\ndestination:/queue/a\n\nlast\0".repeat(20_000);
    for _ in 0..20 {
        let mut client = TcpSocket::connect(&endpoint, PATIENCE).unwrap();
        send_all(&mut client, CONNECT.as_bytes(), PATIENCE).unwrap();
        let mut upstream = world.upstream();
        upstream.hears(CONNECT.as_bytes());
        let reader = std::thread::spawn(move || octets_to_the_end(&upstream.0));
        send_all(&mut client, &last_words, PATIENCE).unwrap();
        drop(client);
        assert_eq!(reader.join().unwrap(), last_words.len());
    }
}

#[test]
fn what_is_no_connect_never_reaches_the_broker() {
    for transport in BOTH {
        let world = World::new(transport, |options| {
            options.session.limits.connect_time = Duration::from_millis(100);
            options.session.limits.head_bytes = 1000;
        });
        for (said, reason) in [
            ("SEND\ndestination:/queue/a\n\nhi\0", "before CONNECT"),
            ("GET / HTTP/1.1\r\n\r\n", "not a command"),
            ("CONNECT\naccept-version:1.2\n\nbody\0", "came with a body"),
            ("CONNECT\naccept-version:1.2\n", "no CONNECT"),
            (&"A".repeat(2000), "longer than 1000 bytes"),
        ] {
            let mut client = world.relay.connect();
            client.says(said);
            client.is_refused(reason);
        }
        // The first who calls the broker is this test.
        let me = TcpSocket::connect_address(world.listener.local_address(), PATIENCE).unwrap();
        let caller = world.upstream().0.peer_address();
        assert_eq!(caller, me.local_address().unwrap());
    }
}

/// How much a sender gets rid of before there is no more room, in bytes.
fn room(socket: &mut TcpSocket) -> usize {
    let frame = [b"MESSAGE\ncontent-length:65536\n\n", &[b'x'; 65536][..], b"\0"].concat();
    let mut sent = 0;
    while sent < 200_000_000 {
        let mut left = &frame[..];
        while !left.is_empty() {
            match socket.send(left, Deadline::after(Duration::from_millis(500))) {
                Ok(count) => left = &left[count..],
                Err(_) => return sent + frame.len() - left.len(),
            }
        }
        sent += frame.len();
    }
    sent
}

#[test]
fn whoever_does_not_read_makes_the_other_side_wait_and_misses_nothing() {
    // What the systems' own buffers hold on the way, generously.
    const BOUND: usize = 40_000_000;
    let world = World::new(Transport::Tcp, |_| {});
    let endpoint: Endpoint = world.relay.urls.tcp.parse().unwrap();
    for client_reads in [false, true] {
        let mut client = TcpSocket::connect(&endpoint, PATIENCE).unwrap();
        send_all(&mut client, CONNECT.as_bytes(), PATIENCE).unwrap();
        let mut upstream = world.upstream();
        upstream.hears(CONNECT.as_bytes());
        let (mut sender, reader) = if client_reads {
            (client, upstream.0)
        } else {
            (upstream.0, client)
        };
        let sent = room(&mut sender);
        assert!(sent < BOUND, "{sent} bytes went to somebody who does not read");
        sender.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(octets_to_the_end(&reader), sent, "client reads: {client_reads}");
    }
}

fn octets_to_the_end(reader: &TcpSocket) -> usize {
    let mut buffer = vec![0; 1 << 16];
    let pulls = std::iter::from_fn(|| Some(reader.pull(&mut buffer, PATIENCE).unwrap()));
    pulls.take_while(|count| *count > 0).sum()
}

/// A frame as any peer may write it.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let body = prop::collection::vec(any::<u8>(), 0..40);
    let text = prop::collection::vec(1_u8.., 0..40);
    let command = prop::sample::select(vec!["SEND", "MESSAGE", "DISCONNECT", "HELLO"]);
    let end = prop::sample::select(vec!["\n", "\r\n"]);
    let between = prop::sample::select(vec!["", "\n", "\r\n", "\n\n\n"]);
    let value = "[a-z\\\\]{0,60}";
    (command, body, text, any::<bool>(), end, between, value).prop_map(
        |(command, body, text, counted, end, between, value)| {
            let mut frame = between.as_bytes().to_vec();
            let length = if counted {
                format!("content-length:{}{end}content-length:7{end}", body.len())
            } else {
                String::new()
            };
            frame.extend(format!("{command}{end}a:{value}{end}{length}b:content-length:9{end}{end}").bytes());
            frame.extend(if counted { body } else { text });
            frame.push(0);
            frame
        },
    )
}

proptest! {
    #[test]
    fn however_a_stream_is_cut_its_frames_end_at_the_same_places(
        frames in prop::collection::vec(frames(), 1..8),
        pieces in prop::collection::vec(1_usize..30, 1..200),
    ) {
        let stream = frames.concat();
        let mut boundaries = Boundaries::default();
        let mut ends = Vec::new();
        let mut at = 0;
        let mut pieces = pieces.iter().cycle();
        while at < stream.len() {
            let piece = &stream[at..stream.len().min(at + pieces.next().unwrap())];
            boundaries.follow(piece, |end, _| ends.push(at + end));
            at += piece.len();
            let is_end = ends.last() == Some(&at);
            prop_assert!(!is_end || boundaries.is_between());
        }
        let lengths = frames.iter().scan(0, |end, frame| { *end += frame.len(); Some(*end) });
        prop_assert_eq!(ends, lengths.collect::<Vec<_>>());
        prop_assert!(boundaries.is_between());
    }
}

#[test]
fn a_command_is_known_however_it_is_written() {
    let mut encoded = Vec::new();
    let disconnect = Frame::new(Command::Disconnect).with("receipt", "1");
    encode(&disconnect, Version::V1_2, &mut encoded).unwrap();
    for stream in [&encoded[..], b"\n\r\nDISCONNECT\r\n\r\n\0", b"DISCONNECT\n\n\0\n"] {
        let mut commands = Vec::new();
        Boundaries::default().follow(stream, |_, command| commands.push(command));
        assert_eq!(commands, [Some(Command::Disconnect)]);
    }
    let mut commands = Vec::new();
    let twice = b"SEND\ncontent-length:12\n\nDISCONNECT\n\n\0HELLO\n\n\0";
    Boundaries::default().follow(twice, |_, command| commands.push(command));
    assert_eq!(commands, [Some(Command::Send), None]);
}
