//! Judges exercise 06-1: a table of headers as they stand in a frame, and what each one means.

use super::unescape;

const HEADERS: [&str; 11] = [
    r"/topic/price",
    r"two\nlines",
    r"a return\r",
    r"12\c30",
    r"one \\ backslash",
    r"C:\\new",
    r"C:\\\new",
    r"\\c is no colon",
    r"\\\\",
    r"a tab\t",
    r"cut off\",
];

/// What a header means, with what cannot be printed by its name.
fn meaning(header: &str) -> String {
    let Some(plain) = unescape(header) else {
        return "fatal error".to_owned();
    };
    plain
        .replace('\n', "<line feed>")
        .replace('\r', "<carriage return>")
}

#[test]
fn every_escape_means_one_thing() {
    let rows = HEADERS.map(|header| format!("{header:<18} {}\n", meaning(header)));
    let table = format!("{:<18} {}\n{}", "in the frame", "means", rows.concat());
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("06-1-unescape", table);
    });
}
