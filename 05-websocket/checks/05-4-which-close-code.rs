//! Judges exercise 05-4: eight predictions, and what the step's own server says.

use websocket::{CloseCode, Connection, Event, Options};

use super::{CLOSE_1005, CLOSE_4000, CUT_OFF, EMPTY_CLOSE, HELLO, LONG, LONG_PING, ODD_TEXT};

/// What the client sends, in a few words and in bytes; the answer; the prediction.
const TRANSCRIPTS: [(&str, &[u8], u16, u16); 8] = [
    ("the text Hello, not masked", b"\x81\x05Hello", 1002, HELLO),
    (
        "a text that is not UTF-8",
        b"\x81\x82\0\0\0\0\xC3\x28",
        1007,
        ODD_TEXT,
    ),
    (
        "more bytes than the server takes",
        b"\x82\xFE\x03\xE9\0\0\0\0",
        1009,
        LONG,
    ),
    (
        "a Ping of 126 bytes",
        b"\x89\xFE\x00\x7E\0\0\0\0",
        1002,
        LONG_PING,
    ),
    (
        "a Close with nothing in it",
        b"\x88\x80\0\0\0\0",
        1005,
        EMPTY_CLOSE,
    ),
    (
        "a Close with the code 1005",
        b"\x88\x82\0\0\0\0\x03\xED",
        1002,
        CLOSE_1005,
    ),
    (
        "a Close with the code 4000",
        b"\x88\x82\0\0\0\0\x0F\xA0",
        4000,
        CLOSE_4000,
    ),
    ("half a text, and the end", b"\x81\x85\0\0\0\0He", 1006, CUT_OFF),
];

/// The code in the log of a server that receives this, and then the end of the stream.
fn logged(bytes: &[u8]) -> CloseCode {
    let mut server = Connection::server(Options {
        message_limit: 1000,
        ..Options::default()
    });
    let mut bytes = bytes.to_vec();
    match server.next_event(&mut &mut bytes[..], &mut Vec::new()) {
        Some(Event::Closed(close)) => close.code,
        Some(Event::Failed(violation)) => violation.close_code(),
        _ => server.receive_end().unwrap_err().close_code(),
    }
}

#[test]
fn the_server_logs_the_code_that_was_predicted() {
    let mut conversations = String::new();
    for (title, bytes, answer, prediction) in TRANSCRIPTS {
        // The key is what the step's own server says.
        assert_eq!(logged(bytes), CloseCode(answer), "{title}");
        conversations += &format!("{title} -> {}\n", CloseCode(prediction));
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("05-4-which-close-code", conversations);
    });
}
