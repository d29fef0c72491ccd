//! Every way to break the protocol: the violation, its close code, and silence afterwards.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use websocket::frame::{self, FrameHeader, Opcode};
use websocket::{Close, CloseCode, Event, Kind, Message, Options, Role, Violation};

use common::Machine;

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// A frame as a peer in `role` sends it.
fn frame(role: Role, fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mask = (role == Role::Client).then_some(KEY);
    let mut bytes = Vec::new();
    frame::encode(
        &FrameHeader {
            fin,
            ..FrameHeader::whole(opcode, payload.len(), mask)
        },
        payload,
        &mut bytes,
    );
    bytes
}

fn text(role: Role, payload: &[u8]) -> Vec<u8> {
    frame(role, true, Opcode::Text, payload)
}

fn machine(role: Role) -> Machine {
    let options = Options {
        message_limit: 1000,
        ..Options::default()
    };
    Machine::new(role, options)
}

/// The only frame in `bytes`, which has to be a Close.
fn close_in(bytes: &[u8]) -> Close {
    let (header, size) = FrameHeader::decode(bytes).unwrap();
    assert_eq!((header.fin, header.opcode), (true, Opcode::Close));
    let mut payload = bytes[size..].to_vec();
    assert_eq!(payload.len() as u64, header.length, "nothing follows a Close");
    if let Some(key) = header.mask {
        websocket::mask::apply(&mut payload, key, 0);
    }
    Close::parse(&payload).unwrap()
}

/// Feeds `bytes` to a server, or to a client, and expects the connection to fail with `violation`.
fn fails(peer: Role, bytes: &[u8], violation: &Violation, code: u16, section: &str) {
    let mut machine = machine(peer.peer());
    let events_seen = machine.receive(bytes);
    assert_eq!(
        events_seen.last(),
        Some(&Event::Failed(violation.clone())),
        "{bytes:02x?}"
    );
    assert_eq!((violation.close_code().0, violation.section()), (code, section));
    let close = close_in(&machine.take_output());
    assert_eq!((close.code.0, close.reason), (code, violation.to_string()));

    assert!(machine.connection.is_over());
    assert_eq!(
        machine.receive(&text(peer, b"still there?")),
        [],
        "it has stopped listening"
    );
    assert_eq!(machine.connection.receive_end(), Ok(()), "it ends once");
    let too_late = machine.connection.send("and I?", &mut machine.output);
    assert!(too_late.is_err(), "nothing is sent after a Close");
    assert!(machine.output.is_empty());
}

#[test]
fn a_client_that_does_not_mask_fails_with_1002() {
    fails(
        Role::Client,
        &text(Role::Server, b"hi"),
        &Violation::Unmasked,
        1002,
        "5.1",
    );
}

#[test]
fn a_server_that_masks_fails_with_1002() {
    fails(
        Role::Server,
        &text(Role::Client, b"hi"),
        &Violation::Masked,
        1002,
        "5.1",
    );
}

#[test]
fn reserved_bits_fail_with_1002() {
    for bits in 1..=7 {
        let violation = Violation::ReservedBits { bits };
        fails(Role::Server, &[0x81 | bits << 4, 0], &violation, 1002, "5.2");
    }
}

#[test]
fn reserved_opcodes_fail_with_1002() {
    for opcode in (3..=7).chain(11..=15) {
        let violation = Violation::ReservedOpcode { opcode };
        fails(Role::Server, &[0x80 | opcode, 0], &violation, 1002, "5.2");
    }
}

#[test]
fn a_length_in_more_bytes_than_it_needs_fails_with_1002() {
    for (bytes, length, bits) in [
        (&[0x82, 126, 0, 125][..], 125, 16),
        (&[0x82, 127, 0, 0, 0, 0, 0, 0, 0, 5], 5, 64),
        (&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 0xFFFF, 64),
    ] {
        let violation = Violation::LengthNotMinimal { length, bits };
        fails(Role::Server, bytes, &violation, 1002, "5.2");
    }
}

#[test]
fn a_length_of_2_to_the_63_fails_with_1002_and_one_less_is_only_too_long() {
    let violation = Violation::LengthTooLarge { length: 1 << 63 };
    let bytes = [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0];
    fails(Role::Server, &bytes, &violation, 1002, "5.2");

    let violation = Violation::MessageTooLong { limit: 1000 };
    let bytes = [0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    fails(Role::Server, &bytes, &violation, 1009, "10.4");
}

#[test]
fn control_frames_in_fragments_or_over_125_bytes_fail_with_1002() {
    for opcode in [Opcode::Close, Opcode::Ping, Opcode::Pong] {
        let bytes = frame(Role::Server, false, opcode, b"");
        fails(Role::Server, &bytes, &Violation::ControlFragmented, 1002, "5.5");
        let violation = Violation::ControlTooLong { length: 126 };
        let bytes = frame(Role::Server, true, opcode, &[b'x'; 126]);
        fails(Role::Server, &bytes, &violation, 1002, "5.5");
    }
}

#[test]
fn a_new_message_inside_another_fails_with_1002() {
    for opcode in [Opcode::Text, Opcode::Binary] {
        let bytes = [
            frame(Role::Server, false, Opcode::Text, b"a"),
            frame(Role::Server, true, opcode, b"b"),
        ];
        fails(
            Role::Server,
            &bytes.concat(),
            &Violation::MessageInterrupted,
            1002,
            "5.4",
        );
    }
}

#[test]
fn a_continuation_of_nothing_fails_with_1002() {
    let lonely = frame(Role::Server, true, Opcode::Continuation, b"more");
    let after_a_message = [text(Role::Server, b"whole"), lonely.clone()].concat();
    for bytes in [lonely, after_a_message] {
        fails(Role::Server, &bytes, &Violation::NothingToContinue, 1002, "5.4");
    }
}

#[test]
fn text_that_is_not_utf8_fails_with_1007_as_soon_as_the_bytes_show_it() {
    // What stands in the payload, how many bytes of it are enough to know, and how many before that are right.
    for (payload, enough, valid) in [
        (&b"ab\xFFcd"[..], 3, 2),
        // A continuation byte with nothing before it; an overlong slash; half of a surrogate pair.
        (b"\x80", 1, 0),
        (b"\xC0\xAF", 1, 0),
        (b"\xED\xA0\x80", 2, 0),
        // Above U+10FFFF: the second byte shows it.
        (b"\xCE\xBA\xF4\x90\x80\x80 and much more", 4, 2),
    ] {
        let bytes = text(Role::Client, payload);
        let header = bytes.len() - payload.len();
        let mut server = machine(Role::Server);
        let early = &bytes[..header + enough - 1];
        assert_eq!(
            server.receive(early),
            [],
            "{payload:02x?} could still become UTF-8"
        );
        let late = server.receive(&bytes[header + enough - 1..header + enough]);
        let violation = Violation::InvalidUtf8 { valid };
        assert_eq!(
            late,
            [Event::Failed(violation.clone())],
            "{payload:02x?} cannot become UTF-8 any more"
        );
        fails(Role::Client, &bytes, &violation, 1007, "8.1");
    }
}

#[test]
fn text_that_ends_inside_a_character_fails_with_1007_and_not_before_its_end() {
    let violation = Violation::InvalidUtf8 { valid: 1 };
    fails(
        Role::Server,
        &text(Role::Server, b"a\xED\x95"),
        &violation,
        1007,
        "8.1",
    );

    let mut client = machine(Role::Client);
    assert_eq!(
        client.receive(&frame(Role::Server, false, Opcode::Text, b"a\xED\x95")),
        []
    );
    assert_eq!(
        client.receive(&frame(Role::Server, true, Opcode::Continuation, b"\x9C")),
        [Event::Message(Message::from("a한"))],
        "a character may be cut by a frame's end"
    );
}

#[test]
fn binary_is_not_judged_as_text() {
    let mut client = machine(Role::Client);
    let bytes = frame(Role::Server, true, Opcode::Binary, b"\xFF\xFE");
    assert_eq!(
        client.receive(&bytes),
        [Event::Message(Message::from(vec![0xFF, 0xFE]))]
    );
}

#[test]
fn a_bad_close_frame_fails_with_1002_or_1007() {
    let close = |payload: &[u8]| frame(Role::Server, true, Opcode::Close, payload);
    fails(
        Role::Server,
        &close(b"\x03"),
        &Violation::CloseTruncated,
        1002,
        "5.5.1",
    );
    for code in [
        0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535,
    ] {
        let violation = Violation::CloseCode { code };
        fails(
            Role::Server,
            &close(&code.to_be_bytes()),
            &violation,
            1002,
            "7.4.2",
        );
    }
    let violation = Violation::CloseReason;
    fails(Role::Server, &close(b"\x03\xE8\xFF"), &violation, 1007, "5.5.1");
}

#[test]
fn every_good_close_code_is_answered_with_itself() {
    let good = (1000..=1003).chain(1007..=1014).chain([3000, 3999, 4000, 4999]);
    for code in good.map(CloseCode) {
        let mut client = machine(Role::Client);
        let close = Close::new(code, "for a reason");
        let bytes = frame(Role::Server, true, Opcode::Close, &close.payload());
        assert_eq!(client.receive(&bytes), [Event::Closed(close)]);
        assert_eq!(close_in(&client.take_output()), Close::new(code, ""));
    }
}

#[test]
fn a_close_without_a_code_is_answered_without_a_code() {
    let mut client = machine(Role::Client);
    let bytes = frame(Role::Server, true, Opcode::Close, b"");
    assert_eq!(
        client.receive(&bytes),
        [Event::Closed(Close::new(CloseCode::NO_STATUS, ""))]
    );
    assert_eq!(close_in(&client.take_output()).code, CloseCode::NO_STATUS);
}

#[test]
fn a_message_over_the_limit_fails_with_1009_at_its_header_even_in_fragments() {
    let violation = Violation::MessageTooLong { limit: 1000 };
    let whole = frame(Role::Server, true, Opcode::Binary, &[0; 1001]);
    fails(Role::Server, &whole[..4], &violation, 1009, "10.4");

    let first = frame(Role::Server, false, Opcode::Binary, &[0; 600]);
    let second = frame(Role::Server, true, Opcode::Continuation, &[0; 401]);
    let bytes = [&first[..], &second[..4]].concat();
    fails(Role::Server, &bytes, &violation, 1009, "10.4");

    let mut client = machine(Role::Client);
    let bytes = frame(Role::Server, true, Opcode::Binary, &[0; 1000]);
    assert_eq!(
        client.receive(&bytes),
        [Event::Message(Message::from(vec![0; 1000]))]
    );
}

#[test]
fn a_kind_that_is_not_taken_fails_with_1003_at_its_header() {
    let options = Options {
        only: Some(Kind::Text),
        ..Options::default()
    };
    let mut client = Machine::new(Role::Client, options);
    let bytes = [
        text(Role::Server, b"this, yes"),
        frame(Role::Server, true, Opcode::Binary, &[0; 200]),
    ]
    .concat();
    let violation = Violation::KindNotTaken { kind: Kind::Binary };
    assert_eq!(violation.section(), "7.4.1");
    assert_eq!(
        violation.to_string(),
        "a message of bytes, and this end takes none"
    );
    assert_eq!(
        client.receive(&bytes[..bytes.len() - 200]),
        [
            Event::Message(Message::from("this, yes")),
            Event::Failed(violation)
        ]
    );
    assert_eq!(close_in(&client.take_output()).code, CloseCode::UNSUPPORTED_DATA);
}

#[test]
fn a_promise_of_exabytes_reserves_nothing() {
    let options = Options {
        message_limit: usize::MAX,
        frame_limit: usize::MAX,
        ..Options::default()
    };
    let mut server = Machine::new(Role::Server, options);
    let promise = [0x82, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
    assert_eq!(
        server.receive(&promise),
        [],
        "it waits for the rest, and memory holds what has come"
    );
}

#[test]
fn an_end_without_a_close_is_1006_and_nothing_is_sent() {
    let mut client = machine(Role::Client);
    assert_eq!(client.connection.receive_end(), Err(Violation::Lost));
    assert_eq!(Violation::Lost.close_code(), CloseCode::ABNORMAL);
    assert_eq!(client.connection.receive_end(), Ok(()), "it ends once");
    assert!(client.connection.is_over());
}

#[test]
fn an_end_after_a_close_is_no_failure() {
    let mut client = machine(Role::Client);
    assert_eq!(
        client.receive(&frame(Role::Server, true, Opcode::Close, b"")),
        [Event::Closed(Close::new(CloseCode::NO_STATUS, ""))]
    );
    assert_eq!(client.connection.receive_end(), Ok(()));
}

#[test]
fn what_came_before_a_violation_is_delivered_and_can_be_answered() {
    let mut client = machine(Role::Client);
    let mut bytes = [text(Role::Server, b"question"), vec![0xF1, 0]].concat();
    let mut input = &mut bytes[..];
    assert_eq!(
        client.connection.next_event(&mut input, &mut client.output),
        Some(Event::Message(Message::from("question")))
    );
    client.send("answer");
    assert_eq!(
        client.connection.next_event(&mut input, &mut client.output),
        Some(Event::Failed(Violation::ReservedBits { bits: 7 }))
    );
    let output = client.take_output();
    let (answer, size) = FrameHeader::decode(&output).unwrap();
    assert_eq!((answer.opcode, answer.length), (Opcode::Text, 6));
    assert_eq!(close_in(&output[size + 6..]).code, CloseCode::PROTOCOL_ERROR);
}

#[test]
fn messages_that_cross_our_close_are_still_delivered() {
    let mut client = machine(Role::Client);
    client
        .connection
        .close(CloseCode::NORMAL, "bye", &mut client.output)
        .unwrap();
    assert_eq!(
        close_in(&client.take_output()),
        Close::new(CloseCode::NORMAL, "bye")
    );
    let bytes = [
        text(Role::Server, b"too late?"),
        frame(Role::Server, true, Opcode::Ping, b""),
        frame(
            Role::Server,
            true,
            Opcode::Close,
            &Close::new(CloseCode::NORMAL, "").payload(),
        ),
    ];
    let seen = client.receive(&bytes.concat());
    assert_eq!(
        seen,
        [
            Event::Message(Message::from("too late?")),
            Event::Ping(b"".into()),
            Event::Closed(Close::new(CloseCode::NORMAL, ""))
        ]
    );
    assert!(client.output.is_empty(), "our Close was our last frame");
}

#[test]
fn a_reason_that_does_not_fit_is_cut_between_two_characters() {
    let close = Close::new(CloseCode::NORMAL, &"한".repeat(50));
    assert_eq!(close.reason, "한".repeat(41));
    assert_eq!(close.payload().len(), 125);
}

#[test]
fn only_good_codes_and_small_pings_can_be_sent() {
    let Machine {
        mut connection,
        mut output,
    } = machine(Role::Client);
    assert!(connection.close(CloseCode::ABNORMAL, "", &mut output).is_err());
    assert!(connection.close(CloseCode(2000), "", &mut output).is_err());
    assert!(connection.ping(&[0; 126], &mut output).is_err());
    assert!(output.is_empty());
    connection.ping(&[0; 125], &mut output).unwrap();
    connection.close(CloseCode(4999), "", &mut output).unwrap();
    let again = connection.close(CloseCode::NORMAL, "", &mut output);
    assert!(again.is_err(), "one Close is all there is");
}
