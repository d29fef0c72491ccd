//! The tool as a user runs it.

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{file, str};

fn tool(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("01-ip")).args(arguments)
}

#[test]
fn addresses_are_told_with_class_bits_and_subnet() {
    tool(&["10.1.2.3", "2001:db8::1", "192.168.0.10/24"])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(file!["snapshots/what.txt"]);
}

#[test]
fn every_kind_of_line_is_shown_where_it_applies() {
    let kinds = "192.0.0.9 fe80::1%eth0/64 ff02::1 64:ff9b::10.0.0.1 10.0.0.0/31 10.0.0.0/24 4000::1 8.8.8.8";
    tool(&kinds.split(' ').collect::<Vec<_>>())
        .assert()
        .success()
        .stdout_eq(file!["snapshots/kinds.txt"]);
}

#[test]
fn a_name_is_resolved() {
    tool(&["localhost"]).assert().success().stdout_eq(str![[r#"
localhost -> [..]
  class     Loopback[..]
...
"#]]);
}

#[test]
fn json_is_one_object_a_line_with_stable_names() {
    let mixed = [
        "--json",
        "100.64.0.1",
        "192.168.0.10/24",
        "2002:a00:1::",
        "192.88.99.1",
        "fe80::1%eth0",
    ];
    tool(&mixed)
        .assert()
        .success()
        .stdout_eq(file!["snapshots/what.json.txt"]);
}

#[test]
fn without_arguments_it_shows_how_an_address_works() {
    tool(&[])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(file!["snapshots/demo.txt"]);
}

#[test]
fn help_teaches() {
    tool(&["--help"])
        .assert()
        .success()
        .stdout_eq(file!["snapshots/help.txt"]);
}

#[test]
fn each_bad_input_is_one_clear_sentence_and_exit_code_2() {
    let bad = "300.1.1.1 010.0.0.1 127.1 0x7f000001 10.0.0.0/33 1::2::3 localhost/24 http://localhost:80/";
    tool(&bad.split(' ').collect::<Vec<_>>())
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(file!["snapshots/bad-input.txt"]);
}

#[test]
fn bad_input_among_good_is_told_and_the_good_is_shown() {
    tool(&["--json", "10.0.0.1", "300.1.1.1", "10.0.0.2"])
        .assert()
        .code(2)
        .stdout_eq(str![[r#"
{"input":"10.0.0.1",[..]}
{"input":"10.0.0.2",[..]}

"#]])
        .stderr_eq(str![[r#"
error: "300.1.1.1" is not an IPv4 address: its octet 300 is larger than 255

"#]]);
}

#[test]
fn a_name_that_nobody_knows_is_exit_code_1() {
    // RFC 6761: `.invalid` never exists, and a resolver should know that without asking anybody.
    tool(&["no-such-host.invalid"])
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: cannot resolve "no-such-host.invalid"[..]

"#]]);
}
