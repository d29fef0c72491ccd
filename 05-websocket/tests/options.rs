//! What a client may ask for: logins, cookies, proxies, redirects.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::thread;
use std::time::Duration;

use chunked_io::send_all;
use ports::Endpoint;
use tcp_socket::tunnel::Proxy;
use tcp_socket::{Listener, TcpSocket};
use websocket::http::{self, HEAD_LIMIT, RequestHead};
use websocket::tls::{ClientTls, ServerTls, TestCertificate};
use websocket::{AcceptOptions, CloseCode, ConnectOptions, Error, Login, Message, WebSocket};

const SOON: Duration = Duration::from_secs(10);

fn listener() -> Listener {
    Listener::bind(&Endpoint::new("127.0.0.1", 0)).unwrap()
}

/// An echo server for one caller, and where it is.
fn echo(options: AcceptOptions) -> (u16, thread::JoinHandle<()>) {
    let listener = listener();
    let port = listener.local_address().port();
    let thread = thread::spawn(move || {
        let mut web_socket = WebSocket::accept(listener.accept().unwrap(), &options).unwrap();
        while let Some(message) = web_socket.recv(SOON).unwrap() {
            web_socket.send(message).unwrap();
        }
    });
    (port, thread)
}

/// A server that gives each caller the next of these answers; it returns the requests.
fn answers(answers: Vec<String>) -> (u16, thread::JoinHandle<Vec<RequestHead>>) {
    let listener = listener();
    let port = listener.local_address().port();
    let answer_one = move |answer: String| {
        let mut socket: TcpSocket = listener.accept().unwrap();
        let head = http::pull_head(&mut socket, &mut Vec::new(), HEAD_LIMIT, SOON).unwrap();
        send_all(&mut socket, answer.as_bytes(), SOON).unwrap();
        RequestHead::parse(&head).unwrap()
    };
    let thread = thread::spawn(move || answers.into_iter().map(answer_one).collect());
    (port, thread)
}

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

const NO: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

#[test]
fn login_cookies_and_headers_are_in_the_request() {
    let (port, server) = answers(vec![NO.to_owned(), NO.to_owned()]);
    let mut options = ConnectOptions {
        cookies: vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())],
        headers: vec![("X-Request".to_owned(), "yes".to_owned())],
        ..ConnectOptions::default()
    };
    // RFC 7617, section 2.
    WebSocket::connect(&format!("ws://Aladdin:open%20sesame@127.0.0.1:{port}/"), &options).unwrap_err();
    options.login = Some(Login {
        user: "test".to_owned(),
        password: "123\u{A3}".to_owned(),
    });
    WebSocket::connect(&format!("ws://ignored@127.0.0.1:{port}/"), &options).unwrap_err();
    let requests = server.join().unwrap();
    assert_eq!(requests[0].headers.get("Cookie"), Some("a=1; b=2"));
    assert_eq!(requests[0].headers.get("X-Request"), Some("yes"));
    assert_eq!(
        requests[0].headers.get("Authorization"),
        Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    );
    assert_eq!(
        requests[1].headers.get("Authorization"),
        Some("Basic dGVzdDoxMjPCow==")
    );
}

#[test]
fn a_password_is_in_no_log() {
    let login = Login {
        user: "me".to_owned(),
        password: "secret".to_owned(),
    };
    assert_eq!(format!("{login:?}"), "Login(\"me\")");
}

#[test]
fn redirects_are_followed_and_secrets_stay_with_the_server_that_they_were_for() {
    let (echo_port, echo) = echo(AcceptOptions::default());
    let elsewhere = redirect(307, &format!("http://127.0.0.1:{echo_port}/chat"));
    let (other_port, other) = answers(vec![elsewhere]);
    let (port, first) = answers(vec![
        redirect(301, "/moved"),
        redirect(302, &format!("ws://127.0.0.1:{other_port}/here")),
    ]);
    let options = ConnectOptions {
        cookies: vec![("session".to_owned(), "secret".to_owned())],
        headers: vec![
            ("authorization".to_owned(), "Bearer secret".to_owned()),
            ("X".to_owned(), "y".to_owned()),
        ],
        ..ConnectOptions::default()
    };
    let mut client = WebSocket::connect(&format!("ws://127.0.0.1:{port}/"), &options).unwrap();
    assert_eq!(client.request().target, "/chat");
    client.send("found you").unwrap();
    assert_eq!(client.recv(SOON).unwrap(), Some(Message::from("found you")));
    client.close(CloseCode::NORMAL, "").unwrap();
    echo.join().unwrap();

    let first = first.join().unwrap();
    assert_eq!(first[1].target, "/moved");
    for request in &first {
        assert_eq!(request.headers.get("Cookie"), Some("session=secret"));
        assert_eq!(request.headers.get("Authorization"), Some("Bearer secret"));
    }
    let other = &other.join().unwrap()[0];
    assert_eq!(other.headers.get("Cookie"), None);
    assert_eq!(other.headers.get("Authorization"), None);
    assert_eq!(other.headers.get("X"), Some("y"));
}

#[test]
fn redirects_that_never_end_are_given_up() {
    let circle = vec![redirect(308, "/round"); 3];
    let (port, server) = answers(circle);
    let options = ConnectOptions {
        redirects: 2,
        ..ConnectOptions::default()
    };
    let error = WebSocket::connect(&format!("ws://127.0.0.1:{port}/"), &options).unwrap_err();
    assert!(
        matches!(error, Error::TooManyRedirects { redirects: 2, .. }),
        "{error}"
    );
    server.join().unwrap();
}

#[test]
fn no_redirect_leads_out_of_tls_or_to_something_that_is_no_web() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let server = ServerTls::from_test(&certificate).unwrap();
    let options = ConnectOptions {
        tls: Some(ClientTls::trusting_test(&certificate).unwrap()),
        ..ConnectOptions::default()
    };
    for (location, says) in [
        (
            "ws://127.0.0.1:1/",
            "out of TLS: that would give away what was to be kept secret",
        ),
        ("ftp://127.0.0.1/", "is not a WebSocket URL"),
    ] {
        let listener = listener();
        let url = format!("wss://{}/", listener.local_address());
        let server = server.clone();
        let answering = thread::spawn(move || {
            let mut tls = server.on(listener.accept().unwrap()).unwrap();
            tls.handshake(SOON).unwrap();
            http::pull_head(&mut tls, &mut Vec::new(), HEAD_LIMIT, SOON).unwrap();
            send_all(&mut tls, redirect(303, location).as_bytes(), SOON).unwrap();
        });
        let error = WebSocket::connect(&url, &options).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        answering.join().unwrap();
    }
}

#[test]
fn ws_and_wss_go_through_an_http_proxy() {
    let certificate = TestCertificate::new(&["127.0.0.1"]).unwrap();
    for (scheme, tls) in [
        ("ws", None),
        ("wss", Some(ServerTls::from_test(&certificate).unwrap())),
    ] {
        let (port, server) = echo(AcceptOptions {
            tls,
            ..AcceptOptions::default()
        });
        let listener = listener();
        let proxy = Endpoint::from(listener.local_address());
        let tunnelling = thread::spawn(move || Proxy::new([port]).serve_caller(&listener.accept().unwrap()));
        let options = ConnectOptions {
            proxy: Some(proxy),
            tls: Some(ClientTls::trusting_test(&certificate).unwrap()),
            ..ConnectOptions::default()
        };
        let mut client = WebSocket::connect(&format!("{scheme}://127.0.0.1:{port}/"), &options).unwrap();
        client.send("through the tunnel").unwrap();
        assert_eq!(
            client.recv(SOON).unwrap(),
            Some(Message::from("through the tunnel"))
        );
        client.close(CloseCode::NORMAL, "").unwrap();
        drop(client);
        server.join().unwrap();
        let line = tunnelling.join().unwrap();
        assert!(line.contains("-> 200"), "{line}");
    }
}

#[test]
fn the_login_in_a_proxys_url_is_for_the_proxy_alone() {
    let listener = listener();
    let proxy = format!("http://ann:s%3Acret@{}", listener.local_address());
    let answering = thread::spawn(move || {
        let mut caller = listener.accept().unwrap();
        let head = http::pull_head(&mut caller, &mut Vec::new(), HEAD_LIMIT, SOON).unwrap();
        let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        send_all(&mut caller, answer, SOON).unwrap();
        String::from_utf8(head).unwrap()
    });
    let options = ConnectOptions {
        proxy: Some(proxy.parse().unwrap()),
        ..ConnectOptions::default()
    };
    let error = WebSocket::connect("ws://chat.example:7000/", &options)
        .unwrap_err()
        .to_string();
    assert!(error.contains("407 Proxy Authentication Required"), "{error}");
    assert!(!error.contains("cret"), "{error}");
    let head = answering.join().unwrap();
    // ann:s:cret
    assert!(
        head.contains("\r\nProxy-Authorization: Basic YW5uOnM6Y3JldA==\r\n"),
        "{head}"
    );
    assert!(!head.contains("\nAuthorization"), "{head}");
}

#[test]
fn a_proxy_that_refuses_is_named() {
    let listener = listener();
    let proxy = Endpoint::from(listener.local_address());
    let tunnelling = thread::spawn(move || Proxy::new([443]).serve_caller(&listener.accept().unwrap()));
    let options = ConnectOptions {
        proxy: Some(proxy),
        ..ConnectOptions::default()
    };
    let error = WebSocket::connect("ws://127.0.0.1:25/", &options)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("gives no tunnel to 127.0.0.1:25: 403 Forbidden"),
        "{error}"
    );
    tunnelling.join().unwrap();
}

#[test]
fn a_servers_own_words_are_passed_on() {
    let words = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 16\r\n\r\nback at nine\nxyz";
    let (port, server) = answers(vec![words.to_owned()]);
    let error = WebSocket::connect(&format!("ws://127.0.0.1:{port}/"), &ConnectOptions::default());
    let error = error.unwrap_err().to_string();
    assert!(
        error.ends_with("the server is in trouble: look at its log (\"back at nine\")"),
        "{error}"
    );
    server.join().unwrap();
}
