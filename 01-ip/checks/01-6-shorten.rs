//! Judges exercise 01-6: a table of addresses and the text of each.

use std::net::Ipv6Addr;

use super::shorten;

const ADDRESSES: [[u16; 8]; 8] = [
    [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1],
    [0x2001, 0xdb8, 1, 2, 3, 4, 5, 6],
    [0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0xfe80, 0, 0, 0, 0x21b, 0x63ff, 0xfe84, 0x45e6],
    [0x2001, 0xdb8, 0, 1, 0, 0, 0, 1],
    [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1],
    [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1],
];

#[test]
fn one_address_has_one_text() {
    let rows = ADDRESSES.map(|groups| {
        let whole = groups.map(|group| format!("{group:04x}")).join(":");
        format!("{whole} {}\n", shorten(groups))
    });
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("01-6-shorten", rows.concat());
    });
}

/// So that the key is right: the standard library writes the same.
#[test]
fn the_standard_library_writes_what_the_key_says() {
    let key = include_str!("answers/01-6-shorten.snap");
    for groups in ADDRESSES {
        let text = format!(" {}", Ipv6Addr::from(groups));
        assert!(key.lines().any(|line| line.ends_with(&text)), "{text}");
    }
}
