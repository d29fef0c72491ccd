//! Judges exercise 05-1: three handshakes, and what a client makes of each answer.

use std::fmt::Write;

use websocket::handshake::{Request, Response, ResponseError};

use super::accept_key;

/// What a client says that asked with `key` and got `accept`.
fn verdict(key: &str, accept: &str) -> &'static str {
    let request = Request {
        target: "/chat".to_owned(),
        host: "server.example.com".to_owned(),
        key: key.to_owned(),
        origin: None,
        subprotocols: Vec::new(),
        extensions: Vec::new(),
    };
    let response = Response {
        accept: accept.to_owned(),
        subprotocol: None,
        compression: None,
    };
    match Response::from_head(&response.to_head(), &request) {
        Ok(_) => "open",
        Err(ResponseError::WrongAccept { .. }) => "this is not a WebSocket server",
        Err(_) => "this is no handshake",
    }
}

#[test]
fn a_client_believes_the_answer() {
    let mut table = String::new();
    for (whose, key) in [
        ("the lecture's", "x3JJHMbDL1EzLkh9GBhXDw=="),
        ("RFC 6455, section 1.3", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sixteen zero bytes", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ] {
        let accept = accept_key(key);
        let verdict = verdict(key, &accept);
        let _ = writeln!(
            table,
            "key:    {key}  ({whose})\nanswer: {accept}\nclient: {verdict}\n"
        );
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("05-1-accept-key", table);
    });
}
