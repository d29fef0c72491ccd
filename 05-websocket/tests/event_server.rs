//! The server on the event loop, from outside.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use chunked_io::event_loop::{Settings, WhenFull};
use chunked_io::{pull_exact, pull_to_end, send_all};
use ports::Endpoint;
use tcp_socket::{Listener, TcpSocket};
use websocket::deflate::Compression;
use websocket::event_server::{Caller, Ending, Handler, Peer};
use websocket::tls::{ClientTls, ServerTls, TestCertificate};
use websocket::web_socket::{Observer, Traffic};
use websocket::{AcceptOptions, CloseCode, ConnectOptions, Error, EventServer, Message, WebSocket};

const SOON: Duration = Duration::from_secs(10);

/// Says back what it hears, and writes down who comes and goes.
struct Echo(Sender<String>);

impl Handler for Echo {
    type Client = String;

    fn open(&self, caller: &Caller<'_>, _: &mut Peer<'_, '_>) -> String {
        let target = caller.request.target.clone();
        let speaks = caller.subprotocol.unwrap_or("nothing");
        let _ = self.0.send(format!("open {target} speaking {speaks}"));
        target
    }

    fn message(&self, _: &mut String, message: Message<'_>, peer: &mut Peer<'_, '_>) {
        let _ = peer.send(message);
    }

    fn close(&self, target: String, ending: &Ending<'_>, _: &mut Peer<'_, '_>) {
        let _ = self.0.send(format!("{target} {ending}"));
    }

    fn refused(&self, error: &Error) {
        let _ = self.0.send(format!("refused {error}"));
    }
}

fn serve(options: AcceptOptions, settings: Settings) -> (EventServer, Receiver<String>) {
    let (sender, log) = channel();
    let server = EventServer::serve(&Endpoint::new("127.0.0.1", 0), options, settings, Echo(sender));
    (server.unwrap(), log)
}

fn echo_server(options: AcceptOptions) -> (EventServer, Receiver<String>) {
    serve(options, Settings::default())
}

fn connect(server: &EventServer) -> WebSocket {
    WebSocket::connect(&server.url(), &ConnectOptions::default()).unwrap()
}

fn next(log: &Receiver<String>) -> String {
    log.recv_timeout(SOON).unwrap()
}

#[test]
fn messages_of_every_length_come_back_and_both_ends_close_in_good_order() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let tls = [None, Some(ServerTls::from_test(&certificate).unwrap())];
    for tls in tls {
        let (server, log) = echo_server(AcceptOptions {
            tls,
            ..AcceptOptions::default()
        });
        let options = ConnectOptions {
            tls: Some(ClientTls::trusting_test(&certificate).unwrap()),
            ..ConnectOptions::default()
        };
        let mut client = WebSocket::connect(&server.url(), &options).unwrap();
        assert_eq!(next(&log), "open / speaking nothing");
        for length in [0, 1, 125, 126, 127, 65535, 65536, 1_000_000] {
            for message in [
                Message::from("x".repeat(length)),
                Message::from(vec![0x80; length]),
            ] {
                client.send(message.clone()).unwrap();
                assert_eq!(client.recv(SOON).unwrap(), Some(message));
            }
        }
        let answer = client.close(CloseCode::NORMAL, "bye").unwrap();
        assert_eq!(answer.code, CloseCode::NORMAL);
        assert_eq!(next(&log), "/ closed with 1000 (normal closure): bye");
        server.shutdown(SOON).unwrap();
        assert!(log.try_recv().is_err(), "nobody else has come or gone");
    }
}

#[test]
fn many_clients_are_served_at_once_by_one_thread() {
    let settings = Settings {
        threads: 1,
        ..Settings::default()
    };
    let (server, _log) = serve(AcceptOptions::default(), settings);
    let mut clients: Vec<_> = (0..50).map(|_| connect(&server)).collect();
    for (number, client) in clients.iter().enumerate() {
        client.send(format!("I am {number}")).unwrap();
    }
    for (number, client) in clients.iter_mut().enumerate().rev() {
        assert_eq!(
            client.recv(SOON).unwrap(),
            Some(Message::from(format!("I am {number}")))
        );
    }
}

#[test]
fn a_handshake_in_any_pieces_and_frames_behind_it_are_understood() {
    let (server, _log) = echo_server(AcceptOptions::default());
    let request = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    // "Hello" as in RFC 6455, section 5.7, and an empty Close.
    let frames = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x88\x80\0\0\0\0";
    let bytes = [request.as_bytes(), frames].concat();
    for size in [1, 7, request.len() - 2, bytes.len()] {
        let mut socket = TcpSocket::connect_address(server.local_address(), SOON).unwrap();
        socket.set_no_delay(true).unwrap();
        for piece in bytes.chunks(size) {
            send_all(&mut socket, piece, SOON).unwrap();
        }
        let answer = pull_to_end(&mut socket, 10_000, SOON)
            .unwrap()
            .escape_ascii()
            .to_string();
        assert!(
            answer.contains("Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
            "{answer}"
        );
        assert!(answer.ends_with("\\x81\\x05Hello\\x88\\x00"), "{answer}");
    }
}

/// What a server says to `request`, up to its end.
fn answer(address: std::net::SocketAddr, request: &[u8]) -> String {
    let mut socket = TcpSocket::connect_address(address, SOON).unwrap();
    send_all(&mut socket, request, SOON).unwrap();
    String::from_utf8(pull_to_end(&mut socket, 100_000, SOON).unwrap()).unwrap()
}

#[test]
fn both_engines_refuse_alike() {
    let options = || AcceptOptions {
        origins: Some(vec!["https://chat.example".to_owned()]),
        path: Some("/chat".to_owned()),
        page: Some("<p>try it</p>".to_owned()),
        ..AcceptOptions::default()
    };
    let (server, log) = echo_server(options());
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0)).unwrap();
    let threads = listener.local_address();
    thread::spawn(move || websocket::serve(&listener, &options(), drop));

    let handshake = "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n";
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), "200 OK"),
        (
            "GET /chat HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            "426 Upgrade Required",
        ),
        (
            "POST /chat HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            "405 Method Not Allowed",
        ),
        (
            "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            "404 Not Found",
        ),
        ("HELO mail\r\n\r\n".to_owned(), "400 Bad Request"),
        (
            format!("GET /chat HTTP/1.1\r\n{handshake}Sec-WebSocket-Version: 8\r\n\r\n"),
            "426 Upgrade Required",
        ),
        (
            format!(
                "GET /chat HTTP/1.1\r\n{handshake}Sec-WebSocket-Version: 13\r\nOrigin: https://evil.example\r\n\r\n"
            ),
            "403 Forbidden",
        ),
        (
            format!("GET / HTTP/1.1\r\nCookie: {}", "x".repeat(17_000)),
            "431 Request Header Fields Too Large",
        ),
        ("\x16\x03\x01 Client Hello".to_owned(), "400 Bad Request"),
    ] {
        let said = answer(server.local_address(), request.as_bytes());
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{request:?} -> {said}"
        );
        assert_eq!(said, answer(threads, request.as_bytes()), "{request:?}");
        assert!(next(&log).contains(&format!("was answered {}", &status[..3])));
    }
}

#[test]
fn a_caller_that_dribbles_its_request_is_answered_408() {
    let mut options = AcceptOptions::default();
    options.socket.handshake_timeout = Duration::from_millis(50);
    let (server, _log) = echo_server(options);
    let said = answer(server.local_address(), b"GET /chat HT");
    assert!(said.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{said}");
}

#[test]
fn callers_beyond_the_limit_are_answered_503() {
    let settings = Settings {
        connections: 1,
        ..Settings::default()
    };
    let (server, _log) = serve(AcceptOptions::default(), settings);
    let _first = connect(&server);
    let error = WebSocket::connect(&server.url(), &ConnectOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("503 Service Unavailable"), "{error}");
}

#[test]
fn the_servers_order_chooses_the_subprotocol() {
    let speaks = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (server, log) = echo_server(AcceptOptions {
        subprotocols: speaks(&["superchat", "chat"]),
        ..AcceptOptions::default()
    });
    let options = ConnectOptions {
        subprotocols: speaks(&["chat", "superchat"]),
        ..ConnectOptions::default()
    };
    let client = WebSocket::connect(&server.url(), &options).unwrap();
    assert_eq!(client.subprotocol(), Some("superchat"));
    assert_eq!(next(&log), "open / speaking superchat");
}

#[test]
fn a_violation_is_answered_with_its_code() {
    let mut options = AcceptOptions::default();
    options.socket.connection.message_limit = 10;
    let (server, log) = echo_server(options);
    let mut client = connect(&server);
    next(&log);
    client.send("0123456789A").unwrap();
    assert_eq!(client.recv(SOON).unwrap(), None);
    assert_eq!(client.closed().unwrap().code, CloseCode::MESSAGE_TOO_BIG);
    let ending = next(&log);
    assert!(
        ending.contains("a message is longer than the limit of 10 bytes (RFC 6455, section 10.4)"),
        "{ending}"
    );
}

#[test]
fn a_client_that_is_lost_is_told_once() {
    let (server, log) = echo_server(AcceptOptions::default());
    let client = connect(&server);
    next(&log);
    drop(client);
    let ending = next(&log);
    assert!(ending.contains("the connection was lost"), "{ending}");
    server.shutdown(SOON).unwrap();
    assert!(log.try_recv().is_err());
}

#[test]
fn what_many_are_told_reaches_all_who_are_open() {
    let (server, log) = echo_server(AcceptOptions::default());
    // A caller in the middle of its handshake is no client yet.
    let mut caller = TcpSocket::connect_address(server.local_address(), SOON).unwrap();
    send_all(&mut caller, b"GET / HTTP/1.1\r\n", SOON).unwrap();
    let mut clients: Vec<_> = (0..10).map(|_| connect(&server)).collect();
    for _ in &clients {
        next(&log);
    }
    let news = "n".repeat(100_000);
    server.clients().send_to_all(news.as_str());
    for client in &mut clients {
        assert_eq!(client.recv(SOON).unwrap(), Some(Message::from(news.as_str())));
    }
    send_all(&mut caller, b"\r\n", SOON).unwrap();
    let said = pull_to_end(&mut caller, 10_000, SOON).unwrap();
    assert!(said.starts_with(b"HTTP/1.1 426"), "{}", said.escape_ascii());
}

#[test]
fn what_many_are_told_is_packed_for_all_who_agreed() {
    let compressing = |change: fn(&mut Compression)| {
        let mut compression = Compression::default();
        change(&mut compression);
        Some(compression)
    };
    let mut options = AcceptOptions::default();
    options.socket.connection.compression = compressing(|_| {});
    let (server, log) = echo_server(options);
    let connect = |compression: &Option<Compression>| {
        let count = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&count);
        let mut options = ConnectOptions::default();
        options.socket.connection.compression.clone_from(compression);
        options.socket.observer = Some(Observer::new(move |traffic| {
            if let Traffic::Received(bytes) = traffic {
                counts.fetch_add(bytes.len(), Ordering::Relaxed);
            }
        }));
        (WebSocket::connect(&server.url(), &options).unwrap(), count)
    };
    let wishes = [
        None,
        compressing(|_| {}),
        compressing(|wish| wish.server_no_context_takeover = true),
        compressing(|wish| wish.server_max_window_bits = 10),
        compressing(|wish| wish.server_max_window_bits = 8),
    ];
    let mut clients: Vec<_> = wishes.iter().map(connect).collect();
    for _ in &clients {
        next(&log);
    }
    let news = "a price and another price, ".repeat(400);
    let before: Vec<_> = clients
        .iter()
        .map(|(_, count)| count.load(Ordering::Relaxed))
        .collect();
    for round in 0..3 {
        // Between the news, each has an answer of its own, for which its compressor remembers.
        for (client, _) in &mut clients {
            let question = format!("a price, please: {}", "price ".repeat(50 + round));
            client.send(&*question).unwrap();
            assert_eq!(client.recv(SOON).unwrap(), Some(Message::from(question)));
        }
        server.clients().send_to_all(news.as_str());
        for (client, _) in &mut clients {
            assert_eq!(client.recv(SOON).unwrap(), Some(Message::from(news.as_str())));
        }
    }
    for (((_, count), before), wish) in clients.iter().zip(before).zip(&wishes) {
        let bytes = count.load(Ordering::Relaxed) - before;
        // zlib does not pack with the smallest window.
        let is_packed = wish.as_ref().is_some_and(|wish| wish.server_max_window_bits > 8);
        assert_eq!(bytes < news.len() / 5, is_packed, "{bytes} bytes for {wish:?}");
    }
}

/// Passes on what one client says to all others that its server knows.
struct Chat(std::sync::Mutex<Vec<chunked_io::event_loop::ConnectionId>>);

impl Handler for Chat {
    type Client = ();

    fn open(&self, _: &Caller<'_>, peer: &mut Peer<'_, '_>) {
        self.0.lock().unwrap().push(peer.id());
        peer.send("welcome").unwrap();
    }

    fn message(&self, (): &mut (), message: Message<'_>, peer: &mut Peer<'_, '_>) {
        if message.as_text() == Some("everybody out") {
            for id in &*self.0.lock().unwrap() {
                peer.clients().close(*id, CloseCode(4000), "the host is tired");
            }
        } else {
            peer.send_to(&self.0.lock().unwrap(), message);
        }
    }
}

#[test]
fn clients_of_every_thread_and_of_tls_hear_each_other() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let options = AcceptOptions {
        tls: Some(ServerTls::from_test(&certificate).unwrap()),
        ..AcceptOptions::default()
    };
    let settings = Settings {
        threads: 2,
        ..Settings::default()
    };
    let chat = Chat(std::sync::Mutex::default());
    let server = EventServer::serve(&Endpoint::new("127.0.0.1", 0), options, settings, chat).unwrap();
    let options = ConnectOptions {
        tls: Some(ClientTls::trusting_test(&certificate).unwrap()),
        ..ConnectOptions::default()
    };
    let mut clients: Vec<_> = (0..4)
        .map(|_| WebSocket::connect(&server.url(), &options).unwrap())
        .collect();
    for client in &mut clients {
        assert_eq!(client.recv(SOON).unwrap(), Some(Message::from("welcome")));
    }
    clients[0].send("hello all").unwrap();
    for client in &mut clients {
        assert_eq!(client.recv(SOON).unwrap(), Some(Message::from("hello all")));
    }
    clients[3].send("everybody out").unwrap();
    for client in &mut clients {
        assert_eq!(client.recv(SOON).unwrap(), None);
        assert_eq!(client.closed().unwrap().code, CloseCode(4000));
    }
}

#[test]
fn a_server_that_stops_says_1001_and_waits_for_the_answers() {
    let (server, log) = echo_server(AcceptOptions::default());
    let mut clients: Vec<_> = (0..3).map(|_| connect(&server)).collect();
    clients[0].send("the last word").unwrap();
    assert_eq!(
        clients[0].recv(SOON).unwrap(),
        Some(Message::from("the last word"))
    );
    let stopping = thread::spawn(move || server.shutdown(SOON));
    for client in &mut clients {
        assert_eq!(client.recv(SOON).unwrap(), None);
        assert_eq!(client.closed().unwrap().code, CloseCode::GOING_AWAY);
    }
    stopping.join().unwrap().unwrap();
    let endings: Vec<_> = log
        .iter()
        .filter(|line| line.contains("closed with 1001"))
        .collect();
    assert_eq!(endings.len(), 3);
}

#[test]
fn a_server_that_stops_does_not_wait_for_ever() {
    let (server, _log) = echo_server(AcceptOptions::default());
    let client = connect(&server);
    // Nobody reads on this client, and so nobody answers the Close.
    server.shutdown(Duration::from_millis(50)).unwrap();
    drop(client);
}

#[test]
fn a_close_that_is_not_answered_ends_all_the_same() {
    let mut options = AcceptOptions::default();
    options.socket.connection.close_timeout = Duration::from_millis(50);
    let chat = Chat(std::sync::Mutex::default());
    let here = Endpoint::new("127.0.0.1", 0);
    let settings = Settings {
        closing_time: Duration::from_millis(50),
        ..Settings::default()
    };
    let server = EventServer::serve(&here, options, settings, chat).unwrap();
    let deaf = connect(&server);
    deaf.send("everybody out").unwrap();
    // The client's socket hears of the end, though nobody asked it for messages.
    while server.clients().counts().connections > 0 {
        thread::yield_now();
    }
}

#[test]
fn a_client_that_does_not_read_is_sent_away_if_nobody_may_miss_a_word() {
    let settings = Settings {
        when_full: WhenFull::Disconnect,
        ..Settings::default()
    };
    let (server, log) = serve(AcceptOptions::default(), settings);
    let _deaf = connect(&server);
    next(&log);
    let news = vec![0; 1_000_000];
    let ending = loop {
        server.clients().send_to_all(&news[..]);
        if let Ok(ending) = log.recv_timeout(Duration::from_millis(1)) {
            break ending;
        }
    };
    assert!(ending.contains("the peer reads too slowly"), "{ending}");
}

/// Says back what it hears, and tells how much waits for the client after it.
struct Watched(Sender<usize>);

impl Handler for Watched {
    type Client = ();

    fn open(&self, _: &Caller<'_>, _: &mut Peer<'_, '_>) {}

    fn message(&self, (): &mut (), message: Message<'_>, peer: &mut Peer<'_, '_>) {
        peer.send(message).unwrap();
        self.0.send(peer.queued()).unwrap();
    }
}

/// A server whose queues are soon full.
fn narrow(when_full: WhenFull) -> Settings {
    Settings {
        threads: 1,
        queue_limit: 64 * 1024,
        send_buffer: Some(256 * 1024),
        when_full,
        ..Settings::default()
    }
}

#[test]
fn a_client_that_asks_and_does_not_read_is_paused_and_misses_nothing() {
    const QUESTIONS: u32 = 200;
    const SIZE: usize = 100_000;
    let (queued, waits) = channel();
    let here = Endpoint::new("127.0.0.1", 0);
    let settings = narrow(WhenFull::Pause);
    let limit = settings.queue_limit;
    let server = EventServer::serve(&here, AcceptOptions::default(), settings, Watched(queued)).unwrap();
    let (sender, mut receiver) = connect(&server).split();
    // More than both systems' buffers hold, so that it comes to an end only if the answers are read.
    let asking = thread::spawn(move || {
        for number in 0..QUESTIONS {
            sender
                .send([&number.to_be_bytes()[..], &vec![b'q'; SIZE]].concat())
                .unwrap();
        }
        sender
    });
    // It is full: from here on nothing more is read.
    let mut most = 0;
    while most < limit {
        most = most.max(waits.recv_timeout(SOON).unwrap());
    }
    for number in 0..QUESTIONS {
        let answer = receiver.recv(SOON).unwrap().unwrap();
        assert_eq!(answer.as_bytes()[..4], number.to_be_bytes());
        assert_eq!(answer.as_bytes().len(), 4 + SIZE);
    }
    let most = waits.try_iter().fold(most, usize::max);
    assert!(
        most < limit + SIZE + 100,
        "one answer more than the limit, and not {most} bytes"
    );
    asking.join().unwrap();
}

#[test]
fn a_client_that_does_not_read_misses_whole_messages_if_the_policy_is_to_drop() {
    let (server, log) = serve(AcceptOptions::default(), narrow(WhenFull::Drop));
    let mut slow = connect(&server);
    next(&log);
    let mut said = 0_u32;
    while server.clients().counts().dropped < 3 {
        let news = [&said.to_be_bytes()[..], &[b'n'; 50_000]].concat();
        server.clients().send_to_all(news);
        said += 1;
    }
    let dropped = || u32::try_from(server.clients().counts().dropped).unwrap();
    let (mut heard, mut last) = (0, None);
    // What was said is on its way or dropped, and nothing else.
    while heard + dropped() < said {
        let news = slow.recv(SOON).unwrap().unwrap();
        assert_eq!(news.as_bytes().len(), 50_004, "whole or not at all");
        let number = u32::from_be_bytes(news.as_bytes()[..4].try_into().unwrap());
        assert!(last < Some(number), "in order");
        last = Some(number);
        heard += 1;
    }
    // It is still a client.
    slow.send("and now?").unwrap();
    assert_eq!(slow.recv(SOON).unwrap(), Some(Message::from("and now?")));
}

#[test]
fn callers_beyond_the_limit_are_answered_503_over_tls_too() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let options = AcceptOptions {
        tls: Some(ServerTls::from_test(&certificate).unwrap()),
        ..AcceptOptions::default()
    };
    let settings = Settings {
        connections: 1,
        ..Settings::default()
    };
    let (server, _log) = serve(options, settings);
    let options = ConnectOptions {
        tls: Some(ClientTls::trusting_test(&certificate).unwrap()),
        ..ConnectOptions::default()
    };
    let _first = WebSocket::connect(&server.url(), &options).unwrap();
    let error = WebSocket::connect(&server.url(), &options)
        .unwrap_err()
        .to_string();
    assert!(error.contains("503 Service Unavailable"), "{error}");
}

#[test]
fn plain_text_to_a_port_for_tls_is_answered_in_plain_text() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let (server, log) = echo_server(AcceptOptions {
        tls: Some(ServerTls::from_test(&certificate).unwrap()),
        ..AcceptOptions::default()
    });
    let said = answer(server.local_address(), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(said.contains("this port speaks TLS: write wss://"), "{said}");
    assert!(next(&log).contains("was answered 400: this port speaks TLS"));

    let stranger = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let options = ConnectOptions {
        tls: Some(ClientTls::trusting_test(&stranger).unwrap()),
        ..ConnectOptions::default()
    };
    WebSocket::connect(&server.url(), &options).unwrap_err();
    let refused = next(&log);
    assert!(refused.contains("it does not trust the certificate"), "{refused}");
}

#[test]
fn pings_are_answered_in_the_middle_of_a_message() {
    let (server, _log) = echo_server(AcceptOptions::default());
    let client = connect(&server);
    drop(client);
    let mut socket = TcpSocket::connect_address(server.local_address(), SOON).unwrap();
    let request = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    send_all(&mut socket, request.as_bytes(), SOON).unwrap();
    websocket::http::pull_head(&mut socket, &mut Vec::new(), 1000, SOON).unwrap();
    send_all(
        &mut socket,
        b"\x01\x81\0\0\0\0a\x89\x81\0\0\0\0p\x80\x81\0\0\0\0b",
        SOON,
    )
    .unwrap();
    let mut said = [0; 7];
    pull_exact(&mut socket, &mut said, SOON).unwrap();
    assert_eq!(&said, b"\x8a\x01p\x81\x02ab");
}
