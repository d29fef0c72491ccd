//! Judges exercise 01-2: a table of texts and the number that each one is.

use super::read;

#[test]
fn an_address_is_four_octets_and_nothing_else_is() {
    let texts = [
        "192.168.0.10",
        "0.0.0.0",
        "255.255.255.255",
        "8.8.8.8",
        "255.255.255.255.255",
        "127.1",
        "10.0.0.256",
        "010.0.0.1",
        "+10.0.0.1",
        "10..0.1",
        "localhost",
    ];
    let rows = texts.map(|text| match read(text) {
        Some(number) => format!("{text:<20} {number:#010x}\n"),
        None => format!("{text:<20} no address\n"),
    });
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("01-2-octets", rows.concat());
    });
}
