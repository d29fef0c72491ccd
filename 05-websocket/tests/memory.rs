//! What a connection costs while nothing happens, and while something does.

mod common;

use std::borrow::Cow;

use common::Machine;
use websocket::frame::{self, FrameHeader, Opcode};
use websocket::{Connection, Event, Message, Options, Role};

fn masked(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let key = Some([1, 2, 3, 4]);
    frame::encode(
        &FrameHeader::whole(opcode, payload.len(), key),
        payload,
        &mut bytes,
    );
    bytes
}

#[test]
fn an_idle_connection_is_small() {
    // Four pointers, two times, and a few marks.
    let size = size_of::<Connection>();
    assert!(size <= 80, "{size} bytes");
}

#[test]
fn a_message_that_lies_whole_in_the_input_is_not_copied() {
    let mut bytes = [masked(Opcode::Text, b"one"), masked(Opcode::Binary, b"two")].concat();
    let place = bytes.as_ptr_range();
    let mut server = Machine::new(Role::Server, Options::default());
    let mut input = &mut bytes[..];
    let mut heard = 0;
    while let Some(event) = server.connection.next_event(&mut input, &mut server.output) {
        let is_borrowed = matches!(
            &event,
            Event::Message(Message::Text(Cow::Borrowed(_)) | Message::Binary(Cow::Borrowed(_)))
        );
        assert!(is_borrowed, "{event:?}");
        if let Event::Message(message) = event {
            assert!(place.contains(&message.as_bytes().as_ptr()));
            heard += 1;
        }
    }
    assert_eq!(heard, 2);
}

#[test]
fn one_encoding_serves_all_who_agreed_on_the_same() {
    use std::sync::Arc;
    use websocket::deflate::{Agreement, Compression};

    let text = "a price and another price, ".repeat(100);
    let news = websocket::Prepared::new(&*text);
    let reader = |agreement: Option<Agreement>| {
        let options = Options {
            compression: Some(Compression::default()),
            ..Options::default()
        };
        Connection::server(options).compressed(agreement.as_ref())
    };
    let frame = |agreement| reader(agreement).send_prepared(&news).expect("it is open");
    let forgetting = Agreement {
        server_no_context_takeover: true,
        client_no_context_takeover: false,
        server_max_window_bits: None,
        client_max_window_bits: None,
    };
    let remembering = Agreement {
        server_no_context_takeover: false,
        ..forgetting
    };
    let (plain, packed) = (frame(None), frame(Some(forgetting)));
    assert!(
        packed.len() < plain.len() / 5,
        "{} and {}",
        packed.len(),
        plain.len()
    );
    assert!(Arc::ptr_eq(&packed, &frame(Some(forgetting))));
    assert!(Arc::ptr_eq(&plain, &frame(None)));
    assert!(Arc::ptr_eq(&packed, &frame(Some(remembering))));
    for (bytes, agreement) in [
        (plain, None),
        (Arc::clone(&packed), Some(forgetting)),
        (packed, Some(remembering)),
    ] {
        let mut client = Machine {
            connection: Connection::client(Options::default()).compressed(agreement.as_ref()),
            output: Vec::new(),
        };
        assert_eq!(client.receive(&bytes), [Event::Message(Message::from(&*text))]);
    }
}
