//! Judges exercise 05-6: three servers, and what the window shows of each.

use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use ports::Endpoint;
use tcp_socket::Listener;
use websocket::{AcceptOptions, CloseCode, ConnectOptions, WebSocket, delegate};

use super::Screen;

/// A server with three things to say, for one caller who asks for /prices. Returns where it is.
fn market() -> (String, JoinHandle<()>) {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0)).unwrap();
    let place = format!("ws://{}", listener.local_address());
    let options = AcceptOptions {
        path: Some("/prices".to_owned()),
        ..AcceptOptions::default()
    };
    let server = thread::spawn(move || {
        let Ok(mut caller) = WebSocket::accept(listener.accept().unwrap(), &options) else {
            return;
        };
        caller.send("KRW 71,200").unwrap();
        caller.send(vec![1, 2, 3]).unwrap();
        caller.send("KRW 71,300").unwrap();
        caller
            .close(CloseCode::GOING_AWAY, "the market is closed")
            .unwrap();
    });
    (place, server)
}

/// What the window shows of a connection to `url`.
fn shown(title: &str, url: &str) -> String {
    let (window, lines) = mpsc::channel();
    delegate::open(url, ConnectOptions::default(), Screen { window })
        .unwrap()
        .wait();
    let lines = lines.into_iter().map(|line| format!("  window: {line}\n"));
    format!("{title}\n{}", lines.collect::<String>())
}

#[test]
fn the_window_learns_how_it_began_and_how_it_ended() {
    let (open, first) = market();
    let (closed, second) = market();
    let windows = [
        shown("A market:", &format!("{open}/prices")),
        shown("The wrong door:", &format!("{closed}/elsewhere")),
        shown("Nobody there:", "ws://127.0.0.1:1/prices"),
    ]
    .join("\n");
    first.join().unwrap();
    second.join().unwrap();
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("05-6-delegate", windows);
    });
}
