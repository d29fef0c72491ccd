//! Judges exercise 04-3: what comes out of `Decoder`, however the stream is cut.

use super::Decoder;

/// More than this never come out of one piece.
const MOST: usize = 4;

fn conversation(title: &str, pieces: &[&[u8]]) -> String {
    let mut decoder = Decoder::default();
    let mut lines = format!("{title}\n");
    for piece in pieces {
        decoder.feed(piece);
        let messages: Vec<String> = std::iter::from_fn(|| decoder.next_message())
            .take(MOST)
            .map(|message| format!("\"{}\"", message.escape_ascii()))
            .collect();
        lines += &format!("feed \"{}\" -> {}\n", piece.escape_ascii(), words(&messages));
    }
    lines
}

fn words(messages: &[String]) -> String {
    match messages {
        [] => "nothing yet".to_owned(),
        messages => messages.join(", "),
    }
}

#[test]
fn gives_whole_messages_however_the_stream_is_cut() {
    let conversations = [
        conversation("One message, one piece:", &[b"\0\x05HELLO"]),
        conversation("Two messages in one piece:", &[b"\0\x05HELLO\0\x05WORLD"]),
        conversation("One message in three pieces:", &[b"\0\x05HE", b"LL", b"O"]),
        conversation("A cut in the header:", &[b"\0", b"\x05HELLO\0", b"\x05WORLD"]),
        conversation("A message of nothing, and one more:", &[b"\0\0\0\x01!"]),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("04-3-length-decoder", conversations);
    });
}
