//! TLS: one stream like any other, and each of its failures told apart.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use ports::Endpoint;
use tcp_socket::{Deadline, Listener, Stream, TcpSocket};
use websocket::tls::{ClientTls, ServerTls, TestCertificate, Tls, TlsError};
use websocket::{AcceptOptions, CloseCode, ConnectOptions, Error, Message, WebSocket};

const SOON: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn listener(scheme: &str, host: &str) -> (Listener, String) {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0)).unwrap();
    let url = format!("{scheme}://{host}:{}/chat", listener.local_address().port());
    (listener, url)
}

fn server_options(certificate: &TestCertificate) -> AcceptOptions {
    AcceptOptions {
        tls: Some(ServerTls::from_test(certificate).unwrap()),
        ..AcceptOptions::default()
    }
}

fn client_options(certificate: &TestCertificate) -> ConnectOptions {
    ConnectOptions {
        tls: Some(ClientTls::trusting_test(certificate).unwrap()),
        ..ConnectOptions::default()
    }
}

/// An echo server for one caller; it returns why it ended.
fn echo(listener: Listener, options: AcceptOptions) -> thread::JoinHandle<Result<(), Error>> {
    thread::spawn(move || {
        let mut web_socket = WebSocket::accept(listener.accept()?, &options)?;
        while let Some(message) = web_socket.recv(SOON)? {
            web_socket.send(message)?;
        }
        Ok(())
    })
}

/// Client and server of one TLS session, over a real connection.
fn session() -> (Tls<TcpSocket>, Tls<TcpSocket>) {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let (listener, _) = listener("tls", "127.0.0.1");
    let address = listener.local_address();
    let server = ServerTls::from_test(&certificate).unwrap();
    let accepting = thread::spawn(move || {
        let mut tls = server.on(listener.accept().unwrap()).unwrap();
        tls.handshake(SOON).unwrap();
        tls
    });
    let socket = TcpSocket::connect_address(address, SOON).unwrap();
    let client = ClientTls::trusting_test(&certificate).unwrap();
    let mut client = client.on(socket, "127.0.0.1").unwrap();
    client.handshake(SOON).unwrap();
    (client, accepting.join().unwrap())
}

#[test]
fn messages_of_every_length_come_back_over_wss() {
    let certificate = TestCertificate::new(&["localhost", "127.0.0.1"]).unwrap();
    for host in ["localhost", "127.0.0.1"] {
        let (listener, url) = listener("wss", host);
        let server = echo(listener, server_options(&certificate));
        let mut client = WebSocket::connect(&url, &client_options(&certificate)).unwrap();
        for length in [0, 1, 125, 65536, 1_000_000] {
            let message = Message::from(vec![7; length]);
            client.send(message.clone()).unwrap();
            assert_eq!(client.recv(SOON).unwrap(), Some(message));
        }
        client.close(CloseCode::NORMAL, "bye").unwrap();
        server.join().unwrap().unwrap();
    }
}

#[test]
fn two_ends_that_send_megabytes_at_each_other_over_wss_do_not_lock_up() {
    let flood = |web_socket: WebSocket| {
        let (sender, mut receiver) = web_socket.split();
        let closer = sender.clone();
        let sending = thread::spawn(move || {
            for _ in 0..10 {
                sender.ping(b"are you there?").unwrap();
                sender.send(vec![7; 1_000_000]).unwrap();
            }
        });
        for _ in 0..10 {
            assert_eq!(receiver.recv(SOON).unwrap().unwrap().as_bytes().len(), 1_000_000);
        }
        sending.join().unwrap();
        closer.close(CloseCode::NORMAL, "").ok();
        assert_eq!(receiver.recv(SOON).unwrap(), None);
    };
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let (listener, url) = listener("wss", "127.0.0.1");
    let options = server_options(&certificate);
    let server =
        thread::spawn(move || flood(WebSocket::accept(listener.accept().unwrap(), &options).unwrap()));
    flood(WebSocket::connect(&url, &client_options(&certificate)).unwrap());
    server.join().unwrap();
}

/// What client and server say of a meeting that cannot go well.
fn meet(certificate: &TestCertificate, host: &str, options: &ConnectOptions) -> (String, String) {
    let (listener, url) = listener("wss", host);
    let server = echo(listener, server_options(certificate));
    let client = WebSocket::connect(&url, options).unwrap_err().to_string();
    (client, server.join().unwrap().unwrap_err().to_string())
}

#[test]
fn a_certificate_that_nobody_trusted_has_signed_is_refused_and_the_server_hears_why() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let stranger = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let (client, server) = meet(&certificate, "127.0.0.1", &client_options(&stranger));
    assert!(
        client.contains("nobody trusted here has signed the certificate of 127.0.0.1:"),
        "{client}"
    );
    assert!(client.contains("--ca FILE"), "{client}");
    assert!(server.contains("it does not trust the certificate"), "{server}");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let certificate = TestCertificate::new(&["chat.example", "www.chat.example"]).unwrap();
    let (client, _) = meet(&certificate, "localhost", &client_options(&certificate));
    assert!(
        client.contains("is for chat.example, www.chat.example, not for localhost"),
        "{client}"
    );
}

#[test]
fn a_certificate_that_has_expired_is_refused() {
    let now = SystemTime::now();
    let certificate =
        TestCertificate::valid(&["127.0.0.1"], now - 30 * DAY, now - 3 * DAY - DAY / 2).unwrap();
    let (client, server) = meet(&certificate, "127.0.0.1", &client_options(&certificate));
    assert!(
        client.contains("has expired 3 days ago: its owner has to renew it"),
        "{client}"
    );
    assert!(server.contains("for it, the certificate has expired"), "{server}");
}

#[test]
fn a_certificate_that_is_not_valid_yet_is_refused() {
    let now = SystemTime::now();
    let certificate = TestCertificate::valid(&["127.0.0.1"], now + DAY, now + 2 * DAY).unwrap();
    let (client, _) = meet(&certificate, "127.0.0.1", &client_options(&certificate));
    assert!(
        client.contains("is not valid yet: is your clock right?"),
        "{client}"
    );
}

#[test]
fn plain_text_to_a_port_for_tls_is_answered_in_plain_text() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let (listener, url) = listener("ws", "127.0.0.1");
    let server = echo(listener, server_options(&certificate));
    let client = WebSocket::connect(&url, &ConnectOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        client.contains("(\"this port speaks TLS: write wss:// instead of ws://"),
        "{client}"
    );
    let server = server.join().unwrap().unwrap_err().to_string();
    assert!(
        server.contains("was answered 400: this port speaks TLS"),
        "{server}"
    );
}

#[test]
fn tls_to_a_port_for_plain_text_is_answered_at_once() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let (listener, url) = listener("wss", "127.0.0.1");
    let server = echo(listener, AcceptOptions::default());
    let client = WebSocket::connect(&url, &client_options(&certificate))
        .unwrap_err()
        .to_string();
    assert!(
        client
            .contains("does not speak TLS, it said \"HTTP/1.1 400 Bad\": for a plain connection write ws://"),
        "{client}"
    );
    let server = server.join().unwrap().unwrap_err().to_string();
    assert!(
        server.contains("was answered 400: this port does not speak TLS"),
        "{server}"
    );
}

#[test]
fn a_client_in_plain_text_recognises_a_server_of_tls_by_its_alert() {
    // What OpenSSL says to plain text: a fatal alert, protocol_version.
    let server = tcp_socket::ScriptedPeer::new()
        .hears(10)
        .gives(&[21, 3, 1, 0, 2, 2, 70])
        .closes();
    let server = server.on_loopback().unwrap();
    let error = WebSocket::connect(&format!("ws://{}/", server.address()), &ConnectOptions::default());
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("it speaks TLS, and this end does not: both ends need wss://"),
        "{error}"
    );
}

#[test]
fn a_server_that_hangs_up_in_the_handshake_may_not_speak_tls() {
    let server = tcp_socket::ScriptedPeer::new()
        .hears(1)
        .closes()
        .on_loopback()
        .unwrap();
    let url = format!("wss://{}/", server.address());
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let error = WebSocket::connect(&url, &client_options(&certificate))
        .unwrap_err()
        .to_string();
    assert!(error.contains("hung up during the TLS handshake"), "{error}");
}

#[test]
fn a_deadline_holds_in_the_handshake() {
    let server = tcp_socket::ScriptedPeer::new().never_accepts().on_loopback();
    drop(server);
    let silent = tcp_socket::ScriptedPeer::new()
        .pauses(SOON)
        .on_loopback()
        .unwrap();
    let mut options = client_options(&TestCertificate::new(&["127.0.0.1"]).unwrap());
    options.socket.handshake_timeout = Duration::from_millis(50);
    let error = WebSocket::connect(&format!("wss://{}/", silent.address()), &options).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Tls(TlsError::Socket(tcp_socket::Error::TimedOut { .. }))
        ),
        "{error}"
    );
}

#[test]
fn tls_has_the_face_of_a_stream_with_its_deadlines() {
    let (mut client, mut server) = session();
    let mut buffer = [0; 100];
    let late = client
        .pull(&mut buffer, Deadline::after(Duration::from_millis(20)))
        .unwrap_err();
    assert!(matches!(late, tcp_socket::Error::TimedOut { .. }), "{late}");
    chunked_io::send_all(&mut server, b"after a pause", SOON).unwrap();
    assert_eq!(client.pull(&mut buffer, SOON.into()).unwrap(), 13);
    assert_eq!(
        client.pull(&mut [0; 0], SOON.into()).unwrap(),
        0,
        "no room, no bytes"
    );
}

#[test]
fn a_send_that_finds_no_time_is_finished_by_the_next_one() {
    let (mut client, mut server) = session();
    let bytes = vec![0x5A; 40_000_000];
    let mut sent = 0;
    let late = loop {
        match client.send(&bytes[sent..], Deadline::after(Duration::from_millis(30))) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
    };
    assert!(matches!(late, tcp_socket::Error::TimedOut { .. }), "{late}");
    let length = bytes.len();
    let reading = thread::spawn(move || {
        let mut got = vec![0; length];
        chunked_io::pull_exact(&mut server, &mut got, SOON).unwrap();
        got
    });
    chunked_io::send_all(&mut client, &bytes[sent..], SOON).unwrap();
    assert!(reading.join().unwrap() == bytes);
}

#[test]
fn an_end_without_close_notify_is_no_end_in_good_order() {
    let (client, mut server) = session();
    client.socket().shutdown(std::net::Shutdown::Write).unwrap();
    let error = server.pull(&mut [0; 10], SOON.into()).unwrap_err().to_string();
    assert!(error.contains("TCP ended without TLS's close_notify"), "{error}");
    let (mut client, mut server) = session();
    client.shutdown(std::net::Shutdown::Write, SOON).unwrap();
    assert_eq!(server.pull(&mut [0; 10], SOON.into()).unwrap(), 0);
}

#[test]
fn certificates_and_keys_come_from_files_in_pem() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let folder = std::env::temp_dir().join(format!("05-websocket-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let cert = file("cert.pem", &certificate.certificate_pem());
    let key = file("key.pem", &certificate.key_pem());
    let authority = file("ca.pem", &certificate.authority_pem());
    let empty = file("empty.pem", "");

    let (listener, url) = listener("wss", "127.0.0.1");
    let tls = Some(ServerTls::from_files(&cert, &key).unwrap());
    let server = echo(
        listener,
        AcceptOptions {
            tls,
            ..AcceptOptions::default()
        },
    );
    let tls = Some(ClientTls::trusting_file(&authority).unwrap());
    let mut client = WebSocket::connect(
        &url,
        &ConnectOptions {
            tls,
            ..ConnectOptions::default()
        },
    )
    .unwrap();
    client.close(CloseCode::NORMAL, "").unwrap();
    server.join().unwrap().unwrap();

    for (error, says) in [
        (
            ServerTls::from_files(&cert, &authority).unwrap_err(),
            "there is no private key to be had from",
        ),
        (
            ServerTls::from_files(&empty, &key).unwrap_err(),
            "there is no certificate to be had from",
        ),
        (
            ServerTls::from_files(&authority, &key).unwrap_err(),
            "TLS cannot be set up",
        ),
        (
            ClientTls::trusting_file(Path::new("nowhere.pem")).unwrap_err(),
            "nowhere.pem",
        ),
    ] {
        let error = error.to_string();
        assert!(error.contains(says), "{error}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
