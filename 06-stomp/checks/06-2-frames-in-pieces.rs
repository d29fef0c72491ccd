//! Judges exercise 06-2: what comes out of `Decoder`, however the stream is cut.

use super::Decoder;

/// More than this never come out of one piece.
const MOST: usize = 4;

/// The octets with `^@` for the octet 0, on one line.
fn shown(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    text.replace('\0', "^@").replace('\n', r"\n")
}

fn conversation(title: &str, pieces: &[&str]) -> String {
    let mut decoder = Decoder::default();
    let mut lines = format!("{title}\n");
    for piece in pieces {
        let piece = piece.replace("^@", "\0");
        decoder.feed(piece.as_bytes());
        lines += &format!("  feed  {}\n", shown(piece.as_bytes()));
        for frame in std::iter::from_fn(|| decoder.next_frame()).take(MOST) {
            lines += &format!("  frame {}\n", shown(&frame));
        }
    }
    lines
}

#[test]
fn gives_whole_frames_however_the_stream_is_cut() {
    let conversations = [
        conversation(
            "A frame in two pieces:",
            &["SEND\ndestination:/topic/a\n", "\n71,300^@"],
        ),
        conversation("A line feed behind a frame:", &["SEND\n\none^@\nSEND\n\ntwo^@"]),
        conversation(
            "Heart-beats while nobody speaks:",
            &["\n", "\n\n", "BEGIN\ntransaction:t\n\n^@"],
        ),
        conversation(
            "A body with the octet 0 in it:",
            &["SEND\ncontent-length:3\n\na^@b^@"],
        ),
        conversation(
            "The same, cut behind each octet 0:",
            &["SEND\ncontent-length:3\n\na^@", "b^@", "BEGIN\n\n^@"],
        ),
        conversation(
            "Cut before the last octet 0:",
            &["SEND\ncontent-length:3\n\na^@b", "^@"],
        ),
        conversation(
            "A length of nothing:",
            &["SEND\ncontent-length:0\n\n^@SEND\n\nnext^@"],
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("06-2-frames-in-pieces", conversations);
    });
}
