//! Framing, by length, delimiter and chunk: any split of the bytes gives the same messages, and nothing is believed beyond its limit.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use chunked_io::Error;
use chunked_io::framing::chunked::{Part, encode_chunk, encode_end};
use chunked_io::framing::{
    ChunkedDecoder, DelimiterDecoder, DelimiterFraming, FramingError, LengthDecoder, LengthFraming,
    pull_framed, send_framed,
};
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
        matches!(&message, Error::EndedEarly { moved: 4, wanted, .. } if wanted == "7 bytes"),
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
    assert_eq!(error.moved(), 13);
}

#[test]
fn send_framed_refuses_what_does_not_fit_and_sends_nothing() {
    let framing = LengthFraming::<1>::big_endian(3);
    let mut peer = ScriptedPeer::new();
    let error = send_framed(&mut peer, &framing, b"HELLO", SECOND).unwrap_err();
    assert!(matches!(error, Error::Framing { moved: 0, .. }), "{error:?}");
    assert_eq!(peer.received(), b"");
}

// By delimiter.

fn lines(limit: usize) -> DelimiterFraming {
    DelimiterFraming::new(b"\r\n", limit).unwrap()
}

#[test]
fn a_message_that_would_end_in_its_middle_is_not_encoded() {
    let error = lines(100).encode(b"HELLO\r\nWORLD").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the message holds the delimiter at byte 5: escape it, or frame by length"
    );
    assert_eq!(lines(100).encode(b"HELLO\r").unwrap(), b"HELLO\r\r\n");
    // The delimiter begins in the message and ends in the delimiter.
    let aba = DelimiterFraming::new(b"aba", 100).unwrap();
    assert_eq!(
        aba.encode(b"ab"),
        Err(FramingError::DelimiterInside { position: 0 })
    );
}

#[test]
fn an_empty_delimiter_is_refused() {
    assert_eq!(DelimiterFraming::new(b"", 100), Err(FramingError::EmptyDelimiter));
}

#[test]
fn a_line_may_be_as_long_as_the_limit_however_it_arrives() {
    for size in 1..=8 {
        let found = |text: &[u8]| {
            let mut decoder = DelimiterDecoder::new(lines(5));
            text.chunks(size).find_map(|piece| {
                decoder.feed(piece);
                decoder.next_message().transpose()
            })
        };
        assert_eq!(
            found(b"HELLO\r\n"),
            Some(Ok(b"HELLO".to_vec())),
            "in pieces of {size}"
        );
        let too_long = found(b"HELLO!\r\n");
        assert!(
            matches!(too_long, Some(Err(FramingError::TooLong { limit: 5, .. }))),
            "{too_long:?}"
        );
        // An end that never comes is given up, too.
        let endless = found(b"HELLO WORLD");
        assert!(
            matches!(endless, Some(Err(FramingError::TooLong { limit: 5, .. }))),
            "{endless:?}"
        );
    }
}

// By chunk.

/// All that a decoder finds in `bytes` when they come in pieces of these sizes, again and again: the data in one
/// piece, the lines of the trailer, and whether the end was there.
fn dechunk(
    bytes: &[u8],
    sizes: &[usize],
    limit: usize,
) -> Result<(Vec<u8>, Vec<String>, bool), FramingError> {
    let mut decoder = ChunkedDecoder::new(limit);
    let (mut data, mut trailer, mut ended) = (Vec::new(), Vec::new(), false);
    for piece in pieces(bytes, sizes) {
        decoder.feed(piece);
        while let Some(part) = decoder.next_part()? {
            match part {
                Part::Data(bytes) => data.extend(bytes),
                Part::Trailer(line) => trailer.push(String::from_utf8(line).unwrap()),
                Part::End => ended = true,
            }
        }
    }
    assert_eq!(decoder.finish().is_ok(), ended);
    Ok((data, trailer, ended))
}

#[test]
fn the_example_of_a_chunked_answer_is_read() {
    // Extensions and a trailer, as RFC 9112, section 7.1 allows them.
    let answer = b"4;name=value\r\nWiki\r\n0005 ; a=\"b\"\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\nExpires: never\r\nX: y\r\n\r\n";
    let (data, trailer, ended) = dechunk(answer, &[1000], 100).unwrap();
    assert_eq!(data, b"Wikipedia in\r\n\r\nchunks.");
    assert_eq!(trailer, ["Expires: never", "X: y"]);
    assert!(ended);
}

#[test]
fn what_follows_the_end_is_left_for_the_next_reader() {
    let mut decoder = ChunkedDecoder::new(100);
    decoder.feed(b"1\r\nA\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n");
    assert_eq!(decoder.next_part().unwrap(), Some(Part::Data(b"A".to_vec())));
    assert_eq!(decoder.next_part().unwrap(), Some(Part::End));
    assert_eq!(decoder.next_part().unwrap(), None);
    assert_eq!(decoder.into_rest(), b"HTTP/1.1 200 OK\r\n");
}

#[test]
fn no_data_is_no_chunk_because_that_would_be_the_end() {
    assert_eq!(encode_chunk(b""), b"");
    assert_eq!(encode_chunk(&[b'x'; 26])[..4], *b"1A\r\n");
}

#[test]
fn sizes_that_parsers_disagree_about_are_refused() {
    for size in [
        "",
        " 5",
        "5 ",
        "+5",
        "-5",
        "0x5",
        "5 5",
        "5,",
        "g",
        "5\n",
        "5\r",
        "5;\n",
        "5;\0",
        "FFFFFFFFFFFFFFFFF",
    ] {
        let body = format!("{size}\r\nHELLO\r\n0\r\n\r\n");
        let error = dechunk(body.as_bytes(), &[3], 100).unwrap_err();
        assert!(
            matches!(error, FramingError::Malformed { .. }),
            "{size:?}: {error:?}"
        );
    }
}

#[test]
fn a_chunk_that_is_longer_or_shorter_than_it_said_is_refused() {
    for body in [
        "4\r\nHELLO\r\n0\r\n\r\n",
        "5\r\nHELL\r\n0\r\n\r\n",
        "5\r\nHELLO\n0\r\n\r\n",
    ] {
        let error = dechunk(body.as_bytes(), &[2], 100).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the coding is broken: a chunk ends in CR LF, right behind its last byte (RFC 9112, section 7.1)"
        );
    }
}

#[test]
fn chunks_over_the_limit_are_refused_before_they_come() {
    assert!(dechunk(b"5\r\nHELLO\r\n5\r\nWORLD\r\n0\r\n\r\n", &[1], 10).is_ok());
    assert_eq!(
        dechunk(b"5\r\nHELLO\r\n6\r\n", &[1], 10),
        Err(FramingError::TooLong {
            length: 11,
            limit: 10
        })
    );
    assert_eq!(
        dechunk(b"5\r\nHELLO\r\nFFFFFFFFFFFFFFFF\r\n", &[1], 10),
        Err(FramingError::TooLong {
            length: u64::MAX,
            limit: 10
        })
    );
}

#[test]
fn lines_and_trailers_without_end_are_refused() {
    let endless_line = [b"5;".as_slice(), &[b'x'; 9000]].concat();
    assert!(dechunk(&endless_line, &[100], 10).is_err());
    let endless_trailer = [b"0\r\n".as_slice(), &b"a: b\r\n".repeat(101)].concat();
    assert!(dechunk(&endless_trailer, &[100], 10).is_err());
}

#[test]
fn an_end_of_the_stream_inside_a_chunk_is_told() {
    let mut decoder = ChunkedDecoder::new(100);
    decoder.feed(b"5\r\nHEL");
    while decoder.next_part().unwrap().is_some() {}
    assert_eq!(decoder.finish(), Err(FramingError::Unfinished { pending: 3 }));
}

// All of them, however the bytes are cut.

/// `bytes` in pieces of these sizes, again and again.
fn pieces<'a>(bytes: &'a [u8], sizes: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = bytes;
    sizes.iter().cycle().map_while(move |size| {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// What a decoder finds in `bytes` when they come in pieces of these sizes, again and again.
fn decode<const WIDTH: usize>(framing: LengthFraming<WIDTH>, bytes: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut decoder = LengthDecoder::new(framing);
    let mut found = Vec::new();
    for piece in pieces(bytes, sizes) {
        decoder.feed(piece);
        while let Some(message) = decoder.next_message().unwrap() {
            found.push(message);
        }
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

    #[test]
    fn any_split_of_the_bytes_gives_the_same_lines(
        messages in prop::collection::vec("[ab\r\n]{0,12}", 0..12),
        delimiter in "[ab\r\n]{1,3}",
        sizes in prop::collection::vec(1usize..20, 1..9),
    ) {
        let framing = DelimiterFraming::new(delimiter.as_bytes(), 12).unwrap();
        // Only those that can be sent are expected to arrive.
        let sent: Vec<_> = messages.iter().filter_map(|text| Some((text, framing.encode(text.as_bytes()).ok()?))).collect();
        let bytes: Vec<u8> = sent.iter().flat_map(|(_, frame)| frame.clone()).collect();
        let mut decoder = DelimiterDecoder::new(framing);
        let mut found = Vec::new();
        for piece in pieces(&bytes, &sizes) {
            decoder.feed(piece);
            while let Some(message) = decoder.next_message().unwrap() {
                found.push(String::from_utf8(message).unwrap());
            }
        }
        decoder.finish().unwrap();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), sent.iter().map(|(text, _)| *text).collect::<Vec<_>>());
    }

    #[test]
    fn any_split_of_the_bytes_gives_the_same_chunked_message(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..12),
        sizes in prop::collection::vec(1usize..50, 1..9),
    ) {
        let mut bytes: Vec<u8> = chunks.iter().flat_map(|chunk| encode_chunk(chunk)).collect();
        bytes.extend(encode_end());
        prop_assert_eq!(dechunk(&bytes, &sizes, 480).unwrap(), (chunks.concat(), Vec::new(), true));
    }

    #[test]
    fn arbitrary_bytes_never_make_a_chunked_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut decoder = ChunkedDecoder::new(60);
        decoder.feed(&bytes);
        while let Ok(Some(_)) = decoder.next_part() {}
    }

    #[test]
    fn damaged_chunks_are_an_error_or_data_within_the_limit_and_never_a_panic(
        position in 0usize..40,
        byte in any::<u8>(),
    ) {
        let mut body = b"5;a=b\r\nHELLO\r\n6\r\n WORLD\r\n0\r\nX: y\r\n\r\n".to_vec();
        if let Some(at) = body.get_mut(position) {
            *at = byte;
        }
        // A byte of the trailer's name may be anything; only the data has a bound.
        let mut decoder = ChunkedDecoder::new(20);
        decoder.feed(&body);
        let mut data = 0;
        while let Ok(Some(part)) = decoder.next_part() {
            if let Part::Data(bytes) = part {
                data += bytes.len();
            }
        }
        prop_assert!(data <= 20);
    }
}
