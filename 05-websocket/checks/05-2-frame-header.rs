//! Judges exercise 05-2: the bytes of some headers, and what a client reads in them.

use std::fmt::Write;

use websocket::Role;
use websocket::frame::FrameHeader;

use super::text_header;

const LENGTHS: [u64; 9] = [0, 5, 125, 126, 127, 256, 65_535, 65_536, 1_000_000];

/// What a client makes of the header.
fn verdict(header: &[u8]) -> String {
    let Some((decoded, size)) = FrameHeader::decode(header) else {
        return "a header that has not come as a whole: it waits".to_owned();
    };
    if size != header.len() {
        return format!("a header of {size} bytes, and a payload behind it");
    }
    match decoded.check(size, Role::Server, 0) {
        Ok(()) => format!("{} of {} bytes", decoded.opcode, decoded.length),
        Err(violation) => format!("a fault: {violation}"),
    }
}

#[test]
fn a_client_reads_the_length_that_was_meant() {
    let mut conversations = String::new();
    for length in LENGTHS {
        let header = text_header(length);
        let hex: Vec<String> = header.iter().map(|byte| format!("{byte:02X}")).collect();
        let _ = writeln!(
            conversations,
            "a text of {length} bytes: {}\n  a client reads: {}",
            hex.join(" "),
            verdict(&header)
        );
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("05-2-frame-header", conversations);
    });
}
