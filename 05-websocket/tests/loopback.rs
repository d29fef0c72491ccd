//! Client and server on real sockets, both ours.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::thread;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::{Listener, TcpSocket};
use websocket::connection::KeepAlive;
use websocket::deflate::Compression;
use websocket::handshake::{Request, Response};
use websocket::http::{self, RequestHead};
use websocket::{AcceptOptions, Close, CloseCode, ConnectOptions, Error, Event, Message, Refusal, WebSocket};

const SOON: Duration = Duration::from_secs(10);

/// A listener on a port of its own, and the URL that leads there.
fn listener(path: &str) -> (Listener, String) {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0)).unwrap();
    let url = format!("ws://{}{path}", listener.local_address());
    (listener, url)
}

/// A server that takes one connection and gives `serve` what came of it.
fn server<T: Send + 'static>(
    options: AcceptOptions,
    serve: impl FnOnce(Result<WebSocket, Error>) -> T + Send + 'static,
) -> (String, thread::JoinHandle<T>) {
    let (listener, url) = listener("/chat");
    let thread = thread::spawn(move || serve(WebSocket::accept(listener.accept().unwrap(), &options)));
    (url, thread)
}

/// Says back what it hears, until the end.
fn echo(web_socket: Result<WebSocket, Error>) -> Option<Close> {
    let mut web_socket = web_socket.unwrap();
    while let Some(message) = web_socket.recv(SOON).unwrap() {
        web_socket.send(message).unwrap();
    }
    web_socket.closed()
}

#[test]
fn messages_of_every_length_form_come_back_and_both_ends_close_in_good_order() {
    let (url, server) = server(AcceptOptions::default(), echo);
    let mut client = WebSocket::connect(&url, &ConnectOptions::default()).unwrap();
    for length in [0, 1, 125, 126, 127, 65535, 65536, 1_000_000] {
        let text = Message::from("x".repeat(length));
        let bytes = Message::from(vec![0x80; length]);
        for message in [text, bytes] {
            client.send(message.clone()).unwrap();
            assert_eq!(client.recv(SOON).unwrap(), Some(message));
        }
    }
    let answer = client.close(CloseCode::NORMAL, "bye").unwrap();
    assert_eq!(answer.code, CloseCode::NORMAL);
    assert_eq!(client.recv(SOON).unwrap(), None, "closed stays closed");
    assert_eq!(server.join().unwrap(), Some(Close::new(CloseCode::NORMAL, "bye")));
}

#[test]
fn one_thread_sends_while_another_receives() {
    let (url, server) = server(AcceptOptions::default(), echo);
    let (sender, mut receiver) = WebSocket::connect(&url, &ConnectOptions::default())
        .unwrap()
        .split();
    let sending = thread::spawn(move || {
        for number in 0..100 {
            sender.send(format!("{number}")).unwrap();
        }
        sender.close(CloseCode::GOING_AWAY, "").unwrap();
    });
    let mut heard = Vec::new();
    while let Some(message) = receiver.recv(SOON).unwrap() {
        heard.push(message.as_text().unwrap().parse::<u32>().unwrap());
    }
    sending.join().unwrap();
    assert_eq!(heard, (0..100).collect::<Vec<_>>());
    assert_eq!(server.join().unwrap().unwrap().code, CloseCode::GOING_AWAY);
}

#[test]
fn two_ends_that_send_megabytes_at_each_other_do_not_lock_up() {
    let flood = |web_socket: WebSocket| {
        let (sender, mut receiver) = web_socket.split();
        let closer = sender.clone();
        let sending = thread::spawn(move || {
            for _ in 0..20 {
                sender.ping(b"are you there?").unwrap();
                sender.send(vec![7; 1_000_000]).unwrap();
            }
        });
        for _ in 0..20 {
            assert_eq!(receiver.recv(SOON).unwrap().unwrap().as_bytes().len(), 1_000_000);
        }
        sending.join().unwrap();
        closer.close(CloseCode::NORMAL, "").ok();
        assert_eq!(receiver.recv(SOON).unwrap(), None);
    };
    let (url, server) = server(AcceptOptions::default(), move |web_socket| {
        flood(web_socket.unwrap());
    });
    flood(WebSocket::connect(&url, &ConnectOptions::default()).unwrap());
    server.join().unwrap();
}

#[test]
fn a_receive_without_a_message_times_out_and_can_be_repeated() {
    let (url, server) = server(AcceptOptions::default(), echo);
    let mut client = WebSocket::connect(&url, &ConnectOptions::default()).unwrap();
    let error = client.recv(Duration::from_millis(20)).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    client.send("still there").unwrap();
    assert_eq!(client.recv(SOON).unwrap(), Some(Message::from("still there")));
    client.close(CloseCode::NORMAL, "").unwrap();
    server.join().unwrap();
}

#[test]
fn the_servers_order_chooses_the_subprotocol() {
    let speaks = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let options = AcceptOptions {
        subprotocols: speaks(&["superchat", "chat"]),
        ..Default::default()
    };
    let (url, server) = server(options, |web_socket| {
        web_socket.unwrap().subprotocol().map(str::to_owned)
    });
    let options = ConnectOptions {
        subprotocols: speaks(&["chat", "superchat"]),
        ..Default::default()
    };
    let client = WebSocket::connect(&url, &options).unwrap();
    assert_eq!(client.subprotocol(), Some("superchat"));
    assert_eq!(server.join().unwrap().as_deref(), Some("superchat"));
}

#[test]
fn a_page_that_is_not_allowed_is_answered_403() {
    let origins = Some(vec!["https://chat.example".to_owned()]);
    let options = AcceptOptions {
        origins,
        ..Default::default()
    };
    let (url, server) = server(options, |web_socket| web_socket.unwrap_err());
    let options = ConnectOptions {
        origin: Some("https://evil.example".to_owned()),
        ..Default::default()
    };
    let error = WebSocket::connect(&url, &options).unwrap_err().to_string();
    assert!(error.contains("the server answered 403 Forbidden"), "{error}");
    assert!(matches!(
        server.join().unwrap(),
        Error::Refused {
            refusal: Refusal::Origin { .. },
            ..
        }
    ));
}

#[test]
fn a_message_over_the_limit_is_closed_with_1009() {
    let mut options = AcceptOptions::default();
    options.socket.connection.message_limit = 10;
    let (url, server) = server(options, |web_socket| {
        web_socket.unwrap().recv(SOON).unwrap_err().to_string()
    });
    let mut client = WebSocket::connect(&url, &ConnectOptions::default()).unwrap();
    client.send("0123456789A").unwrap();
    assert_eq!(client.recv(SOON).unwrap(), None);
    assert_eq!(client.closed().unwrap().code, CloseCode::MESSAGE_TOO_BIG);
    let error = server.join().unwrap();
    assert!(
        error.contains("a message is longer than the limit of 10 bytes (RFC 6455, section 10.4)"),
        "{error}"
    );
}

#[test]
fn a_lost_connection_is_no_good_order() {
    let (url, server) = server(AcceptOptions::default(), |web_socket| {
        web_socket.unwrap().recv(SOON).unwrap_err()
    });
    drop(WebSocket::connect(&url, &ConnectOptions::default()).unwrap());
    let error = server.join().unwrap().to_string();
    assert!(error.contains("the connection was lost"), "{error}");
}

#[test]
fn frames_that_come_with_the_handshake_are_not_lost() {
    let (listener, url) = listener("/");
    let server = thread::spawn(move || {
        echo(WebSocket::accept(
            listener.accept().unwrap(),
            &AcceptOptions::default(),
        ))
    });
    let endpoint: Endpoint = url.parse().unwrap();
    let mut socket = TcpSocket::connect(&endpoint, SOON).unwrap();
    let request = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    // "Hello" as in RFC 6455, section 5.7, and an empty Close.
    let frames = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x88\x80\0\0\0\0";
    chunked_io::send_all(&mut socket, &[request.as_bytes(), frames].concat(), SOON).unwrap();
    let answer = chunked_io::pull_to_end(&mut socket, 10_000, SOON).unwrap();
    drop(socket);
    let answer = answer.escape_ascii().to_string();
    assert!(
        answer.contains("Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
        "{answer}"
    );
    assert!(answer.ends_with("\\x81\\x05Hello\\x88\\x00"), "{answer}");
    assert_eq!(server.join().unwrap().unwrap().code, CloseCode::NO_STATUS);
}

/// A peer that is played by hand: it answers the handshake of the client that calls, and gets the socket.
fn by_hand<T: Send + 'static>(
    play: impl FnOnce(TcpSocket) -> T + Send + 'static,
) -> (String, thread::JoinHandle<T>) {
    let (listener, url) = listener("/");
    let thread = thread::spawn(move || {
        let mut socket = listener.accept().unwrap();
        let head = http::pull_head(&mut socket, &mut Vec::new(), http::HEAD_LIMIT, SOON).unwrap();
        let request = Request::from_head(&RequestHead::parse(&head).unwrap()).unwrap();
        let answer = Response::new(&request, None).to_head().to_string();
        chunked_io::send_all(&mut socket, answer.as_bytes(), SOON).unwrap();
        play(socket)
    });
    (url, thread)
}

#[test]
fn a_message_under_way_is_finished_before_a_close_is_answered() {
    const LENGTH: usize = 20_000_000;
    let (url, peer) = by_hand(|mut socket| {
        // By the time that the Close arrives, the client is in the middle of its message: it does not fit in the buffers.
        chunked_io::pull_exact(&mut socket, &mut [0; 14], SOON).unwrap();
        chunked_io::send_all(&mut socket, &[0x88, 0], SOON).unwrap();
        let mut rest = vec![0; LENGTH + 6];
        chunked_io::pull_exact(&mut socket, &mut rest, SOON).unwrap();
        rest
    });
    let (sender, mut receiver) = WebSocket::connect(&url, &ConnectOptions::default())
        .unwrap()
        .split();
    let sending = thread::spawn(move || sender.send(vec![0; LENGTH]));
    assert_eq!(receiver.recv(SOON).unwrap(), None);
    sending.join().unwrap().unwrap();
    let received = peer.join().unwrap();
    assert_eq!(
        received.len(),
        LENGTH + 6,
        "the message, and an empty Close with its mask"
    );
    assert_eq!(received[LENGTH..][..2], [0x88, 0x80]);
}

#[test]
fn a_peer_that_falls_silent_is_pinged_and_given_up() {
    let (url, peer) = by_hand(|mut socket| chunked_io::pull_to_end(&mut socket, 1000, SOON).unwrap());
    let mut options = ConnectOptions::default();
    let wait = Duration::from_millis(30);
    options.socket.connection.keep_alive = Some(KeepAlive {
        every: wait,
        within: wait,
    });
    let mut client = WebSocket::connect(&url, &options).unwrap();
    let error = client.recv(SOON).unwrap_err().to_string();
    assert!(
        error.contains("no answer to a Ping within 30ms (RFC 6455, section 5.5.2)"),
        "{error}"
    );
    assert!(client.send("anybody?").is_err());
    assert_eq!(peer.join().unwrap()[..2], [0x89, 0x80], "an empty Ping");
}

#[test]
fn a_peer_that_does_not_answer_a_close_is_left() {
    let (url, peer) = by_hand(|mut socket| chunked_io::pull_to_end(&mut socket, 1000, SOON).unwrap());
    let mut options = ConnectOptions::default();
    options.socket.connection.close_timeout = Duration::from_millis(30);
    let mut client = WebSocket::connect(&url, &options).unwrap();
    let error = client.close(CloseCode::NORMAL, "").unwrap_err().to_string();
    assert!(
        error.contains("no answer to a Close within 30ms (RFC 6455, section 5.5.1)"),
        "{error}"
    );
    assert_eq!(peer.join().unwrap().len(), 8, "one Close with its mask and code");
}

#[test]
fn a_caller_that_dribbles_its_request_is_answered_408() {
    let mut options = AcceptOptions::default();
    options.socket.handshake_timeout = Duration::from_millis(50);
    let (url, server) = server(options, |web_socket| web_socket.unwrap_err().to_string());
    let mut socket = TcpSocket::connect(&url.parse().unwrap(), SOON).unwrap();
    chunked_io::send_all(&mut socket, b"GET /chat HT", SOON).unwrap();
    let answer = String::from_utf8(chunked_io::pull_to_end(&mut socket, 1000, SOON).unwrap()).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    drop(socket);
    assert!(server.join().unwrap().contains("was answered 408"));
}

#[test]
fn many_callers_are_served_at_once_each_by_a_thread() {
    let (listener, url) = listener("/");
    thread::spawn(move || {
        websocket::serve(&listener, &AcceptOptions::default(), |caller| {
            echo(caller);
        })
    });
    let mut clients: Vec<_> = (0..20)
        .map(|_| WebSocket::connect(&url, &ConnectOptions::default()).unwrap())
        .collect();
    for (number, client) in clients.iter().enumerate() {
        client.send(format!("I am {number}")).unwrap();
    }
    for (number, client) in clients.iter_mut().enumerate().rev() {
        assert_eq!(
            client.recv(SOON).unwrap(),
            Some(Message::from(format!("I am {number}")))
        );
        client.close(CloseCode::NORMAL, "").unwrap();
    }
}

#[test]
fn two_ends_that_agree_on_compression_compress() {
    let mut accept = AcceptOptions::default();
    accept.socket.connection.compression = Some(Compression::default());
    let mut connect = ConnectOptions::default();
    connect.socket.connection.compression = Some(Compression {
        required: true,
        ..Compression::default()
    });
    let (url, server) = server(accept, echo);
    let mut client = WebSocket::connect(&url, &connect).unwrap();
    assert!(client.compression().is_some());
    for length in [0, 10, 1000, 200_000] {
        let message = Message::from("over and ".repeat(length));
        client.send(message.clone()).unwrap();
        assert_eq!(client.recv(SOON).unwrap(), Some(message));
    }
    client.close(CloseCode::NORMAL, "").unwrap();
    server.join().unwrap();
}

#[test]
fn a_client_that_needs_compression_and_does_not_get_it_closes_with_1010() {
    let mut connect = ConnectOptions::default();
    connect.socket.connection.compression = Some(Compression {
        required: true,
        ..Compression::default()
    });
    let (url, server) = server(AcceptOptions::default(), echo);
    let error = WebSocket::connect(&url, &connect).unwrap_err();
    assert!(error.to_string().contains("permessage-deflate"), "{error}");
    assert_eq!(
        server.join().unwrap().unwrap().code,
        CloseCode::MANDATORY_EXTENSION
    );
}

#[test]
fn a_message_in_parts_arrives_whole_or_in_parts_as_its_reader_likes() {
    for in_parts in [false, true] {
        let mut options = AcceptOptions::default();
        options.socket.connection.in_parts = in_parts;
        let (url, server) = server(options, move |web_socket| {
            let mut web_socket = web_socket.unwrap();
            let (mut text, mut count) = (String::new(), 0);
            loop {
                let (part, is_last) = match web_socket.recv_event(SOON).unwrap() {
                    Event::Message(message) => (message, true),
                    Event::Part { part, is_last } => (part, is_last),
                    other => panic!("{other:?}"),
                };
                text.push_str(part.as_text().unwrap());
                count += 1;
                // The next part is sent when this one has been heard.
                web_socket.send(format!("{count}")).unwrap();
                if is_last {
                    return text;
                }
            }
        });
        let mut client = WebSocket::connect(&url, &ConnectOptions::default()).unwrap();
        client.send_part("One ", false).unwrap();
        if in_parts {
            assert_eq!(client.recv(SOON).unwrap(), Some(Message::from("1")));
        }
        client.send_part("message", true).unwrap();
        assert!(client.recv(SOON).unwrap().is_some());
        assert_eq!(server.join().unwrap(), "One message");
    }
}
