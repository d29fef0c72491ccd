//! The C10K lab: its processes, its numbers, and that nothing of it is left behind.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "some of these tests are for Linux only")
)]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use chunked_io::c10k::{Clients, ClientsError, Lab, LabError, Load, Plan, Program};
use snapbox::cmd::{Command, cargo_bin};
use snapbox::str;

const ONE_EACH: Load = Load {
    active: usize::MAX,
    size: 64,
    depth: 1,
};

fn tool() -> Command {
    Command::new(cargo_bin!("04-chunked-io")).arg("c10k")
}

/// Every number becomes a 0, and the spaces before it go: a column moves with the width of what is in it. What a
/// connection costs, and whether somebody was turned away, is another sentence on another machine.
fn without_numbers(text: &str) -> String {
    let mut shape = String::new();
    for line in text.lines() {
        let label = ["  turned away", "  user memory", "  kernel memory"];
        if let Some(label) = label.iter().find(|label| line.starts_with(**label)) {
            shape.push_str(label);
        } else {
            for character in line.chars() {
                if character.is_ascii_digit() {
                    shape.truncate(shape.trim_end_matches(['0', '.', ' ']).len());
                    shape.push_str(" 0");
                } else {
                    shape.push(character);
                }
            }
        }
        shape.push('\n');
    }
    shape
}

/// A tenth of the connections that the book shows: what it prints has the same shape. (The book's runs are made by
/// `cargo run --release --bin 04-chunked-io -- c10k --seconds 3 > 04-chunked-io/tests/snapshots/c10k.txt`, and
/// the same with `--engine threads`, on a machine that does nothing else.)
fn prints(engine: &str, shown: &str) {
    let output = tool()
        .args(["1000", "--seconds", "3", "--engine", engine])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    snapbox::assert_data_eq!(without_numbers(&printed), without_numbers(shown));
    assert!(output.status.success());
}

#[test]
fn the_tool_prints_what_the_book_shows() {
    prints("event-loop", include_str!("snapshots/c10k.txt"));
}

#[test]
fn the_tool_prints_what_the_book_shows_of_threads() {
    prints("threads", include_str!("snapshots/c10k-threads.txt"));
}

#[test]
fn threads_cost_more_memory_than_the_event_loop() {
    let bytes = |engine| {
        let output = tool()
            .args(["300", "--seconds", "0.1", "--json", "--engine", engine])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let events: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let names: Vec<_> = events
            .iter()
            .map(|event| event["event"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["begin", "opened", "second", "end"]);
        assert_eq!(events[0]["connections"], 300);
        assert!(events[3]["echoes_per_second"].as_f64().unwrap() > 0.0);
        events[1]["user_bytes"].as_u64()
    };
    let (threads, event_loop) = (bytes("threads"), bytes("event-loop"));
    if cfg!(target_os = "linux") {
        assert!(
            threads.unwrap() > 10 * event_loop.unwrap(),
            "{threads:?} {event_loop:?}"
        );
    }
}

#[test]
fn bad_input_is_refused_with_a_sentence() {
    tool().arg("0").assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: invalid value '0' for '[CONNECTIONS]': a number of connections over 0 is needed, such as 10000

For more information, try '--help'.

"#]]);
    tool().args(["--engine", "nginx"]).assert().code(2);
    tool().args(["--seconds", "0"]).assert().code(2);
}

#[cfg(not(feature = "tokio"))]
#[test]
fn tokio_is_a_peer_that_has_to_be_asked_for() {
    tool().args(["--engine", "tokio"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: tokio is not built in, as the course itself needs none; compare with `cargo run --release --features chunked-io/tokio --bin 04-chunked-io -- c10k --engine tokio`

"#]]);
}

#[cfg(feature = "tokio")]
#[test]
fn tokio_is_compared() {
    tool()
        .args(["300", "--seconds", "0.1", "--engine", "tokio"])
        .assert()
        .success();
}

#[cfg(target_os = "linux")]
#[test]
fn too_few_descriptors_are_counted_before_anything_begins() {
    let command = r#"ulimit -n 100; exec "$0" c10k 10000"#;
    let shell = Command::new("sh")
        .args(["-c", command])
        .arg(cargo_bin!("04-chunked-io"));
    shell.assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: 10000 connections take as many descriptors in the server and again in the clients, and a process may have 100 here; raise the limit (`ulimit -n`), or ask for 396 connections or fewer

"#]]);
}

/// The tool at work for a minute, and its processes.
#[cfg(target_os = "linux")]
fn at_work() -> (Child, Vec<String>) {
    let mut child = Process::new(cargo_bin!("04-chunked-io"))
        .args(["c10k", "100", "--seconds", "60"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.as_mut().unwrap());
    let first_second = out
        .lines()
        .map(Result::unwrap)
        .find(|line| line.trim_start().starts_with("1 "));
    assert!(first_second.is_some());
    let id = child.id();
    let parts = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    let parts: Vec<String> = parts.split_whitespace().map(str::to_owned).collect();
    assert_eq!(parts.len(), 2);
    (child, parts)
}

/// Whether there is such a process; one that has ended, and that nobody has asked about yet, is none (state Z).
#[cfg(target_os = "linux")]
fn is_running(id: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_it_in_good_order_and_its_processes_with_it() {
    let (mut child, parts) = at_work();
    let interrupt = Process::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let mut rest = String::new();
    child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(rest.contains("\nNext: "), "{rest}");
    for part in parts {
        assert!(!is_running(&part), "process {part} is left");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn even_if_it_is_killed_nothing_is_left() {
    let (mut child, parts) = at_work();
    child.kill().unwrap();
    child.wait().unwrap();
    for part in parts {
        // Its input has ended, so it ends: we wait for that, and the test for nothing else.
        while is_running(&part) {
            thread::yield_now();
        }
    }
}

fn lab(plan: Plan) -> Lab {
    let part = |arguments: &[&str]| Program {
        path: cargo_bin!("04-chunked-io").to_owned(),
        arguments: arguments.iter().map(ToString::to_string).collect(),
    };
    Lab::start(
        plan,
        &part(&["c10k-part", "--engine", "event-loop"]),
        &part(&["c10k-part"]),
    )
    .unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn several_servers_share_a_port_and_several_clients_a_crowd() {
    let plan = Plan {
        connections: 500,
        servers: 3,
        clients: 2,
    };
    let mut lab = lab(plan);
    let mut seen = 0;
    let opening = lab.open(500, |open, _| seen = open).unwrap();
    assert_eq!((seen, opening.latencies.total()), (500, 500));
    lab.roll_call(500).unwrap();
    lab.close().unwrap();
    assert!(lab.servers().memory().user > Some(0));
}

#[test]
fn what_a_process_cannot_do_comes_as_its_own_words() {
    let plan = Plan {
        connections: 1,
        servers: 1,
        clients: 1,
    };
    let nobody = Program {
        path: "no-such-program".into(),
        arguments: Vec::new(),
    };
    let error = Lab::start(plan, &nobody, &nobody).unwrap_err();
    assert!(matches!(error, LabError::Start { .. }), "{error}");

    // A part that is told to be none ends at once.
    let stranger = Program {
        path: cargo_bin!("04-chunked-io").to_owned(),
        arguments: vec!["mtu".to_owned(), "1".to_owned()],
    };
    let error = Lab::start(plan, &stranger, &stranger).unwrap_err();
    assert!(matches!(error, LabError::Gone(_)), "{error}");
}

#[test]
fn a_server_that_hangs_up_is_noticed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let serving = thread::spawn(move || drop(listener.accept().unwrap()));
    let mut clients = Clients::new().unwrap();
    clients.open(server, 0, 1, |_| {}).unwrap();
    serving.join().unwrap();
    let error = clients.echo(ONE_EACH, Duration::ZERO).unwrap_err();
    assert!(
        matches!(error, ClientsError::Lost { lost: 1, open: 1 }),
        "{error}"
    );
}

#[test]
fn a_server_that_refuses_is_noticed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    drop(listener);
    let error = Clients::new().unwrap().open(server, 0, 1, |_| {}).unwrap_err();
    assert!(matches!(error, ClientsError::Connect { open: 0, .. }), "{error}");
}
