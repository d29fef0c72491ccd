//! permessage-deflate: what is agreed on, what travels, and what a hostile peer can do with it (RFC 7692).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Machine;
use proptest::prelude::*;
use websocket::deflate::{Agreement, Compression};
use websocket::extension::Extension;
use websocket::frame::{self, FrameHeader, Opcode, RSV1};
use websocket::{Connection, Event, Message, Options, Prepared, Role, Violation};

fn offers(text: &str) -> Vec<Extension> {
    Extension::parse_list(text).unwrap()
}

/// What a server with `settings` answers to an offer.
fn answer(settings: &Compression, offer: &str) -> Option<String> {
    let agreement = settings.answer(&offers(offer))?;
    Some(agreement.to_extension().to_string())
}

#[test]
fn a_server_takes_each_parameter_as_the_standard_says() {
    let settings = Compression::default();
    for (offer, expected) in [
        ("permessage-deflate", Some("permessage-deflate")),
        (
            "permessage-deflate; client_max_window_bits",
            Some("permessage-deflate"),
        ),
        (
            "permessage-deflate; client_max_window_bits=10",
            Some("permessage-deflate; client_max_window_bits=10"),
        ),
        (
            "permessage-deflate; server_max_window_bits=\"10\"",
            Some("permessage-deflate; server_max_window_bits=10"),
        ),
        (
            "permessage-deflate; server_max_window_bits=15",
            Some("permessage-deflate; server_max_window_bits=15"),
        ),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        ),
        (
            "x-webkit-deflate-frame, permessage-deflate",
            Some("permessage-deflate"),
        ),
        ("permessage-bzip2", None),
        ("", None),
        // Section 7.1: an offer with any of these is declined.
        ("permessage-deflate; unheard_of", None),
        ("permessage-deflate; server_no_context_takeover=1", None),
        (
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            None,
        ),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; server_max_window_bits=7", None),
        ("permessage-deflate; server_max_window_bits=16", None),
        ("permessage-deflate; server_max_window_bits=010", None),
        ("permessage-deflate; server_max_window_bits=+10", None),
        (
            "permessage-deflate; client_max_window_bits=8; client_max_window_bits",
            None,
        ),
        // And the next one is looked at.
        (
            "permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=9",
            Some("permessage-deflate; server_max_window_bits=9"),
        ),
    ] {
        assert_eq!(answer(&settings, offer).as_deref(), expected, "{offer}");
    }
}

#[test]
fn a_server_limits_what_it_has_to_remember() {
    let settings = Compression {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 11,
        client_max_window_bits: 12,
        ..Compression::default()
    };
    assert_eq!(
        answer(&settings, "permessage-deflate; client_max_window_bits").unwrap(),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
         server_max_window_bits=11; client_max_window_bits=12"
    );
    let without = answer(&settings, "permessage-deflate").unwrap();
    assert!(
        !without.contains("client_max"),
        "the client has not said that it can: {without}"
    );
}

#[test]
fn a_client_offers_a_second_choice_when_it_asks_much() {
    let texts = |settings: &Compression| -> Vec<String> {
        settings.offers().iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        texts(&Compression::default()),
        ["permessage-deflate; client_max_window_bits"]
    );
    let demanding = Compression {
        server_max_window_bits: 10,
        client_no_context_takeover: true,
        client_max_window_bits: 9,
        ..Compression::default()
    };
    assert_eq!(
        texts(&demanding),
        [
            "permessage-deflate; server_max_window_bits=10; client_no_context_takeover; client_max_window_bits=9",
            "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
        ]
    );
}

#[test]
fn a_client_takes_no_answer_that_fits_no_offer() {
    for (offer, granted, is_good) in [
        ("permessage-deflate", "permessage-deflate", true),
        // A server may bind itself, and ask the client to forget.
        (
            "permessage-deflate",
            "permessage-deflate; server_no_context_takeover",
            true,
        ),
        (
            "permessage-deflate",
            "permessage-deflate; client_no_context_takeover",
            true,
        ),
        (
            "permessage-deflate",
            "permessage-deflate; server_max_window_bits=9",
            true,
        ),
        // It may not limit a client that has not said that it can be.
        (
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits=9",
            false,
        ),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=9",
            true,
        ),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits",
            false,
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate",
            false,
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=11",
            false,
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=9",
            true,
        ),
        (
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate",
            false,
        ),
        (
            "permessage-deflate; server_no_context_takeover, permessage-deflate",
            "permessage-deflate",
            true,
        ),
        ("permessage-deflate", "permessage-deflate; unheard_of", false),
    ] {
        let agreement = Agreement::read(&offers(granted)[0], &offers(offer));
        assert_eq!(agreement.is_some(), is_good, "{offer} -> {granted}");
    }
}

/// Two ends that have agreed on `answer`.
fn pair(settings: &Compression, answer: &str) -> (Machine, Machine) {
    let agreement = Agreement::read(
        &offers(answer)[0],
        &offers("permessage-deflate; client_max_window_bits"),
    );
    let end = |role| {
        let options = Options {
            compression: Some(settings.clone()),
            message_limit: 1_000_000,
            ..Options::default()
        };
        Machine {
            connection: Connection::new(role, options).compressed(agreement.as_ref()),
            output: Vec::new(),
        }
    };
    (end(Role::Client), end(Role::Server))
}

fn everything() -> Compression {
    Compression {
        threshold: 0,
        ..Compression::default()
    }
}

fn is_compressed(frame: &[u8]) -> bool {
    FrameHeader::decode(frame).unwrap().0.is_compressed()
}

/// A frame of a server's.
fn frame_of(fin: bool, reserved: u8, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = FrameHeader {
        fin,
        reserved,
        ..FrameHeader::whole(opcode, payload.len(), None)
    };
    frame::encode(&header, payload, &mut bytes);
    bytes
}

fn message_of(events: Vec<Event<'static>>) -> Message<'static> {
    match <[_; 1]>::try_from(events) {
        Ok([Event::Message(message)]) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_examples_of_section_7_2_3_are_understood() {
    let hello = Message::from("Hello");
    let once = frame_of(
        true,
        RSV1,
        Opcode::Text,
        &[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
    );
    let fragments = [
        frame_of(false, RSV1, Opcode::Text, &[0xF2, 0x48, 0xCD]),
        frame_of(true, 0, Opcode::Continuation, &[0xC9, 0xC9, 0x07, 0x00]),
    ];
    let uncompressed_block = [0, 0x05, 0, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0];
    let last_block = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00];
    let two_blocks = [
        0xF2, 0x48, 0x05, 0, 0, 0, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00,
    ];
    for bytes in [
        once.clone(),
        fragments.concat(),
        frame_of(true, RSV1, Opcode::Text, &uncompressed_block),
        frame_of(true, RSV1, Opcode::Text, &last_block),
        frame_of(true, RSV1, Opcode::Text, &two_blocks),
    ] {
        let (mut client, _) = pair(&everything(), "permessage-deflate");
        assert_eq!(message_of(client.receive(&bytes)), hello, "{bytes:02x?}");
        // Nothing is out of step afterwards.
        assert_eq!(message_of(client.receive(&once)), hello);
    }
    // The second message refers to the first (section 7.2.3.2).
    let (mut client, _) = pair(&everything(), "permessage-deflate");
    let shorter = frame_of(true, RSV1, Opcode::Text, &[0xF2, 0x00, 0x11, 0x00, 0x00]);
    assert_eq!(message_of(client.receive(&once)), hello);
    assert_eq!(message_of(client.receive(&shorter)), hello);
}

#[test]
fn an_empty_message_is_one_byte() {
    let (mut client, mut server) = pair(&everything(), "permessage-deflate");
    for _ in 0..3 {
        server.send("");
        let bytes = server.take_output();
        assert_eq!(bytes, [0xC1, 1, 0], "section 7.2.3.6");
        assert_eq!(message_of(client.receive(&bytes)), Message::from(""));
    }
}

#[test]
fn what_was_said_before_makes_the_next_message_short_unless_it_is_forgotten() {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(4);
    let lengths = |answer: &str| -> Vec<usize> {
        let (mut client, mut server) = pair(&everything(), answer);
        let lengths = (0..3).map(|_| {
            server.send(&*text);
            let bytes = server.take_output();
            assert_eq!(message_of(client.receive(&bytes)), Message::from(&*text));
            bytes.len()
        });
        lengths.collect()
    };
    let remembering = lengths("permessage-deflate");
    assert!(remembering[1] < remembering[0] / 2, "{remembering:?}");
    let forgetting = lengths("permessage-deflate; server_no_context_takeover");
    assert_eq!(forgetting[1], forgetting[0]);
    assert_eq!(forgetting[2], forgetting[0]);
}

#[test]
fn small_messages_and_those_that_would_not_shrink_travel_as_they_are() {
    let (mut client, mut server) = pair(
        &Compression::default(),
        "permessage-deflate; server_no_context_takeover",
    );
    // A hash of numbers is as good as noise.
    let noise: Vec<u8> = (0u64..5000)
        .map(|number| (number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_pow(3) >> 56).to_le_bytes()[0])
        .collect();
    for (message, expected) in [
        (Message::from("short"), false),
        (Message::from("long ".repeat(100)), true),
        (Message::from(noise), false),
        (Message::from("long ".repeat(100)), true),
    ] {
        server.send(message.clone());
        let bytes = server.take_output();
        assert_eq!(
            is_compressed(&bytes),
            expected,
            "{} bytes",
            message.as_bytes().len()
        );
        assert!(message_of(client.receive(&bytes)) == message);
    }
}

#[test]
fn with_a_window_of_256_bytes_everything_travels_as_it_is() {
    let (mut client, mut server) = pair(&everything(), "permessage-deflate; server_max_window_bits=8");
    let text = "over and ".repeat(1000);
    server.send(&*text);
    let bytes = server.take_output();
    assert!(!is_compressed(&bytes));
    assert_eq!(message_of(client.receive(&bytes)), Message::from(&*text));
    client.send(&*text);
    let bytes = client.take_output();
    assert!(is_compressed(&bytes), "the other direction is as it was");
    assert_eq!(message_of(server.receive(&bytes)), Message::from(&*text));
}

#[test]
fn a_message_in_parts_is_compressed_as_one() {
    let (mut client, mut server) = pair(&everything(), "permessage-deflate");
    let (mut wire, mut pong) = (Vec::new(), Vec::new());
    server.connection.send_part("One ", false, &mut wire).unwrap();
    server.connection.ping(b"", &mut wire).unwrap();
    assert!(
        server.connection.send("no", &mut wire).is_err(),
        "not inside another"
    );
    assert!(
        server.connection.send_part(vec![1], false, &mut wire).is_err(),
        "not of another kind"
    );
    server.connection.send_part("message", false, &mut wire).unwrap();
    server.connection.send_part("", true, &mut wire).unwrap();
    server.connection.send("next", &mut wire).unwrap();

    let mut input = &mut wire[..];
    let next = || {
        client
            .connection
            .next_event(&mut input, &mut pong)
            .map(Event::into_owned)
    };
    let events: Vec<_> = std::iter::from_fn(next).collect();
    assert_eq!(
        events,
        [
            Event::Ping(b"".into()),
            Event::Message(Message::from("One message")),
            Event::Message(Message::from("next")),
        ]
    );
}

/// Feeds `bytes` to a client and expects it to fail.
fn fails(bytes: &[u8], violation: &Violation, code: u16) {
    let (mut client, _) = pair(&everything(), "permessage-deflate");
    let events = client.receive(bytes);
    assert_eq!(
        events.last(),
        Some(&Event::Failed(violation.clone())),
        "{bytes:02x?}"
    );
    assert_eq!(violation.close_code().0, code);
}

#[test]
fn the_bit_is_wrong_anywhere_but_at_the_beginning_of_a_message() {
    let fragments = [
        frame_of(false, RSV1, Opcode::Text, &[0xF2, 0x48, 0xCD]),
        frame_of(true, RSV1, Opcode::Continuation, &[0xC9, 0xC9, 0x07, 0x00]),
    ];
    fails(&fragments.concat(), &Violation::CompressionBit, 1002);
    fails(
        &frame_of(true, RSV1, Opcode::Ping, b""),
        &Violation::CompressionBit,
        1002,
    );
    let other = Violation::ReservedBits { bits: 0b110 };
    fails(&frame_of(true, 0b110, Opcode::Text, b""), &other, 1002);

    let mut unasked = Machine::new(Role::Client, Options::default());
    assert_eq!(
        unasked.receive(&frame_of(true, RSV1, Opcode::Text, &[0])),
        [Event::Failed(Violation::ReservedBits { bits: RSV1 })],
        "nobody agreed on it"
    );
}

#[test]
fn what_is_no_deflate_or_no_text_once_it_is_unpacked_fails_with_1007() {
    fails(
        &frame_of(true, RSV1, Opcode::Text, &[0xFF; 10]),
        &Violation::NotDeflate,
        1007,
    );
    // A reference to before the beginning.
    fails(
        &frame_of(true, RSV1, Opcode::Text, &[0xF2, 0x00, 0x11, 0x00, 0x00]),
        &Violation::NotDeflate,
        1007,
    );
    let (_, mut server) = pair(&everything(), "permessage-deflate");
    server.send(vec![b'a', 0xFF, b'b']);
    let mut bytes = server.take_output();
    bytes[0] = 0x80 | RSV1 << 4 | 1;
    fails(&bytes, &Violation::InvalidUtf8 { valid: 1 }, 1007);
}

/// The fuzzer found one that was too long when it came in one piece, and no text when it came in two.
#[test]
fn a_text_that_is_too_long_and_no_text_is_judged_alike_however_it_is_cut() {
    let offer = offers("permessage-deflate");
    let agreement = Agreement::read(&offer[0], &offer);
    let options = Options {
        message_limit: 1000,
        ..Options::default()
    };
    let (_, mut server) = pair(&everything(), "permessage-deflate");
    server.send(vec![0xFF; 2000]);
    // The frame says that it is text.
    server.output[0] = 0xC1;
    for size in [1, 7, server.output.len()] {
        let mut client = Machine {
            connection: Connection::client(options.clone()).compressed(agreement.as_ref()),
            output: Vec::new(),
        };
        let pieces = server.output.chunks(size);
        let events: Vec<_> = pieces.flat_map(|piece| client.receive(piece)).collect();
        assert_eq!(events, [Event::Failed(Violation::InvalidUtf8 { valid: 0 })]);
    }
}

#[test]
fn a_bomb_stops_at_the_message_limit() {
    let (mut client, mut server) = pair(&everything(), "permessage-deflate");
    server.send(vec![0; 999_999]);
    server.send(vec![0; 1_000_000]);
    assert!(server.output.len() < 20_000, "{} bytes", server.output.len());
    assert_eq!(client.receive(&server.take_output()).len(), 2);

    server.send(vec![0; 20_000_000]);
    let bytes = server.take_output();
    let limit = 1_000_000;
    assert_eq!(
        client.receive(&bytes),
        [Event::Failed(Violation::MessageTooLong { limit })]
    );
}

proptest! {
    #[test]
    fn whatever_was_agreed_one_end_hears_what_the_other_says(
        messages in prop::collection::vec(
            prop_oneof![
                any::<String>().prop_map(Message::from),
                "(abc|de){0,400}".prop_map(Message::from),
                (any::<u8>(), 0usize..70_000).prop_map(|(byte, length)| Message::from(vec![byte; length])),
                prop::collection::vec(any::<u8>(), 0..3000).prop_map(Message::from),
            ],
            1..6,
        ),
        forget in any::<(bool, bool)>(),
        bits in (8u8..=15, 8u8..=15),
        level in 1u8..=9,
        pieces in 1usize..5000,
    ) {
        let mut answer = format!(
            "permessage-deflate; server_max_window_bits={}; client_max_window_bits={}", bits.0, bits.1
        );
        if forget.0 { answer.push_str("; server_no_context_takeover"); }
        if forget.1 { answer.push_str("; client_no_context_takeover"); }
        let settings = Compression { level, ..everything() };
        let (mut client, mut server) = pair(&settings, &answer);
        for message in &messages {
            client.send(message.clone());
            let mut heard = Vec::new();
            for piece in client.take_output().chunks(pieces) {
                heard.extend(server.receive(piece));
            }
            prop_assert_eq!(&message_of(heard), message);
            server.send(message.clone());
            let bytes = server.take_output();
            prop_assert_eq!(&message_of(client.receive(&bytes)), message);
        }
    }

    #[test]
    fn what_is_packed_for_all_may_stand_between_what_is_packed_for_one(
        said in prop::collection::vec(("[ab]{0,300}", any::<bool>()), 1..12),
        forgets in any::<bool>(),
        bits in 8u8..=15,
    ) {
        let mut answer = format!("permessage-deflate; server_max_window_bits={bits}");
        if forgets { answer.push_str("; server_no_context_takeover"); }
        let (mut client, mut server) = pair(&everything(), &answer);
        for (text, is_for_all) in &said {
            let bytes = if *is_for_all {
                server.connection.send_prepared(&Prepared::new(text.as_str())).unwrap().to_vec()
            } else {
                server.send(text.as_str());
                server.take_output()
            };
            prop_assert_eq!(message_of(client.receive(&bytes)), Message::from(text.as_str()));
        }
    }

    #[test]
    fn any_split_of_compressed_bytes_and_bad_ones_ends_the_same(
        packed in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            ("(abc|é|\u{1F9E6}){0,200}", prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4))
                .prop_map(|(text, changes)| {
                    let (_, mut server) = pair(&everything(), "permessage-deflate");
                    server.send(&*text);
                    let (header, size) = FrameHeader::decode(&server.output).unwrap();
                    assert!(header.is_compressed());
                    let mut packed = server.output[size..].to_vec();
                    for (index, byte) in changes {
                        let index = index.index(packed.len());
                        packed[index] = byte;
                    }
                    packed
                }),
        ],
        pieces in 1usize..50,
    ) {
        let bytes = frame_of(true, RSV1, Opcode::Text, &packed);
        let (mut client, _) = pair(&everything(), "permessage-deflate");
        let whole = client.receive(&bytes);
        let (mut client, _) = pair(&everything(), "permessage-deflate");
        let pieces: Vec<_> = bytes.chunks(pieces).flat_map(|piece| client.receive(piece)).collect();
        prop_assert_eq!(whole, pieces);
    }
}
