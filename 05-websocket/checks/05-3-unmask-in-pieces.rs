//! Judges exercise 05-3: two messages as a client masks them, cut in several ways.

use websocket::mask;

use super::Unmasker;

/// The key of the example in RFC 6455, section 5.7.
const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

fn conversation(title: &str, message: &str, sizes: &[usize]) -> String {
    let mut payload = message.as_bytes().to_vec();
    mask::apply(&mut payload, KEY, 0);
    let mut unmasker = Unmasker::new(KEY);
    let mut rest = payload.as_mut_slice();
    let mut lines = format!("{title}\n");
    for size in sizes {
        let (piece, behind) = rest.split_at_mut(*size);
        rest = behind;
        let masked: Vec<String> = piece.iter().map(|byte| format!("{byte:02X}")).collect();
        unmasker.unmask(piece);
        lines += &format!("  {:<14} -> \"{}\"\n", masked.join(" "), piece.escape_ascii());
    }
    lines
}

#[test]
fn unmasks_however_the_payload_is_cut() {
    let conversations = [
        conversation("In one piece:", "Hello", &[5]),
        conversation("Cut after four bytes:", "Hello", &[4, 1]),
        conversation("Cut after two:", "Hello", &[2, 3]),
        conversation("Cut in three:", "71,300 KRW", &[3, 5, 2]),
        conversation("A piece of nothing in between:", "Hello", &[1, 0, 4]),
        conversation("A byte at a time:", "Hello", &[1, 1, 1, 1, 1]),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("05-3-unmask-in-pieces", conversations);
    });
}
