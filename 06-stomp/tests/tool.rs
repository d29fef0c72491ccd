//! The tool, run as a user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{file, str};

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
    tool(&["--help"])
        .env("COLUMNS", "100")
        .assert()
        .success()
        .stdout_eq(file!["snapshots/help.txt"]);
    tool(&["serve", "--help"])
        .env("COLUMNS", "100")
        .assert()
        .success()
        .stdout_eq(file!["snapshots/help-serve.txt"]);
    tool(&["subscribe", "--help"])
        .env("COLUMNS", "100")
        .assert()
        .success()
        .stdout_eq(file!["snapshots/help-subscribe.txt"]);
    tool(&["send", "--help"])
        .env("COLUMNS", "100")
        .assert()
        .success()
        .stdout_eq(file!["snapshots/help-send.txt"]);
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
    tool(&["serve", "--tcp", "127.0.0.1:99999"]).assert().code(2);
}

#[test]
fn a_broker_that_is_not_there_is_named_and_ends_with_1() {
    tool(&["send", "/topic/price", "x", "--url", "stomp://127.0.0.1:1"])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
error: cannot connect to 127.0.0.1:1: connection refused, as nothing listens there; start the server, or check the port

"#]]);
}
