//! Between a frame and its octets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use proptest::prelude::*;
use stomp::figure::FrameFigure;
use stomp::{Command, DecodeError, Decoder, Frame, Headers, Limits, Version, encode};

/// All frames in `octets`, which come in one piece.
fn decode(octets: &[u8], version: Option<Version>) -> Result<Vec<Frame>, DecodeError> {
    decode_pieces([octets], version)
}

fn decode_pieces<'o>(
    pieces: impl IntoIterator<Item = &'o [u8]>,
    version: Option<Version>,
) -> Result<Vec<Frame>, DecodeError> {
    let mut decoder = Decoder::new(Limits::default());
    if let Some(version) = version {
        decoder.set_version(version);
    }
    let mut frames = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(frame) = decoder.next_frame()? {
            frames.push(frame);
        }
    }
    Ok(frames)
}

fn decode_one(text: &str, version: Version) -> Result<Frame, DecodeError> {
    let mut frames = decode(text.as_bytes(), Some(version))?;
    assert_eq!(frames.len(), 1, "{text:?}");
    Ok(frames.remove(0))
}

fn encoded(frame: &Frame, version: Version) -> Vec<u8> {
    let mut octets = Vec::new();
    encode(frame, version, &mut octets).unwrap();
    octets
}

#[test]
fn a_frame_is_written_as_the_specification_prints_it() {
    let frame = Frame::new(Command::Send)
        .with("destination", "/queue/a")
        .with("content-type", "text/plain")
        .with_body("hello queue a");
    let expected =
        "SEND\ndestination:/queue/a\ncontent-type:text/plain\ncontent-length:13\n\nhello queue a\0";
    assert_eq!(encoded(&frame, Version::V1_2), expected.as_bytes());
}

#[test]
fn a_body_without_length_ends_at_the_first_octet_0() {
    let frames = decode(
        b"SEND\ndestination:/a\n\none\0SEND\ndestination:/b\n\ntwo\0",
        None,
    )
    .unwrap();
    assert_eq!(frames[0].body, b"one");
    assert_eq!(frames[1].body, b"two");
}

#[test]
fn a_body_with_length_may_hold_the_octet_0() {
    let frames = decode(b"SEND\ncontent-length:3\n\na\0b\0", None).unwrap();
    assert_eq!(frames[0].body, b"a\0b");
    assert!(
        frames[0].headers.is_empty(),
        "the length belongs to the writing, not to the frame"
    );
}

#[test]
fn ends_of_line_between_frames_are_passed_over() {
    let frames = decode(
        b"\n\r\n\nBEGIN\ntransaction:1\n\n\0\n\n\r\n\nCOMMIT\ntransaction:1\n\n\0\n",
        None,
    );
    assert_eq!(frames.unwrap().len(), 2);
}

#[test]
fn cr_lf_ends_a_line_in_1_2_only() {
    let text = "SEND\r\ndestination:/a\r\n\r\nhi\0";
    assert_eq!(
        decode_one(text, Version::V1_2).unwrap().header("destination"),
        Some("/a")
    );
    for version in [Version::V1_0, Version::V1_1] {
        let error = decode_one(text, version).unwrap_err();
        assert!(error.to_string().contains("accept-version:1.2"), "{error}");
    }
    // In a value it is data there.
    let frame = decode_one("SEND\nname:value\r\n\n\0", Version::V1_1).unwrap();
    assert_eq!(frame.header("name"), Some("value\r"));
}

#[test]
fn the_first_of_repeated_headers_wins() {
    let frame = decode_one("MESSAGE\nfoo:World\nfoo:Hello\n\n\0", Version::V1_2).unwrap();
    assert_eq!(frame.header("foo"), Some("World"));
    assert_eq!(frame.headers.len(), 2);
    let frame = decode_one("SEND\ncontent-length:2\ncontent-length:9\n\nhi\0", Version::V1_2).unwrap();
    assert_eq!(frame.body, b"hi");
}

#[test]
fn nothing_is_trimmed_and_nothing_changes_its_case() {
    let frame = decode_one("SEND\n Name :  value \n\n\0", Version::V1_2).unwrap();
    assert_eq!(frame.header(" Name "), Some("  value "));
    assert_eq!(frame.header("name"), None);
}

#[test]
fn each_version_knows_its_own_escapes() {
    let text = concat!("SEND\n", r"a\cb:\\n is no line, \n is", "\n\n\0");
    let frame = decode_one(text, Version::V1_2).unwrap();
    assert_eq!(frame.header("a:b"), Some("\\n is no line, \n is"));
    let frame = decode_one(text, Version::V1_0).unwrap();
    assert_eq!(frame.header(r"a\cb"), Some(r"\\n is no line, \n is"));

    let carriage_return = "SEND\na:x\\ry\n\n\0";
    let frame = decode_one(carriage_return, Version::V1_2).unwrap();
    assert_eq!(frame.header("a"), Some("x\ry"));
    let error = decode_one(carriage_return, Version::V1_1).unwrap_err();
    assert!(matches!(error, DecodeError::BadEscape(_)), "{error}");
}

#[test]
fn the_frames_that_open_a_session_have_no_escapes() {
    let frame = decode_one("CONNECT\npasscode:C:\\new\n\n\0", Version::V1_2).unwrap();
    assert_eq!(frame.header("passcode"), Some("C:\\new"));
    let octets = encoded(&frame, Version::V1_2);
    assert_eq!(octets, b"CONNECT\npasscode:C:\\new\n\n\0");
}

#[test]
fn every_malformed_frame_is_named() {
    let cases: [(&[u8], &str); 14] = [
        (b"SNED\n\n\0", "not a command"),
        (b"send\n\n\0", "not a command"),
        (b"SEND\ndestination\n\n\0", "no colon"),
        (b"SEND\n:value\n\n\0", "no name"),
        (b"SEND\nname:\\t\n\n\0", "does not exist"),
        (b"SEND\nname:end\\\n\n\0", "does not exist"),
        (b"SEND\nname:\xFF\n\n\0", "not UTF-8"),
        (b"SEND\ndestination:/a\n\0", "blank line"),
        (b"SEND\0", "blank line"),
        (b"SEND\ncontent-length:five\n\nhello\0", "number of octets"),
        (b"SEND\ncontent-length:-1\n\nhello\0", "number of octets"),
        (b"SEND\ncontent-length:4\n\nhello\0", "octet 0"),
        (b"SEND\ncontent-length:99999999999999999999999\n\n", "longer than"),
        (b"SEND\ncontent-length:\n\n\0", "number of octets"),
    ];
    for (octets, reason) in cases {
        let error = decode(octets, Some(Version::V1_2)).expect_err(&octets.escape_ascii().to_string());
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn limits_hold_before_a_frame_is_whole() {
    let limits = || {
        let mut limits = Limits::default();
        (limits.headers, limits.head_bytes, limits.body_bytes) = (3, 100, 50);
        limits
    };
    let cases = [
        ("SEND\na:\nb:\nc:\nd:\n".to_owned(), "more than 3 headers"),
        ("S".repeat(200), "longer than 100 bytes"),
        (format!("SEND\n\n{}", "x".repeat(60)), "longer than 50 bytes"),
        ("SEND\ncontent-length:51\n".to_owned(), "longer than 50 bytes"),
    ];
    for (text, reason) in cases {
        let mut decoder = Decoder::new(limits());
        decoder.push(text.as_bytes());
        let error = decoder.next_frame().expect_err(&text);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn what_a_version_cannot_say_is_an_error_and_not_a_forged_header() {
    let forged = Frame::new(Command::Send).with("name", "value\ndestination:/queue/secret");
    let mut octets = Vec::new();
    assert!(encode(&forged, Version::V1_0, &mut octets).is_err());
    assert!(octets.is_empty());
    let back = decode(&encoded(&forged, Version::V1_1), Some(Version::V1_1)).unwrap();
    assert_eq!(back, [forged]);
}

fn version() -> impl Strategy<Value = Version> {
    prop::sample::select(&Version::ALL[..])
}

fn command() -> impl Strategy<Value = Command> {
    prop::sample::select(&Command::ALL[..])
}

/// Any frame that `version` can say, with what is hard about headers more often than chance would have it.
fn frame(version: Version) -> impl Strategy<Value = Frame> {
    let text = || {
        proptest::collection::vec(
            prop_oneof![
                any::<char>(),
                prop::sample::select(&['\\', ':', '\n', '\r', 'n', 'c', 'r'][..])
            ],
            0..8,
        )
    };
    let header = (text(), text());
    let headers = proptest::collection::vec(header, 0..6);
    let body = proptest::collection::vec(any::<u8>(), 0..64);
    (command(), headers, body).prop_map(move |(command, headers, body)| {
        let escaped = command.has_escapes() && version > Version::V1_0;
        let allowed = |c: &char| match c {
            '\0' => false,
            '\n' => escaped,
            '\r' => command.has_escapes(),
            _ => true,
        };
        let headers: Headers = headers
            .iter()
            .map(|(name, value)| {
                let name: String = name
                    .iter()
                    .filter(|c| allowed(c) && (escaped || **c != ':'))
                    .collect();
                let value: String = value.iter().filter(|c| allowed(c)).collect();
                (format!("n{name}"), value)
            })
            .collect();
        let body = if command.may_have_body() { body } else { Vec::new() };
        Frame {
            command,
            headers,
            body,
        }
    })
}

fn versioned_frames() -> impl Strategy<Value = (Version, Vec<Frame>)> {
    version().prop_flat_map(|version| (Just(version), proptest::collection::vec(frame(version), 1..4)))
}

proptest! {
    #[test]
    fn a_figure_gives_each_octet_one_part_and_agrees_with_the_decoder(
        (version, frames) in versioned_frames(),
        broken in any::<Option<(prop::sample::Index, u8)>>(),
    ) {
        let mut octets: Vec<u8> = frames.iter().flat_map(|frame| encoded(frame, version)).collect();
        if let Some((at, octet)) = broken {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        let figures = FrameFigure::read(&octets, version);
        let mut end = 0;
        for part in figures.iter().flat_map(FrameFigure::parts) {
            prop_assert_eq!(part.place.start, end);
            end = part.place.end;
        }
        prop_assert_eq!(end, octets.len());
        let read: Vec<Frame> = figures.iter().filter_map(FrameFigure::frame).cloned().collect();
        match decode(&octets, Some(version)) {
            Ok(frames) => prop_assert_eq!(read, frames),
            Err(error) => {
                let last = figures.last().and_then(FrameFigure::flaw);
                prop_assert_eq!(&last.expect("a flaw").what, &error.to_string());
            }
        }
        for figure in figures {
            prop_assert!(figure.to_string().ends_with('\n'));
        }
    }

    #[test]
    fn encode_then_decode_is_identity((version, frames) in versioned_frames()) {
        let octets: Vec<u8> = frames.iter().flat_map(|frame| encoded(frame, version)).collect();
        prop_assert_eq!(decode(&octets, Some(version)).unwrap(), frames);
    }

    #[test]
    fn any_split_of_the_octets_gives_the_same_frames(
        (version, frames) in versioned_frames(),
        cuts in proptest::collection::vec(1_usize..20, 1..40),
    ) {
        let octets: Vec<u8> = frames.iter().flat_map(|frame| encoded(frame, version)).collect();
        let mut rest = octets.as_slice();
        let mut pieces = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(decode_pieces(pieces, Some(version)).unwrap(), frames);
    }

    #[test]
    fn any_octets_end_the_same_way_however_they_are_cut(
        octets in proptest::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"SEND\n\n:\0\\c\r"[..])], 0..80),
        version in proptest::option::of(version()),
        size in 1_usize..9,
    ) {
        let whole = decode(&octets, version);
        let pieces = decode_pieces(octets.chunks(size), version);
        prop_assert_eq!(whole, pieces);
    }
}
