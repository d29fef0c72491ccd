//! The tool, run as a user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{Data, file, str};

/// What the tool prints.
fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

fn tool(args: &[&str]) -> Command {
    Command::new(cargo_bin!("06-stomp")).args(args)
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(args: &[&str]) -> Running {
    let mut command = std::process::Command::new(cargo_bin!("06-stomp"));
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    Running(command.spawn().unwrap())
}

/// The next line that a process prints.
fn line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line
}

/// A broker as a process of its own.
struct Broker {
    tcp: String,
    web_socket: String,
    _process: Running,
    /// Kept open, so that the broker can go on printing.
    _output: BufReader<ChildStdout>,
}

fn serve() -> Broker {
    let mut process = start(&["serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"]);
    let mut output = BufReader::new(process.0.stdout.take().unwrap());
    let mut url = || line(&mut output).split_whitespace().last().unwrap().to_owned();
    Broker {
        tcp: url(),
        web_socket: url(),
        _process: process,
        _output: output,
    }
}

/// A reader at one URL hears what is sent at another.
fn goes_through(reader_url: &str, sender_url: &str) {
    let mut reader = start(&["subscribe", "/topic/price.*", "--count", "2", "--url", reader_url]);
    let mut errors = BufReader::new(reader.0.stderr.take().unwrap());
    assert_eq!(
        line(&mut errors),
        format!("subscribed to /topic/price.* at {reader_url}\n")
    );
    for text in ["71,300", "한국어 ✓"] {
        tool(&["send", "/topic/price.samsung", text, "--url", sender_url])
            .assert()
            .success()
            .stdout_eq("")
            .stderr_eq("");
    }
    let mut output = BufReader::new(reader.0.stdout.take().unwrap());
    assert_eq!(line(&mut output), "/topic/price.samsung  71,300\n");
    assert_eq!(line(&mut output), "/topic/price.samsung  한국어 ✓\n");
    assert!(reader.0.wait().unwrap().success());
}

#[test]
fn a_message_goes_from_one_process_through_another_to_a_third_over_tcp() {
    let broker = serve();
    goes_through(&broker.tcp, &broker.tcp);
}

#[test]
fn a_message_goes_from_one_process_through_another_to_a_third_over_web_socket() {
    let broker = serve();
    goes_through(&broker.web_socket, &broker.web_socket);
}

#[test]
fn both_transports_meet_in_one_broker() {
    let broker = serve();
    goes_through(&broker.tcp, &broker.web_socket);
    goes_through(&broker.web_socket, &broker.tcp);
}

#[test]
fn a_queue_keeps_a_message_until_somebody_comes_and_json_shows_all_of_it() {
    let broker = serve();
    let url = &broker.tcp;
    tool(&["send", "/queue/orders", "one\ntwo", "--url", url])
        .assert()
        .success();
    tool(&["subscribe", "/queue/orders", "--count", "1", "--json", "--url", url])
        .assert()
        .success()
        .stdout_eq(str![[r#"
{"destination":"/queue/orders","message_id":"[..]-1","headers":[["subscription","1"],["message-id","[..]-1"],["destination","/queue/orders"],["content-type","text/plain"]],"body":"one/ntwo"}

"#]]);
}

#[test]
fn demonstrates_all_six_steps_on_loopback_without_arguments() {
    tool(&[])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(file!["snapshots/demo.txt"]);
}

#[test]
fn help_teaches_with_examples() {
    let commands = ["serve", "subscribe", "send", "explain"];
    let pages = commands.map(|command| (vec![command, "--help"], format!("help-{command}.txt")));
    let first = (vec!["--help"], "help.txt".to_owned());
    for (args, snapshot) in pages.into_iter().chain([first]) {
        tool(&args)
            .env("COLUMNS", "100")
            .assert()
            .success()
            .stdout_eq(Data::read_from(&snapshots().join(snapshot), None));
    }
}

#[test]
fn explain_says_what_each_byte_is_for_and_points_at_the_one_at_fault() {
    let frame = "\nSEND\ndestination:/topic/price\nat:12\\c30\nat:13\ncontent-length:4\n\n71\0,\0";
    tool(&["explain"])
        .stdin(frame)
        .assert()
        .success()
        .stdout_eq(file!["snapshots/explain.txt"]);
    tool(&["explain", "--version", "1.1"])
        .stdin("SUBSCRIBE\ndestination:/topic/price\n\n^@SEND\ndestination:a\r\n\n^@")
        .assert()
        .code(2)
        .stdout_eq(file!["snapshots/explain-1-1.txt"])
        .stderr_eq(str![[r#"
error: byte 0: SUBSCRIBE has no id header, which it needs (STOMP 1.1, "SUBSCRIBE")

"#]]);
    tool(&["explain", "--json"])
        .stdin(frame)
        .assert()
        .success()
        .stdout_eq(file!["snapshots/explain.jsonl": Text]);
}

#[test]
fn explain_finds_each_fault_where_it_stands() {
    let faults = [
        ("SEMD\n\n^@", "byte 0", "STOMP Frames"),
        ("SEND\ndestination /a\n\n^@", "byte 19", "STOMP Frames"),
        ("SEND\n:/a\n\n^@", "byte 5", "Augmented BNF"),
        ("SEND\na:\\\\\\t\n\n^@", "byte 9", "Value Encoding"),
        ("SEND\na:b\\\n\n^@", "byte 8", "Value Encoding"),
        ("SEND\ndestination:/topic/a^@", "byte 25", "STOMP Frames"),
        (
            "SEND\ncontent-length:two\n\n^@",
            "byte 20",
            "Header content-length",
        ),
        (
            "SEND\ncontent-length:2\n\nabc^@",
            "byte 25",
            "Header content-length",
        ),
        ("SEND\ndestination:/topic/a\n\nabc", "byte 30", "STOMP Frames"),
        ("COMMIT\n\n^@", "byte 0", "COMMIT"),
        ("BEGIN\ntransaction:t\n\nbody^@", "byte 0", "BEGIN"),
        (
            "MESSAGE\ndestination:/topic/a\n\n^@RECEIPT\n\n^@",
            "byte 31",
            "RECEIPT",
        ),
    ];
    for (text, place, section) in faults {
        let sentence = format!("error: {place}: [..] (STOMP 1.2, {section:?})\n");
        tool(&["explain"])
            .stdin(text)
            .assert()
            .code(2)
            .stderr_eq(sentence);
    }
    // Version 1.0 has no escapes, and lets a body pass where nobody expects one.
    for text in [
        "SEND\ndestination:/topic/a\na:\\t\n\n^@",
        "BEGIN\ntransaction:t\n\nbody^@",
    ] {
        tool(&["explain", "--version", "1.0"])
            .stdin(text)
            .assert()
            .success();
    }
}

#[test]
fn bad_input_is_named_and_ends_with_2() {
    let refused = |args: &[&str], sentence: &str| {
        tool(args)
            .assert()
            .code(2)
            .stdout_eq("")
            .stderr_eq(format!("error: {sentence}\n"));
    };
    refused(
        &["send", "/topi/price", "x"],
        r#""/topi/price" is not a destination: write /topic/NAME, /queue/NAME or /temp-queue/NAME"#,
    );
    refused(
        &["send", "/topic/price.*", "x"],
        r#""/topic/price.*" is a pattern: a message goes to one destination, only a subscription may be open"#,
    );
    refused(
        &["subscribe", "/topic/price.>.x"],
        r#""/topic/price.>.x" goes on after > or #, which stand for the rest: put them at the end"#,
    );
    refused(
        &["send", "/topic/price", "x", "--url", "http://localhost"],
        r#""http://localhost" is no address of a broker: write stomp://HOST:61613, or ws://HOST:61614/stomp for WebSocket"#,
    );
    refused(
        &["explain", "/no/such/file"],
        r#""/no/such/file" is neither hex digits (two a byte, as in 53 45) nor a file that can be read: [..]"#,
    );
    refused(
        &["explain"],
        "there is no frame: give hex digits, a file, or text on standard input",
    );
    for args in [
        &["serve", "--tcp", "127.0.0.1:99999"][..],
        &["send", "/topic/price", "x", "--timeout", "0"],
        &["send", "/topic/price", "x", "--heart-beat", "1000"],
        &["explain", "--version", "2.0", "00"],
    ] {
        tool(args).assert().code(2).stdout_eq("");
    }
}

#[test]
fn a_broker_that_is_not_there_is_named_and_ends_with_1() {
    tool(&["send", "/topic/price", "x", "--url", "stomp://127.0.0.1:1"])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
error: cannot connect to 127.0.0.1:1: connection refused, as nothing listens there; start the server, or check the port
To start a broker, in another terminal: cargo 06-stomp serve

"#]]);
}
