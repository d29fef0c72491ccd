//! A thread for each connection, until something runs out. (Every limit is this process's own, or a shell's.)

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Output};

use snapbox::str;

fn crowd(arguments: &[&str]) -> Command {
    let mut tool = Command::new(snapbox::cmd::cargo_bin!("03-tcp-socket"));
    tool.arg("crowd").args(arguments);
    tool
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The last line: what came of the crowd.
fn summary(output: &Output) -> serde_json::Value {
    lines(output).pop().unwrap()
}

#[test]
fn a_crowd_of_the_size_that_was_asked_for_is_held_and_its_bill_printed() {
    snapbox::cmd::Command::from_std(crowd(&["20"]))
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/crowd.txt"])
        .stderr_eq(str![]);
}

#[test]
fn as_json_each_resource_is_an_object_and_the_last_one_says_what_came_of_it() {
    let output = crowd(&["20", "--json"]).output().unwrap();
    assert!(output.status.success());
    let facts = lines(&output);
    let names: Vec<&str> = facts
        .iter()
        .filter_map(|fact| fact["resource"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "descriptors",
            "threads",
            "memory maps",
            "address space",
            "memory",
            "ports"
        ]
    );
    let summary = summary(&output);
    assert_eq!(
        (&summary["held"], &summary["ended_by"]),
        (&20.into(), &"wanted".into())
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_takes_kilobytes_and_not_its_whole_stack() {
    let output = crowd(&["200", "--json"]).output().unwrap();
    let facts = lines(&output);
    let memory = facts.iter().find(|fact| fact["resource"] == "memory").unwrap();
    let each = memory["each"].as_u64().unwrap();
    assert!(each < 200 * 1024, "{each}");
}

#[cfg(unix)]
#[test]
fn descriptors_that_run_out_are_named_with_the_systems_words() {
    let shell = "ulimit -n 40; exec \"$0\" crowd 1000 --json";
    let output = Command::new("sh")
        .args(["-c", shell])
        .arg(snapbox::cmd::cargo_bin!("03-tcp-socket"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "meeting a limit is an answer and no failure"
    );
    let summary = summary(&output);
    assert_eq!(summary["ended_by"], "descriptors");
    assert!(summary["words"].as_str().unwrap().contains("too many open files"));
    let held = summary["held"].as_u64().unwrap();
    assert!((20..40).contains(&held), "{held}");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_the_crowd_and_still_prints_the_bill() {
    use std::process::Stdio;

    let tool = crowd(&["1000000", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let threads = format!("/proc/{}/task", tool.id());
    while std::fs::read_dir(&threads).unwrap().count() < 20 {
        std::thread::yield_now();
    }
    let signalled = Command::new("kill")
        .args(["-s", "INT", &tool.id().to_string()])
        .status();
    assert!(signalled.unwrap().success());
    let output = tool.wait_with_output().unwrap();
    assert!(output.status.success());
    let summary = summary(&output);
    assert_eq!(summary["ended_by"], "interrupted");
    assert!(summary["held"].as_u64().unwrap() >= 10);
}

#[test]
fn no_crowd_at_all_is_bad_input() {
    for count in ["0", "-1", "many"] {
        let output = crowd(&[count]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{count}");
    }
}
