//! The tool as a user runs it.

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{file, str};

fn tool(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("01-ip")).args(arguments)
}

/// Runs each line of arguments, and writes down what came: output, errors, exit code.
fn transcript(lines: &[&str]) -> String {
    let mut transcript = String::new();
    for line in lines {
        let assert = tool(&line.split_whitespace().collect::<Vec<_>>()).assert();
        let output = assert.get_output();
        transcript += &format!("$ 01-ip {line}\n");
        transcript += &String::from_utf8_lossy(&output.stdout);
        transcript += &String::from_utf8_lossy(&output.stderr);
        if let Some(code @ 1..) = output.status.code() {
            transcript += &format!("(exit code {code})\n");
        }
        transcript += "\n";
    }
    transcript
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
    let kinds = "192.0.0.9 fe80::1%eth0/64 ff02::1 64:ff9b::10.0.0.1 64:ff9b:1:a0c:2:2100:: 10.0.0.0/31 10.0.0.0/24 4000::1 8.8.8.8 192.88.99.1";
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
        "64:ff9b:1::c000:221",
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

#[test]
fn subnets_are_told_cut_joined_and_taken_out() {
    let told = transcript(&[
        "subnet 192.168.0.0/24 2001:db8::/33",
        "subnet 10.0.0.1-10.0.0.4 --json",
        "subnet 192.168.0.0/24 --split 26",
        "subnet 10.1.2.3 --supernet 16",
        "subnet 10.0.0.0/24 10.0.1.0/24 10.0.3.0-10.0.3.255 --summarise",
        "subnet 10.0.0.0/28 --without 10.0.0.4/30 --without 10.0.0.15",
        "subnet 10.0.0.0/8 172.16.0.0/12 --contains 172.20.1.1",
        "subnet 10.0.0.0/8 --contains 11.0.0.0",
        "subnet fe80::/64 --mac 00:1b:63:84:45:e6",
        "subnet 10.0.0.0/8 --mac 00:1b:63:84:45:e6",
        "subnet 10.0.0.0/8 --split 4",
        "subnet localhost",
        "subnet 10.0.0.9-10.0.0.1",
    ]);
    snapbox::assert_data_eq!(told, file!["snapshots/subnet.txt"]);
}

#[test]
fn the_way_of_a_packet_is_drawn() {
    let told = transcript(&[
        "route 192.168.0.77 192.168.1.77 --from 192.168.0.10/24 --gateway 192.168.0.1",
        "route 192.168.0.255 192.168.0.10 127.0.0.1 169.254.1.1 2001:db8::1 --from 192.168.0.10/24",
        "route 2001:db8:0:1::1 --from 2001:db8::1/64",
        "route 192.168.1.77 --from 192.168.0.10/24 --gateway 192.168.0.1 --json",
        "route fe80::1%no-such-link",
        "route localhost",
        "route 10.0.0.1 --from 10.0.0.300/8",
    ]);
    snapbox::assert_data_eq!(told, file!["snapshots/route.txt"]);
}

#[test]
fn this_machines_interfaces_are_listed() {
    tool(&["route"]).assert().success().stdout_eq(str![[r#"
...
  address   127.0.0.1/8 (loopback)
...
resolvers
...
"#]]);
    tool(&["route", "127.0.0.1"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
127.0.0.1 from 127.0.0.1/8 on [..]
  next      this host itself: the packet does not leave it

"#]]);
}

#[test]
fn addresses_go_into_ipv6_and_come_out() {
    let told = transcript(&[
        "nat64 192.0.2.33 64:ff9b::8.8.8.8",
        "nat64 192.0.2.33 --prefix 2001:db8:122::/48",
        "nat64 192.0.2.33 --prefix 2001:db8:122::/48 --json",
        "nat64 2001:db8::1",
        "nat64 192.0.2.33 --prefix 2001:db8::/33",
    ]);
    snapbox::assert_data_eq!(told, file!["snapshots/nat64.txt"]);
}

#[test]
fn a_network_without_ipv4_is_judged() {
    let told = transcript(&[
        "ipv6-ready http://203.0.113.7:8080/ 2001:4860:4860::8888 ws://[::ffff:192.0.2.1]/ stomp://8.8.8.8:61613",
        "ipv6-ready --json 8.8.8.8 2001:4860:4860::8888",
        "ipv6-ready http://",
    ]);
    snapbox::assert_data_eq!(told, file!["snapshots/ipv6-ready.txt"]);
}

#[test]
fn standard_input_is_told_line_by_line_and_bad_lines_by_number() {
    tool(&["-"])
        .stdin("10.1.2.3\r\n\n 2001:db8::1 \n300.1.1.1\n192.168.0.10/24\nlocalhost\n\u{fe}\n8.8.8.8")
        .assert()
        .code(1)
        .stdout_eq(str![[r#"
10.1.2.3	private	10.0.0.0/8	Private-Use (RFC 1918)
2001:db8::1	documentation	2001:db8::/32	Documentation (RFC 3849)
192.168.0.10/24	private	192.168.0.0/16	Private-Use (RFC 1918)
8.8.8.8	global-unicast	-	Global Unicast (RFC 1122, Section 3.2.1.3)

"#]])
        .stderr_eq(str![[r#"
error: line 4: "300.1.1.1" is not an IPv4 address: its octet 300 is larger than 255
error: line 6: "localhost" is a name, and only addresses are read from standard input
error: line 7: "þ" is a name, and only addresses are read from standard input

"#]]);
}

#[test]
fn json_of_standard_input_begins_as_json_of_the_command_line() {
    let addresses = [
        "10.1.2.3",
        "64:ff9b::8.8.8.8",
        "fe80::1%eth0",
        "192.0.0.9",
        "ff02::1",
        "ff05::1",
        "8.8.8.8",
        "2600::",
    ];
    let (mut streamed, mut told) = (Vec::new(), Vec::new());
    for address in addresses {
        told.extend(
            tool(&["--json", address])
                .assert()
                .success()
                .get_output()
                .stdout
                .clone(),
        );
    }
    streamed.extend(
        tool(&["--json", "-"])
            .stdin(addresses.join("\n"))
            .assert()
            .success()
            .get_output()
            .stdout
            .clone(),
    );
    let (streamed, told) = (String::from_utf8_lossy(&streamed), String::from_utf8_lossy(&told));
    assert_eq!(streamed.lines().count(), addresses.len());
    for (streamed, told) in streamed.lines().zip(told.lines()) {
        assert!(
            serde_json::from_str::<serde_json::Value>(streamed).is_ok(),
            "{streamed}"
        );
        assert!(
            told.starts_with(streamed.strip_suffix('}').unwrap_or("?")),
            "{streamed}\n{told}"
        );
    }
}
