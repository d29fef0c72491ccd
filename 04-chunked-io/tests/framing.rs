//! Framing: any split of the bytes gives the same messages, and nothing is believed beyond its limit.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use chunked_io::Error;
use chunked_io::framing::{FramingError, LengthDecoder, LengthFraming, pull_framed, send_framed};
use proptest::prelude::*;
use tcp_socket::ScriptedPeer;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_header_has_the_width_and_the_order_that_were_asked_for() {
    let encode = |bytes: Result<Vec<u8>, FramingError>| bytes.unwrap().escape_ascii().to_string();
    assert_eq!(encode(LengthFraming::<1>::big_endian(9).encode(b"HI")), r"\x02HI");
    assert_eq!(
        encode(LengthFraming::<2>::big_endian(9).encode(b"HI")),
        r"\x00\x02HI"
    );
    assert_eq!(
        encode(LengthFraming::<3>::little_endian(9).encode(b"HI")),
        r"\x02\x00\x00HI"
    );
    assert_eq!(
        encode(LengthFraming::<4>::big_endian(9).encode(b"")),
        r"\x00\x00\x00\x00"
    );
    assert_eq!(
        encode(LengthFraming::<8>::little_endian(9).encode(b"HI")),
        r"\x02\x00\x00\x00\x00\x00\x00\x00HI"
    );
}

#[test]
fn a_message_over_the_limit_or_beyond_the_header_is_not_encoded() {
    let over = LengthFraming::<4>::big_endian(4).encode(b"HELLO").unwrap_err();
    assert_eq!(over.to_string(), "a message of 5 bytes is over the limit of 4");
    let narrow = LengthFraming::<1>::big_endian(usize::MAX);
    assert_eq!(narrow.encode(&[0; 255]).unwrap().len(), 256);
    let over = narrow.encode(&[0; 256]).unwrap_err();
    assert_eq!(
        over.to_string(),
        "a message of 256 bytes is over the limit of 255"
    );
}

#[test]
fn a_header_that_announces_too_much_is_refused_before_its_message_comes() {
    let mut decoder = LengthDecoder::new(LengthFraming::<8>::big_endian(1000));
    decoder.feed(&[0xFF; 8]);
    assert_eq!(
        decoder.next_message().unwrap_err(),
        FramingError::TooLong {
            length: u64::MAX,
            limit: 1000
        }
    );
}

#[test]
fn an_end_inside_a_message_is_told_from_an_end_between_two() {
    let mut decoder = LengthDecoder::new(LengthFraming::<2>::big_endian(100));
    decoder.feed(b"\x00\x05HELLO\x00\x05WO");
    assert_eq!(decoder.next_message().unwrap().unwrap(), b"HELLO");
    assert_eq!(decoder.next_message().unwrap(), None);
    assert_eq!(
        decoder.finish().unwrap_err().to_string(),
        "the stream ended 4 bytes into a message"
    );
    decoder.feed(b"RLD");
    assert_eq!(decoder.next_message().unwrap().unwrap(), b"WORLD");
    decoder.finish().unwrap();
}

#[test]
fn pull_framed_takes_one_message_and_not_a_byte_more() {
    let framing = LengthFraming::<2>::big_endian(100);
    let mut peer = ScriptedPeer::new()
        .gives_in_pieces(b"\x00\x05HELLO", 3)
        .gives(b"\x00\x00")
        .closes();
    assert_eq!(
        pull_framed(&mut peer, &framing, SECOND).unwrap().unwrap(),
        b"HELLO"
    );
    assert_eq!(pull_framed(&mut peer, &framing, SECOND).unwrap().unwrap(), b"");
    assert_eq!(pull_framed(&mut peer, &framing, SECOND).unwrap(), None);
    assert_eq!(
        peer.transcript(),
        "pull(2) -> 2 \"\\x00\\x05\"\n\
         pull(5) -> 1 \"H\"\n\
         pull(4) -> 3 \"ELL\"\n\
         pull(1) -> 1 \"O\"\n\
         pull(2) -> 2 \"\\x00\\x00\"\n\
         pull(2) -> 0 (closed)\n"
    );
}

#[test]
fn pull_framed_tells_an_end_inside_the_header_and_inside_the_message() {
    let framing = LengthFraming::<2>::big_endian(100);
    let after = |bytes: &[u8]| {
        let mut peer = ScriptedPeer::new().gives(bytes).closes();
        pull_framed(&mut peer, &framing, SECOND).unwrap_err()
    };
    let header = after(b"\x00");
    assert!(
        matches!(&header, Error::EndedEarly { moved: 1, wanted, .. } if wanted == "2 bytes"),
        "{header:?}"
    );
    let message = after(b"\x00\x05HE");
    assert!(
        matches!(&message, Error::EndedEarly { moved: 2, wanted, .. } if wanted == "5 bytes"),
        "{message:?}"
    );
}

#[test]
fn pull_framed_names_the_length_that_breaks_the_limit() {
    let framing = LengthFraming::<4>::big_endian(1024);
    let mut peer = ScriptedPeer::new().gives(b"HTTP/1.1 400 Bad Request\r\n");
    let error = pull_framed(&mut peer, &framing, SECOND).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the framing with the scripted peer is broken: a message of 1213486160 bytes is over the limit of 1024"
    );
}

#[test]
fn a_large_length_reserves_no_memory_for_what_never_comes() {
    let framing = LengthFraming::<8>::big_endian(usize::MAX);
    let mut peer = ScriptedPeer::new().gives(&[0x7F; 8]).gives(b"HELLO").closes();
    let error = pull_framed(&mut peer, &framing, SECOND).unwrap_err();
    assert_eq!(error.moved(), 5);
}

#[test]
fn send_framed_refuses_what_does_not_fit_and_sends_nothing() {
    let framing = LengthFraming::<1>::big_endian(3);
    let mut peer = ScriptedPeer::new();
    let error = send_framed(&mut peer, &framing, b"HELLO", SECOND).unwrap_err();
    assert!(matches!(error, Error::Framing { moved: 0, .. }), "{error:?}");
    assert_eq!(peer.received(), b"");
}

/// What a decoder finds in `bytes` when they come in pieces of these sizes, again and again.
fn decode<const WIDTH: usize>(framing: LengthFraming<WIDTH>, bytes: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut decoder = LengthDecoder::new(framing);
    let mut found = Vec::new();
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        decoder.feed(piece);
        while let Some(message) = decoder.next_message().unwrap() {
            found.push(message);
        }
        rest = after;
    }
    decoder.finish().unwrap();
    found
}

fn round_trip<const WIDTH: usize>(messages: &[Vec<u8>], sizes: &[usize]) -> Result<(), TestCaseError> {
    for framing in [
        LengthFraming::<WIDTH>::big_endian(40),
        LengthFraming::<WIDTH>::little_endian(40),
    ] {
        let bytes: Vec<u8> = messages
            .iter()
            .flat_map(|message| framing.encode(message).unwrap())
            .collect();
        prop_assert_eq!(decode(framing, &bytes, sizes), messages);
        let mut peer = ScriptedPeer::new();
        for message in messages {
            send_framed(&mut peer, &framing, message, SECOND).unwrap();
        }
        prop_assert_eq!(peer.received(), &bytes);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_the_same_messages_at_every_width(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..12),
        sizes in prop::collection::vec(1usize..50, 1..9),
    ) {
        round_trip::<1>(&messages, &sizes)?;
        round_trip::<2>(&messages, &sizes)?;
        round_trip::<3>(&messages, &sizes)?;
        round_trip::<4>(&messages, &sizes)?;
        round_trip::<5>(&messages, &sizes)?;
        round_trip::<6>(&messages, &sizes)?;
        round_trip::<7>(&messages, &sizes)?;
        round_trip::<8>(&messages, &sizes)?;
    }

    #[test]
    fn arbitrary_bytes_are_messages_or_an_error_and_never_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut decoder = LengthDecoder::new(LengthFraming::<1>::big_endian(60));
        decoder.feed(&bytes);
        while let Ok(Some(_)) = decoder.next_message() {}
        let mut decoder = LengthDecoder::new(LengthFraming::<8>::little_endian(60));
        decoder.feed(&bytes);
        while let Ok(Some(_)) = decoder.next_message() {}
    }
}
