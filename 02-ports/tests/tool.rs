//! The tool, run as a user runs it.

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{file, str};

/// The tool, with the built-in list only: what this machine's own file adds is this machine's.
fn tool(args: &[&str]) -> Command {
    Command::new(cargo_bin!("02-ports"))
        .args(["--services", "tests/empty.services"])
        .args(args)
}

#[test]
fn tells_service_range_and_port_of_what_the_lecture_names() {
    tool(&[
        "443",
        "ssh",
        "http://www.lucidcore.co.kr:8080",
        "http://www.lucidcore.co.kr",
    ])
    .assert()
    .success()
    .stderr_eq("")
    .stdout_eq(file!["snapshots/lecture.txt"]);
}

#[test]
fn prints_the_same_facts_as_json_one_object_a_line() {
    tool(&["--json", "443", "ssh", "http://u:p@H:8080/x?y#z", "ssh 10.0.0.7"])
        .assert()
        .success()
        .stdout_eq(file!["snapshots/json.txt"]);
}

#[test]
fn demonstrates_ports_on_loopback_without_arguments() {
    tool(&[])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(file!["snapshots/demonstration.txt"]);
}

#[test]
fn help_teaches_with_examples() {
    tool(&["--help"])
        .env("COLUMNS", "110")
        .assert()
        .success()
        .stdout_eq(file!["snapshots/help.txt"]);
}

#[test]
fn a_name_of_two_services_tells_of_both() {
    tool(&["echo"]).assert().success().stdout_eq(str![[r#"
echo
  port        4
  range       system, 0 to 1023
  service     echo over ddp (Debian's list)

echo
  port        7
  range       system, 0 to 1023
  service     echo over tcp, udp (IANA)

"#]]);
}

#[test]
fn a_port_that_no_registry_has_says_so() {
    tool(&["stomp", "ws://localhost:61614"])
        .assert()
        .success()
        .stdout_eq(file!["snapshots/stomp.txt"]);
}

#[test]
fn user_information_in_a_url_is_warned_about() {
    tool(&["http://www.lucidcore.co.kr:8080@10.0.0.7/"])
        .assert()
        .success()
        .stdout_eq(file!["snapshots/user-information.txt"]);
}

#[test]
fn a_scheme_that_is_no_service_says_so() {
    tool(&["ws", "wss"])
        .assert()
        .success()
        .stdout_eq(file!["snapshots/schemes.txt"]);
}

#[test]
fn a_name_outside_ascii_is_shown_as_dns_and_as_people_write_it() {
    tool(&["http://한국.kr/x"]).assert().success().stdout_eq(str![[r#"
http://한국.kr/x
  host        xn--3e0b707e.kr to DNS, 한국.kr to people
  port        80, hidden: the default port of http (RFC 9110, section 4.2.1)
...
"#]]);
}

#[test]
fn a_protocol_behind_a_slash_is_the_only_one_told_of() {
    let told = |input: &str, services: &str| {
        tool(&[input, "--json"])
            .assert()
            .success()
            .stdout_eq(format!("{{[..]\"services\":[{services}]}}\n"));
    };
    told("444/tcp", r#"{"name":"snpp",[..]}"#);
    told("444/udp", "");
    tool(&["53/icmp"]).assert().code(2).stderr_eq(str![[r#"
error: "icmp" is no protocol that has ports: write tcp, udp, sctp or dccp, as in 53/udp

"#]]);
}

#[test]
fn a_services_file_adds_what_the_list_does_not_know() {
    Command::new(cargo_bin!("02-ports"))
        .args(["--services", "tests/own.services", "SHOP", "www"])
        .assert()
        .success()
        .stdout_eq(file!["snapshots/own-services.txt"]);
}

#[test]
fn a_services_file_that_is_not_there_is_bad_input() {
    Command::new(cargo_bin!("02-ports"))
        .args(["--services", "tests/no-such.services", "80"])
        .assert()
        .code(2)
        .stderr_eq("error: cannot read the services file tests/no-such.services: [..]\n");
}

#[test]
fn same_answers_with_its_exit_code() {
    tool(&["same", "http://h", "HTTP://H:80/x"])
        .assert()
        .success()
        .stdout_eq("yes: both lead to h:80\n");
    tool(&["same", "http://h", "https://h"])
        .assert()
        .code(1)
        .stdout_eq("no: one leads to h:80, the other to h:443\n");
    tool(&["--json", "same", "ws://[::1]", "[0:0::1]:80"])
        .assert()
        .success()
        .stdout_eq("{\"same\":true,\"one\":\"[::1]:80\",\"other\":\"[::1]:80\"}\n");
    tool(&["same", "h:80", "h"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq("error: \"h\" names no port: write h:PORT, or a URL whose scheme has a default port\n");
}

#[test]
fn this_machines_own_settings_are_told() {
    tool(&["machine"])
        .assert()
        .success()
        .stdout_eq(file!["snapshots/machine.txt"]);
    tool(&["machine", "--json"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
{"ephemeral_first":[..],"ephemeral_last":[..],"first_unprivileged":[..],"reserved":[..],"source":"[..]"}

"#]]);
}

#[test]
fn bad_input_is_named_in_one_sentence_with_exit_code_2() {
    let bad = [
        (
            "70000",
            "error: 70000 is not a port: a port is a 16-bit number, so the last one is 65535\n",
        ),
        (
            "sshd",
            "error: no service is called \"sshd\": did you mean ssh?\n",
        ),
        (
            "no-such-service",
            "error: no service is called \"no-such-service\": write a port, a service's name such as ssh, HOST:PORT or a URL\n",
        ),
        (
            "http://h:99999",
            "error: \"99999\" in \"http://h:99999\" is not a port: a port is a number from 0 to 65535\n",
        ),
        (
            "http://a b",
            "error: \"http://a b\" holds the character ' ', which stands in no URL and in no HOST:PORT\n",
        ),
        (
            "www.lucidcore.co.kr",
            "error: \"www.lucidcore.co.kr\" names no port: write www.lucidcore.co.kr:PORT, or a URL whose scheme has a default port\n",
        ),
        (
            "",
            "error: \"\" is not a port: a port is a number from 0 to 65535, written in decimal digits\n",
        ),
    ];
    for (input, message) in bad {
        tool(&["--", input])
            .assert()
            .code(2)
            .stdout_eq("")
            .stderr_eq(message);
    }
}

#[test]
fn a_bad_word_among_good_ones_does_not_silence_them() {
    tool(&["70000", "--json", "23"])
        .assert()
        .code(2)
        .stderr_eq("error: 70000 is not a port: a port is a 16-bit number, so the last one is 65535\n")
        .stdout_eq(str![[r#"
{"input":"23","kind":"port","port":23,"range":"system",[..]}

"#]]);
}

#[test]
fn an_unknown_option_ends_with_exit_code_2_and_the_usage() {
    tool(&["--no-such-option"]).assert().code(2).stderr_eq(str![[r#"
error: unexpected argument '--no-such-option' found
...
"#]]);
}

#[test]
#[cfg(unix)]
fn a_reader_that_has_read_enough_is_no_failure() {
    let line = format!("{} --json 80; exit $?", cargo_bin!("02-ports").display());
    Command::new("sh")
        .args(["-c", &format!("({line}) | true; ({line}) >/dev/full; echo $?")])
        .assert()
        .success()
        .stderr_eq("error: cannot write: No space left on device (os error 28)\n")
        .stdout_eq("1\n");
}
