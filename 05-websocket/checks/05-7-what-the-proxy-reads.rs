//! Judges exercise 05-7: five predictions, against the bytes of a connection.

use websocket::frame::{self, FrameHeader, Opcode};
use websocket::handshake::Request;

use super::{
    THE_CLIENTS_TEXT_AS_IT_IS, THE_CLIENTS_TEXT_UNMASKED, THE_SERVER, THE_SERVERS_TEXT_AS_IT_IS, THE_TOKEN,
};

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

fn frame(text: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::encode(
        &FrameHeader::whole(Opcode::Text, text.len(), key),
        text,
        &mut bytes,
    );
    bytes
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// What passes through the proxy from the client.
fn from_the_client() -> Vec<u8> {
    let request = Request {
        target: "/room?token=7".to_owned(),
        host: "chat.example".to_owned(),
        key: "x3JJHMbDL1EzLkh9GBhXDw==".to_owned(),
        origin: None,
        subprotocols: Vec::new(),
        extensions: Vec::new(),
    };
    let connect = "CONNECT chat.example:80 HTTP/1.1\r\nHost: chat.example:80\r\n\r\n";
    [
        connect.as_bytes(),
        request.to_head().to_string().as_bytes(),
        &frame(b"buy 100", Some(KEY)),
    ]
    .concat()
}

/// The last frame of `bytes`, as anybody reads it who knows where the key stands.
fn unmasked(bytes: &[u8], length: usize) -> Vec<u8> {
    let (key, payload) = bytes[bytes.len() - length - 4..].split_at(4);
    payload
        .iter()
        .zip(key.iter().cycle())
        .map(|(byte, key)| byte ^ key)
        .collect()
}

#[test]
fn the_proxy_reads_what_was_predicted() {
    let (up, down) = (from_the_client(), frame(b"bought", None));
    let mut lines = String::new();
    for (what, truth, prediction) in [
        ("the server's name", holds(&up, b"chat.example"), THE_SERVER),
        ("the token in the path", holds(&up, b"token=7"), THE_TOKEN),
        (
            "the client's text as it is",
            holds(&up, b"buy 100"),
            THE_CLIENTS_TEXT_AS_IT_IS,
        ),
        (
            "the client's text, unmasked",
            unmasked(&up, 7) == b"buy 100",
            THE_CLIENTS_TEXT_UNMASKED,
        ),
        (
            "the server's text as it is",
            holds(&down, b"bought"),
            THE_SERVERS_TEXT_AS_IT_IS,
        ),
    ] {
        let word = |reads| if reads { "yes" } else { "no" };
        // The key is what the bytes say.
        assert_eq!(truth, what != "the client's text as it is", "{what}");
        lines += &format!("{what}: {}\n", word(prediction));
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("05-7-what-the-proxy-reads", lines);
    });
}
