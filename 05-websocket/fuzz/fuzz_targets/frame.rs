//! A header that decodes encodes to the same bytes if it is minimal, and every frame can be drawn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use websocket::Role;
use websocket::figure::FrameCutter;
use websocket::frame::{FrameHeader, LONGEST_HEADER, RSV1};

/// How many figures of one input are drawn.
const DRAWN: usize = 2;

fuzz_target!(|bytes: &[u8]| {
    if let Some((header, size)) = FrameHeader::decode(bytes) {
        assert!((2..=LONGEST_HEADER).contains(&size));
        let mut encoded = Vec::new();
        header.encode(&mut encoded);
        assert_eq!(FrameHeader::decode(&encoded), Some((header, encoded.len())));
        assert!(encoded.len() <= size);
        for role in [Role::Client, Role::Server] {
            if header.check(size, role, RSV1).is_ok() {
                assert_eq!(encoded, bytes[..size], "what is allowed has one form");
            }
        }
    } else {
        assert!(bytes.len() < LONGEST_HEADER);
    }

    let mut whole = FrameCutter::default();
    let figures = whole.push(bytes);
    // Each is drawn by itself, so the first few see all there is to see; five hundred of them took nearly all the time.
    figures.iter().take(DRAWN).for_each(|figure| drop(figure.to_string()));
    let mut cut = FrameCutter::default();
    let pieces: Vec<_> = bytes.chunks(3).flat_map(|piece| cut.push(piece)).collect();
    assert_eq!(pieces, figures);
});
