//! Any bytes, cut anywhere, give the same events, end in one, and never make the machine hold more than its limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use websocket::deflate::Agreement;
use websocket::mask::KeySource;
use websocket::{Connection, Event, Options, Role};

const LIMIT: usize = 1000;

fn machine(settings: u8, in_parts: bool) -> Connection {
    let role = if settings & 1 == 0 {
        Role::Client
    } else {
        Role::Server
    };
    let options = Options {
        message_limit: LIMIT,
        frame_limit: 600,
        masking_keys: KeySource::Fixed([1, 2, 3, 4]),
        in_parts,
        ..Options::default()
    };
    let agreement = Agreement {
        server_no_context_takeover: settings & 4 != 0,
        client_no_context_takeover: settings & 8 != 0,
        server_max_window_bits: None,
        client_max_window_bits: None,
    };
    Connection::new(role, options).compressed((settings & 2 != 0).then_some(&agreement))
}

/// The events, the output, and the end of the stream.
fn run(connection: &mut Connection, bytes: &[u8], piece: usize) -> (Vec<Event<'static>>, Vec<u8>) {
    let (mut events, mut output) = (Vec::new(), Vec::new());
    for piece in bytes.to_vec().chunks_mut(piece) {
        let mut input = piece;
        while let Some(event) = connection.next_event(&mut input, &mut output) {
            events.push(event.into_owned());
        }
        assert!(input.is_empty(), "everything is read");
        assert!(connection.held() <= LIMIT + 300);
    }
    events.extend(connection.receive_end().err().map(Event::Failed));
    (events, output)
}

fuzz_target!(|bytes: &[u8]| {
    let [settings, piece, bytes @ ..] = bytes else {
        return;
    };
    if bytes.is_empty() {
        return;
    }
    let piece = 1 + usize::from(*piece);
    let (events, output) = run(&mut machine(*settings, false), bytes, bytes.len());
    assert_eq!(
        (events.clone(), output.clone()),
        run(&mut machine(*settings, false), bytes, piece)
    );

    let (end, before) = events.split_last().expect("the stream has ended");
    assert!(matches!(end, Event::Closed(_) | Event::Failed(_)));
    let mut messages = Vec::new();
    for event in before {
        match event {
            Event::Message(message) => {
                assert!(message.as_bytes().len() <= LIMIT);
                messages.push(message.as_bytes().to_vec());
            }
            Event::Ping(payload) | Event::Pong(payload) => assert!(payload.len() <= 125),
            other => panic!("{other:?} is no event in the middle"),
        }
    }

    // In parts it is the same messages, and perhaps the beginning of one that the end cut off.
    let (parts, other_output) = run(&mut machine(*settings, true), bytes, piece);
    assert_eq!(output, other_output);
    let mut whole = vec![Vec::new()];
    for event in parts {
        if let (Event::Part { part, is_last }, Some(last)) = (event, whole.last_mut()) {
            last.extend_from_slice(part.as_bytes());
            if is_last {
                whole.push(Vec::new());
            }
        }
    }
    whole.pop();
    assert_eq!(whole, messages);
});
