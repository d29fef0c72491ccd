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
