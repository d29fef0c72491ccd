//! The same port twice: what the system says is what the course teaches.

#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "some of these tests are for Linux only")
)]

use std::net::UdpSocket;
use std::process;

use snapbox::cmd::{Command, cargo_bin};
use snapbox::file;

#[test]
#[cfg(target_os = "linux")]
fn every_trial_ends_on_linux_as_the_book_says() {
    Command::new(cargo_bin!("02-ports"))
        .arg("conflict")
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(file!["snapshots/conflict-linux.txt"]);
}

#[test]
fn a_trial_is_a_line_of_json() {
    let output = Command::new(cargo_bin!("02-ports"))
        .args(["conflict", "--json"])
        .assert()
        .success();
    let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    let trials: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(trials.len(), 18);
    // On every system, a server's own address and port cannot be had a second time without asking for it.
    assert_eq!(trials[0]["allowed"], false);
    assert_eq!(trials[0]["then"], "127.0.0.1 again");
}

#[test]
fn udp_has_ports_of_its_own_and_its_holder_is_named() {
    let tool = |place: &str| {
        Command::new(cargo_bin!("02-ports"))
            .args(["conflict", place])
            .assert()
    };
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let id = process::id();
    tool(&format!("{address}/udp")).code(1).stdout_eq(format!(
        "{address}/udp  [..]\n  because [..] (process {id}) receives on {address}\n"
    ));
    drop(socket);
    tool(&format!("{address}/udp"))
        .success()
        .stdout_eq(format!("{address}/udp  can be had\n"));
}
