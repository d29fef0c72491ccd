//! Any octets, cut anywhere, give the same frames, and a frame that was read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stomp::{DecodeError, Decoder, Frame, Limits, Version, encode};

fn frames(octets: &[u8], piece: usize, version: Version) -> (Vec<Frame>, Option<DecodeError>) {
    let mut decoder = Decoder::new(Limits::default());
    decoder.set_version(version);
    let mut frames = Vec::new();
    for piece in octets.chunks(piece) {
        decoder.push(piece);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

fuzz_target!(|octets: &[u8]| {
    let [version, piece, octets @ ..] = octets else {
        return;
    };
    let version = Version::ALL[usize::from(*version) % 3];
    let (whole, error) = frames(octets, octets.len().max(1), version);
    let (pieces, error_in_pieces) = frames(octets, usize::from(*piece) + 1, version);
    assert_eq!(whole, pieces);
    assert_eq!(error.is_some(), error_in_pieces.is_some());
    for frame in whole {
        let mut written = Vec::new();
        if encode(&frame, version, &mut written).is_ok() {
            assert_eq!(frames(&written, written.len(), version).0, [frame]);
        }
    }
});
