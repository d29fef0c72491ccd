//! What holds for all bytes and all messages.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use proptest::prelude::*;
use websocket::figure::FrameCutter;
use websocket::frame::{self, FrameHeader, Opcode};
use websocket::mask;
use websocket::{Event, Message, Options, Role, Violation};

use common::Machine;

/// The longest message.
const LIMIT: usize = 100_000;

fn machine(role: Role) -> Machine {
    let options = Options {
        message_limit: LIMIT,
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
        assert!(
            machine.connection.held() <= LIMIT + 300,
            "{}",
            machine.connection.held()
        );
        start = end;
    }
    events.extend(machine.connection.receive_end().err().map(Event::Failed));
    (events, machine.take_output())
}

/// As [`run`], but what the machine has room for is received there, as the event loop does.
fn run_in_place(role: Role, bytes: &[u8], cuts: &[usize]) -> Vec<Event<'static>> {
    let mut machine = machine(role);
    let mut events = Vec::new();
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        while start < end {
            let Some(room) = machine.connection.room() else {
                events.extend(machine.receive(&bytes[start..end]));
                break;
            };
            let count = room.len().min(end - start);
            room[..count].copy_from_slice(&bytes[start..start + count]);
            events.extend(machine.connection.filled(count, &mut machine.output));
            assert!(machine.connection.held() <= LIMIT + 300);
            start += count;
        }
        start = end;
    }
    events.extend(machine.connection.receive_end().err().map(Event::Failed));
    events
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
    fn bytes_that_are_received_in_their_place_give_the_same_events(
        (bytes, cuts) in prop::collection::vec(
            prop_oneof![
                a_frame(Some([1, 2, 3, 4])),
                (20_000usize..LIMIT).prop_map(|length| {
                    let payload: Vec<u8> = (0..251).cycle().take(length).collect();
                    let mut bytes = Vec::new();
                    let header = FrameHeader::whole(Opcode::Binary, length, Some([9, 8, 7, 6]));
                    frame::encode(&header, &payload, &mut bytes);
                    bytes
                }),
            ],
            1..4,
        )
        .prop_map(|frames| frames.concat())
        .prop_flat_map(|bytes| (prop::collection::vec(0..=bytes.len(), 0..20), Just(bytes)))
        .prop_map(|(mut cuts, bytes)| {
            cuts.sort_unstable();
            (bytes, cuts)
        })
    ) {
        prop_assert_eq!(run_in_place(Role::Server, &bytes, &cuts), run(Role::Server, &bytes, &[]).0);
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
    fn a_conversation_with_a_few_bytes_changed_ends_as_well_and_holds_no_more_than_its_limits(
        (bytes, cuts) in conversation(Some([1, 2, 3, 4])),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = bytes;
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        let (events, answers) = run(Role::Server, &bytes, &cuts);
        prop_assert!(matches!(events.last(), Some(Event::Closed(_) | Event::Failed(_))));
        prop_assert_eq!((events, answers), run(Role::Server, &bytes, &[]));
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

/// A stream that ends after what was received, and lets go what is sent.
struct Received<'a>(&'a [u8]);

impl std::io::Read for Received<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl std::io::Write for Received<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What tungstenite makes of `bytes`: what was said, and whether it found fault with them.
fn tungstenite_hears(role: Role, bytes: &[u8]) -> (Vec<Message<'static>>, bool) {
    use tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
    use tungstenite::protocol::{Role as Side, WebSocket, WebSocketConfig};
    use tungstenite::{Error, Message as Theirs};

    let side = match role {
        Role::Client => Side::Client,
        Role::Server => Side::Server,
    };
    let config = WebSocketConfig::default().max_message_size(Some(100_000));
    let mut peer = WebSocket::from_raw_socket(Received(bytes), side, Some(config));
    let mut heard = Vec::new();
    loop {
        match peer.read() {
            Ok(Theirs::Text(text)) => heard.push(Message::from(text.to_string())),
            Ok(Theirs::Binary(bytes)) => heard.push(Message::from(bytes.to_vec())),
            Ok(_) => {}
            Err(Error::Protocol(ResetWithoutClosingHandshake)) => return (heard, false),
            Err(_) => return (heard, true),
        }
    }
}

/// The same of ours.
fn we_hear(role: Role, bytes: &[u8]) -> (Vec<Message<'static>>, Option<Violation>) {
    let mut heard = Vec::new();
    for event in run(role, bytes, &[]).0 {
        match event {
            Event::Message(message) => heard.push(message),
            Event::Failed(violation) => return (heard, Some(violation)),
            _ => {}
        }
    }
    (heard, None)
}

/// What RFC 6455 forbids and tungstenite lets pass.
#[test]
fn where_tungstenite_is_more_lenient_the_standard_is_not() {
    for (bytes, violation, words) in [
        (
            &[0x82, 126, 0, 1, b'x'][..],
            Violation::LengthNotMinimal { length: 1, bits: 16 },
            "5.2: in all cases, the minimal number of bytes MUST be used to encode the length",
        ),
        (
            &[0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1, b'x'],
            Violation::LengthNotMinimal { length: 1, bits: 64 },
            "5.2: in all cases, the minimal number of bytes MUST be used to encode the length",
        ),
        (
            // Half of a text frame; the rest has not come.
            &[0x81, 10, b'a', 0xFF],
            Violation::InvalidUtf8 { valid: 1 },
            "8.1: when an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in \
             fact, a valid UTF-8 stream, that endpoint MUST fail the connection",
        ),
    ] {
        let (_, ours) = we_hear(Role::Client, bytes);
        assert_eq!(ours, Some(violation), "{words}");
        let (_, found_fault) = tungstenite_hears(Role::Client, bytes);
        assert!(!found_fault, "it is stricter now: {words}");
    }
}

proptest! {
    #[test]
    fn tungstenite_hears_the_same_and_finds_fault_with_the_same(
        frames in prop::collection::vec(a_frame(Some([1, 2, 3, 4])), 1..8),
    ) {
        // What stands in a Close is another matter: each library has its own list of codes.
        let is_close = |frame: &Vec<u8>| frame[0] & 0x0F == Opcode::Close.bits();
        let bytes: Vec<u8> = frames.into_iter().filter(|frame| !is_close(frame)).flatten().collect();
        let (ours, violation) = we_hear(Role::Server, &bytes);
        let (theirs, found_fault) = tungstenite_hears(Role::Server, &bytes);
        prop_assert_eq!(ours, theirs);
        prop_assert_eq!(violation.as_ref().is_some_and(|violation| *violation != Violation::Lost), found_fault,
            "{:?}", violation);
    }
}
