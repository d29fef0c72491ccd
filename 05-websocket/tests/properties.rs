//! What holds for all bytes and all messages.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use proptest::prelude::*;
use websocket::figure::FrameCutter;
use websocket::frame::{self, FrameHeader, Opcode};
use websocket::mask;
use websocket::{Event, Message, Options, Role};

use common::Machine;

fn machine(role: Role) -> Machine {
    let options = Options {
        message_limit: 100_000,
        ..Options::default()
    };
    Machine::new(role, options)
}

/// The events and the output, if `bytes` arrive in pieces that end at `cuts`.
fn run(role: Role, bytes: &[u8], cuts: &[usize]) -> (Vec<Event<'static>>, Vec<u8>) {
    let mut machine = machine(role);
    // Output of a client would hold random keys; what counts is how much of it there is.
    let mut events = Vec::new();
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        events.extend(machine.receive(&bytes[start..end]));
        start = end;
    }
    events.extend(machine.connection.receive_end().err().map(Event::Failed));
    (events, machine.take_output())
}

fn opcode() -> impl Strategy<Value = Opcode> {
    prop_oneof![
        8 => prop_oneof![
            Just(Opcode::Text),
            Just(Opcode::Binary),
            Just(Opcode::Continuation),
            Just(Opcode::Ping),
            Just(Opcode::Pong),
        ],
        1 => Just(Opcode::Close),
        1 => (0u8..16).prop_map(Opcode::from),
    ]
}

/// Frames that are mostly right, so that a conversation gets somewhere.
fn a_frame(mask: Option<[u8; 4]>) -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![
        3 => ".{0,40}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (120usize..130).prop_map(|length| vec![b'x'; length]),
        1 => (65_530usize..65_540).prop_map(|length| vec![b'x'; length]),
    ];
    (prop::bool::weighted(0.8), opcode(), payload).prop_map(move |(fin, opcode, payload)| {
        let fin = fin || opcode.is_control();
        let mut bytes = Vec::new();
        frame::encode(
            &FrameHeader {
                fin,
                ..FrameHeader::whole(opcode, payload.len(), mask)
            },
            &payload,
            &mut bytes,
        );
        bytes
    })
}

fn conversation(mask: Option<[u8; 4]>) -> impl Strategy<Value = (Vec<u8>, Vec<usize>)> {
    prop::collection::vec(a_frame(mask), 1..8)
        .prop_map(|frames| frames.concat())
        .prop_flat_map(|bytes| {
            let cuts = prop::collection::vec(0..=bytes.len(), 0..20);
            (
                Just(bytes),
                cuts.prop_map(|mut cuts| {
                    cuts.sort_unstable();
                    cuts
                }),
            )
        })
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_a_server_the_same_events_and_answers(
        (bytes, cuts) in any::<[u8; 4]>().prop_flat_map(|key| conversation(Some(key)))
    ) {
        prop_assert_eq!(run(Role::Server, &bytes, &cuts), run(Role::Server, &bytes, &[]));
    }

    #[test]
    fn any_split_of_the_bytes_gives_a_client_the_same_events((bytes, cuts) in conversation(None)) {
        let (events, output) = run(Role::Client, &bytes, &cuts);
        let (whole_events, whole_output) = run(Role::Client, &bytes, &[]);
        prop_assert_eq!(events, whole_events);
        prop_assert_eq!(output.len(), whole_output.len());
    }

    #[test]
    fn byte_by_byte_is_a_split_too((bytes, _) in conversation(None)) {
        let bytes = &bytes[..bytes.len().min(2000)];
        let cuts: Vec<usize> = (0..bytes.len()).collect();
        prop_assert_eq!(run(Role::Client, bytes, &cuts).0, run(Role::Client, bytes, &[]).0);
    }

    #[test]
    fn arbitrary_bytes_end_in_an_event_and_never_in_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        is_client in any::<bool>(),
    ) {
        let role = if is_client { Role::Client } else { Role::Server };
        let (events, _) = run(role, &bytes, &[]);
        prop_assert!(matches!(events.last(), Some(Event::Closed(_) | Event::Failed(_))));
        FrameCutter::default().push(&bytes).iter().for_each(|figure| drop(figure.to_string()));
    }

    #[test]
    fn what_one_end_says_the_other_hears(
        messages in prop::collection::vec(
            prop_oneof![
                any::<String>().prop_map(Message::from),
                (any::<u8>(), 0usize..70_000).prop_map(|(byte, length)| Message::from(vec![byte; length])),
            ],
            0..6,
        ),
        is_client in any::<bool>(),
    ) {
        let role = if is_client { Role::Client } else { Role::Server };
        let (mut here, mut there) = (machine(role), machine(role.peer()));
        messages.iter().for_each(|message| here.send(message.clone()));
        let heard = there.receive(&here.output);
        prop_assert_eq!(heard, messages.into_iter().map(Event::Message).collect::<Vec<_>>());
    }

    #[test]
    fn a_header_that_is_written_reads_the_same(
        fin in any::<bool>(),
        reserved in 0u8..8,
        opcode in 0u8..16,
        mask in any::<Option<[u8; 4]>>(),
        length in prop_oneof![0u64..200, 65_000u64..66_000, any::<u64>()],
        follows in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let header = FrameHeader { fin, reserved, opcode: opcode.into(), mask, length };
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        let size = bytes.len();
        for cut in 0..size {
            prop_assert_eq!(FrameHeader::decode(&bytes[..cut]), None);
        }
        bytes.extend(follows);
        prop_assert_eq!(FrameHeader::decode(&bytes), Some((header, size)));
    }

    #[test]
    fn masking_is_byte_by_byte_xor_wherever_it_begins_and_undoes_itself(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        key in any::<[u8; 4]>(),
        offset in 0usize..9,
    ) {
        let mut masked = bytes.clone();
        mask::apply(&mut masked, key, offset);
        let by_the_book: Vec<u8> =
            bytes.iter().enumerate().map(|(i, byte)| byte ^ key[(offset + i) % 4]).collect();
        prop_assert_eq!(&masked, &by_the_book);
        mask::apply(&mut masked, key, offset);
        prop_assert_eq!(masked, bytes);
    }
}
