//! Messages in parts: said as they come to mind, heard as they come.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Machine;
use proptest::prelude::*;
use websocket::connection::SendError;
use websocket::frame::{self, FrameHeader, Opcode};
use websocket::{CloseCode, Event, Message, Options, Role, Violation};

fn part(text: &str, is_last: bool) -> Event<'static> {
    let part = Message::from(text).into_owned();
    Event::Part { part, is_last }
}

/// A server that hears its messages in parts, up to 100 bytes of each.
fn listener() -> Machine {
    let options = Options {
        in_parts: true,
        message_limit: 100,
        ..Options::default()
    };
    Machine::new(Role::Server, options)
}

fn frame_of(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = FrameHeader {
        fin,
        ..FrameHeader::whole(opcode, payload.len(), Some([9, 8, 7, 6]))
    };
    frame::encode(&header, payload, &mut bytes);
    bytes
}

#[test]
fn what_has_come_is_heard_before_the_rest_is_sent() {
    let bytes = frame_of(true, Opcode::Text, "One long message, 한글".as_bytes());
    let mut server = listener();
    assert_eq!(server.receive(&bytes[..10]), [part("One ", false)]);
    assert_eq!(server.receive(&bytes[10..25]), [part("long message, ", false)]);
    assert_eq!(
        server.receive(&bytes[25..27]),
        [part("한", false)],
        "never half a character"
    );
    assert_eq!(server.receive(&bytes[27..]), [part("글", true)]);

    assert_eq!(
        server.receive(&frame_of(true, Opcode::Text, b"short")),
        [part("short", true)]
    );
    assert_eq!(
        server.receive(&frame_of(true, Opcode::Text, b"")),
        [part("", true)]
    );
}

#[test]
fn control_frames_stand_between_parts_and_other_messages_do_not() {
    let mut server = listener();
    let frames = [
        frame_of(false, Opcode::Text, b"One "),
        frame_of(true, Opcode::Ping, b"?"),
        frame_of(true, Opcode::Continuation, b"message"),
    ];
    assert_eq!(
        server.receive(&frames.concat()),
        [
            part("One ", false),
            Event::Ping(b"?"[..].into()),
            part("message", true)
        ]
    );
    let frames = [
        frame_of(false, Opcode::Text, b"One "),
        frame_of(true, Opcode::Text, b"two"),
    ];
    assert_eq!(
        server.receive(&frames.concat()),
        [part("One ", false), Event::Failed(Violation::MessageInterrupted)]
    );
}

#[test]
fn the_limit_and_utf8_hold_for_the_whole_message() {
    let frames = [
        frame_of(false, Opcode::Binary, &[7; 60]),
        frame_of(false, Opcode::Continuation, &[7; 41]),
    ];
    assert_eq!(
        listener().receive(&frames.concat())[1..],
        [Event::Failed(Violation::MessageTooLong { limit: 100 })]
    );
    let frames = [
        frame_of(false, Opcode::Text, b"One \xED"),
        frame_of(true, Opcode::Continuation, b"\xA0\x80"),
    ];
    assert_eq!(
        listener().receive(&frames.concat())[1..],
        [Event::Failed(Violation::InvalidUtf8 { valid: 4 })]
    );
}

#[test]
fn a_message_is_said_in_parts_with_pings_between_them() {
    let Machine {
        mut connection,
        mut output,
    } = Machine::new(Role::Client, Options::default());
    connection.send_part("One ", false, &mut output).unwrap();
    connection.ping(b"?", &mut output).unwrap();
    assert_eq!(connection.send("no", &mut output), Err(SendError::Unfinished));
    let bytes = Message::from(vec![1]);
    assert_eq!(
        connection.send_part(bytes, true, &mut output),
        Err(SendError::Unfinished)
    );
    connection.send_part("message", true, &mut output).unwrap();
    connection.send("another", &mut output).unwrap();
    assert_eq!(
        listener().receive(&output),
        [
            part("One ", false),
            Event::Ping(b"?"[..].into()),
            part("message", true),
            part("another", true)
        ]
    );
    let mut whole = Machine::new(Role::Server, Options::default());
    assert_eq!(
        whole.receive(&output)[1..],
        [
            Event::Message(Message::from("One message")),
            Event::Message(Message::from("another"))
        ]
    );

    connection.send_part("never ", false, &mut output).unwrap();
    connection.close(CloseCode::NORMAL, "", &mut output).unwrap();
    let rest = connection.send_part("ending", true, &mut output);
    assert_eq!(rest, Err(SendError::Closing), "a Close may cut a message off");
}

#[test]
fn a_frame_over_its_limit_fails_with_1009_even_in_a_message_that_may_be_longer() {
    let options = Options {
        frame_limit: 10,
        ..Options::default()
    };
    let mut server = Machine::new(Role::Server, options);
    let short = [
        frame_of(false, Opcode::Binary, &[1; 10]),
        frame_of(true, Opcode::Continuation, &[2; 10]),
    ];
    assert_eq!(server.receive(&short.concat()).len(), 1);
    let violation = Violation::FrameTooLong {
        length: 11,
        limit: 10,
    };
    assert_eq!(violation.close_code(), CloseCode::MESSAGE_TOO_BIG);
    assert_eq!(
        server.receive(&frame_of(true, Opcode::Binary, &[0; 11])[..6]),
        [Event::Failed(violation)]
    );
}

proptest! {
    #[test]
    fn the_parts_are_the_whole(
        said in prop::collection::vec((".{0,10}", any::<bool>()), 1..10),
        pieces in 1usize..50,
    ) {
        let mut client = Machine::new(Role::Client, Options::default());
        let mut wanted = vec![String::new()];
        for (text, is_last) in said.iter().map(|(text, is_last)| (text, *is_last)).chain([(&String::new(), true)]) {
            client.connection.send_part(&**text, is_last, &mut client.output).unwrap();
            wanted.last_mut().unwrap().push_str(text);
            if is_last {
                wanted.push(String::new());
            }
        }
        wanted.pop();

        let options = Options { in_parts: true, ..Options::default() };
        let mut server = Machine::new(Role::Server, options);
        let mut heard = vec![String::new()];
        for event in client.output.chunks(pieces).flat_map(|piece| server.receive(piece)) {
            let Event::Part { part, is_last } = event else { panic!("{event:?}") };
            heard.last_mut().unwrap().push_str(part.as_text().unwrap());
            if is_last {
                heard.push(String::new());
            }
        }
        heard.pop();
        prop_assert_eq!(heard, wanted);
    }
}
