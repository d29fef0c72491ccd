//! Whatever comes as compressed bytes ends in an event, in the same one however it is cut, and within the limit; whatever
//! is packed unpacks to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use websocket::deflate::{Agreement, Compression};
use websocket::frame::{self, FrameHeader, Opcode, RSV1};
use websocket::{Connection, Event, Message, Options, Role};

const LIMIT: usize = 100_000;

fn end(role: Role, settings: u8) -> Connection {
    let bits = |bits: u8| Some(8 + bits % 8);
    let agreement = Agreement {
        server_no_context_takeover: settings & 1 != 0,
        client_no_context_takeover: settings & 2 != 0,
        server_max_window_bits: bits(settings >> 2),
        client_max_window_bits: bits(settings >> 5),
    };
    let compression = Compression {
        threshold: 0,
        level: 1 + settings % 9,
        ..Compression::default()
    };
    let options = Options {
        compression: Some(compression),
        message_limit: LIMIT,
        ..Options::default()
    };
    Connection::new(role, options).compressed(Some(&agreement))
}

fn receive(connection: &mut Connection, bytes: &[u8], piece: usize) -> Vec<Event<'static>> {
    let mut events = Vec::new();
    let mut output = Vec::new();
    for piece in bytes.to_vec().chunks_mut(piece) {
        let mut input = piece;
        while let Some(event) = connection.next_event(&mut input, &mut output) {
            events.push(event.into_owned());
        }
    }
    events
}

fuzz_target!(|bytes: &[u8]| {
    let [settings, piece, bytes @ ..] = bytes else {
        return;
    };
    let piece = 1 + usize::from(*piece);

    let mut wire = Vec::new();
    for _ in 0..2 {
        let header = FrameHeader {
            reserved: RSV1,
            ..FrameHeader::whole(Opcode::Text, bytes.len(), None)
        };
        frame::encode(&header, bytes, &mut wire);
    }
    let whole = receive(&mut end(Role::Client, *settings), &wire, wire.len());
    let pieces = receive(&mut end(Role::Client, *settings), &wire, piece);
    assert_eq!(whole, pieces);
    for event in &whole {
        if let Event::Message(message) = event {
            assert!(message.as_bytes().len() <= LIMIT);
        }
    }

    let (mut client, mut server) = (end(Role::Client, *settings), end(Role::Server, *settings));
    for round in 1..3 {
        let mut wire = Vec::new();
        let message = Message::from(bytes.repeat(round));
        client.send(message.clone(), &mut wire).expect("it is open");
        assert_eq!(receive(&mut server, &wire, piece), [Event::Message(message)]);
    }
});
