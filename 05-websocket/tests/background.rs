//! The two styles of the lecture's libraries.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::Listener;
use websocket::callbacks::WebSocketClient;
use websocket::delegate::{self, Delegate};
use websocket::{AcceptOptions, Close, CloseCode, ConnectOptions, Error, Message, Sender, WebSocket};

const SOON: Duration = Duration::from_secs(10);

/// An echo server for one caller. On "drop" it hangs up without a word.
fn echo() -> (String, thread::JoinHandle<()>) {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0)).unwrap();
    let url = format!("ws://{}/", listener.local_address());
    let thread = thread::spawn(move || {
        let mut web_socket =
            WebSocket::accept(listener.accept().unwrap(), &AcceptOptions::default()).unwrap();
        while let Some(message) = web_socket.recv(SOON).unwrap() {
            if message.as_text() == Some("drop") {
                return;
            }
            web_socket.send(message).unwrap();
        }
    });
    (url, thread)
}

/// Writes down what it is told, and says one thing at the beginning.
struct Diary(&'static str, Vec<String>);

impl Delegate for Diary {
    fn did_open(&mut self, socket: &Sender) {
        self.1.push("open".to_owned());
        socket.send(self.0).unwrap();
    }

    fn did_receive_message(&mut self, socket: &Sender, message: Message<'_>) {
        self.1.push(message.as_text().unwrap().to_owned());
        socket.close(CloseCode(4000), "enough").unwrap();
    }

    fn did_fail(&mut self, error: &Error) {
        self.1.push(format!("failed: {error}"));
    }

    fn did_close(&mut self, close: &Close) {
        self.1.push(format!("closed: {}", close.code));
    }
}

#[test]
fn a_delegate_hears_in_the_background_what_happens() {
    let (url, server) = echo();
    let background = delegate::open(&url, ConnectOptions::default(), Diary("hello", vec![])).unwrap();
    assert_eq!(
        background.wait().1,
        ["open", "hello", "closed: 4000 (private to the application)"]
    );
    server.join().unwrap();
}

#[test]
fn a_delegate_hears_of_a_loss_and_of_a_server_that_is_not_there() {
    let (url, server) = echo();
    let diary = delegate::open(&url, ConnectOptions::default(), Diary("drop", vec![]))
        .unwrap()
        .wait()
        .1;
    server.join().unwrap();
    assert_eq!(diary.len(), 2, "{diary:?}");
    assert!(diary[1].starts_with("failed: 127.0.0.1:"), "{diary:?}");
    let diary = delegate::open(&url, ConnectOptions::default(), Diary("", vec![]))
        .unwrap()
        .wait()
        .1;
    assert!(diary[0].contains("connection refused"), "{diary:?}");
}

#[test]
fn callbacks_are_called_in_order_and_on_close_comes_last() {
    for (word, expected) in [
        ("hello", "open, hello, closed 1000 (normal closure)"),
        ("drop", "open, error, closed 1006"),
    ] {
        let (url, server) = echo();
        let (log, heard) = channel();
        let (opened, said, failed, closed) = (log.clone(), log.clone(), log.clone(), log);
        let client = WebSocketClient::new(&url)
            .options(ConnectOptions::default())
            .on_open(move |client| {
                opened.send("open".to_owned()).unwrap();
                client.send(word).unwrap();
            })
            .on_message(move |client, message| {
                said.send(message.as_text().unwrap().to_owned()).unwrap();
                client.close(CloseCode::NORMAL, "").unwrap();
            })
            .on_error(move |_| failed.send("error".to_owned()).unwrap())
            .on_close(move |code, _| closed.send(format!("closed {code}")).unwrap());
        client.connect().unwrap().wait();
        server.join().unwrap();
        let heard: Vec<_> = heard.iter().collect();
        assert!(heard.join(", ").starts_with(expected), "{heard:?}");
    }
}

#[test]
fn messages_are_an_iterator_too() {
    let (url, server) = echo();
    let mut client = WebSocket::connect(&url, &ConnectOptions::default()).unwrap();
    for word in ["one", "two", "three"] {
        client.send(word).unwrap();
    }
    let heard: Vec<_> = client.messages(SOON).take(3).map(Result::unwrap).collect();
    assert_eq!(heard, ["one", "two", "three"].map(Message::from));
    client.send("drop").unwrap();
    let mut rest = client.messages(SOON);
    assert!(rest.next().unwrap().is_err());
    assert!(rest.next().is_none(), "a failure is the last thing that it says");
    server.join().unwrap();
}
