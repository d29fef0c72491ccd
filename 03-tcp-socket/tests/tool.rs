//! The tool, run as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "some of these tests are for Linux only")
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use snapbox::str;
use tcp_socket::{Listener, TcpSocket};

/// Long enough for a slow machine; nothing that works waits for it.
const AMPLE: Duration = Duration::from_secs(20);

fn tool() -> snapbox::cmd::Command {
    snapbox::cmd::Command::new(snapbox::cmd::cargo_bin!("03-tcp-socket"))
}

fn loopback() -> Listener {
    Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

/// The tool as a process of its own, with all three of its streams in our hands.
fn start(arguments: &[&str]) -> (Child, BufReader<ChildStderr>) {
    let mut child = Command::new(snapbox::cmd::cargo_bin!("03-tcp-socket"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let messages = BufReader::new(child.stderr.take().unwrap());
    (child, messages)
}

/// Starts `listen` on a port of the system's choice, and says which.
fn start_listening() -> (Child, String) {
    let (child, mut messages) = start(&["listen", "0"]);
    let mut line = String::new();
    messages.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    thread::spawn(move || messages.read_to_string(&mut String::new()));
    (child, address)
}

#[test]
fn without_a_command_the_demonstration_shows_every_call() {
    tool()
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/demo.txt"])
        .stderr_eq(str![]);
}

#[test]
fn listen_and_connect_copy_both_ways_and_end_in_good_order() {
    let (mut server, address) = start_listening();
    server.stdin.take().unwrap().write_all(b"welcome\n").unwrap();
    tool()
        .args(["connect", &address, "--trace"])
        .stdin("hello\n")
        .assert()
        .success()
        .stdout_eq("welcome\n")
        .stderr_eq(str![[r#"
...
connect(127.0.0.1:[..]) -> 127.0.0.1:[..] ([..])
connected: 127.0.0.1:[..] to 127.0.0.1:[..]
...
"#]]);
    let output = server.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello\n");
}

#[test]
fn more_than_fits_into_one_call_arrives_whole() {
    let (mut server, address) = start_listening();
    drop(server.stdin.take());
    let data: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut output = server.stdout.take().unwrap();
    let received = thread::spawn(move || {
        let mut received = Vec::new();
        output.read_to_end(&mut received).unwrap();
        received
    });
    tool()
        .args(["connect", &address])
        .stdin(data.clone())
        .assert()
        .success();
    assert!(received.join().unwrap() == data, "what came is not what was sent");
    assert!(server.wait().unwrap().success());
}

/// Both at once: who sent everything first and pulled afterwards would wait for ever, with both buffers full.
#[test]
fn a_hundred_megabytes_go_both_ways_at_once() {
    const PIECES: usize = 100;
    let (server, address) = start_listening();
    let (client, messages) = start(&["connect", &address]);
    drop(messages);
    let piece: Vec<u8> = (0..250_000_u32).flat_map(u32::to_le_bytes).collect();
    thread::scope(|scope| {
        for mut child in [server, client] {
            let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            let piece = &piece;
            scope.spawn(move || {
                for _ in 0..PIECES {
                    input.write_all(piece).unwrap();
                }
            });
            scope.spawn(move || {
                let mut heard = vec![0; piece.len()];
                for _ in 0..PIECES {
                    output.read_exact(&mut heard).unwrap();
                    assert!(heard == *piece, "what came is not what was sent");
                }
                assert_eq!(output.read(&mut heard).unwrap(), 0);
                assert!(child.wait().unwrap().success());
            });
        }
    });
}

/// `03-tcp-socket | head -1`
#[test]
fn a_reader_who_has_had_enough_is_no_failure() {
    let mut child = Command::new(snapbox::cmd::cargo_bin!("03-tcp-socket"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn the_end_of_input_closes_one_direction_and_the_answer_still_comes() {
    let listener = loopback();
    let address = listener.local_address().to_string();
    let server = thread::spawn(move || {
        let socket = listener.accept().unwrap();
        let mut question = Vec::new();
        let mut buffer = [0; 16];
        loop {
            match socket.pull(&mut buffer, AMPLE).unwrap() {
                0 => break,
                count => question.extend_from_slice(&buffer[..count]),
            }
        }
        socket.send(&question.to_ascii_uppercase(), AMPLE).unwrap();
    });
    tool()
        .args(["connect", &address])
        .stdin("anybody there?\n")
        .assert()
        .success()
        .stdout_eq(str![[r#"
ANYBODY THERE?

"#]]);
    server.join().unwrap();
}

#[test]
fn the_trace_shows_every_call_with_its_size() {
    let listener = loopback();
    let address = listener.local_address().to_string();
    let server = thread::spawn(move || {
        let socket = listener.accept().unwrap();
        let mut buffer = [0; 64];
        while socket.pull(&mut buffer, AMPLE).unwrap() > 0 {}
        socket.send(b"answer", AMPLE).unwrap();
    });
    tool()
        .args(["connect", &address, "--trace"])
        .stdin("question")
        .assert()
        .success()
        .stderr_eq(str![[r#"
connect(127.0.0.1:[..]) -> 127.0.0.1:[..] ([..]s)
connected: 127.0.0.1:[..] to 127.0.0.1:[..]
send(8) -> 8 "question" ([..]s)
shutdown(write)
pull(8192) -> 6 "answer" ([..]s)
pull(8192) -> 0 (closed) ([..]s)

"#]]);
    server.join().unwrap();
}

#[test]
fn with_crlf_each_line_ends_as_a_text_protocol_wants_it() {
    let (mut server, address) = start_listening();
    drop(server.stdin.take());
    // The second line has its CR already.
    tool()
        .args(["connect", &address, "--crlf"])
        .stdin("GET / HTTP/1.0\nHost: h\r\n\n")
        .assert()
        .success();
    let output = server.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"GET / HTTP/1.0\r\nHost: h\r\n\r\n");
}

#[test]
fn in_hexadecimal_each_byte_that_arrives_can_be_seen() {
    let listener = loopback();
    let address = listener.local_address().to_string();
    let server = thread::spawn(move || {
        let socket = listener.accept().unwrap();
        socket.send(b"\x81\x05Hello, and a second row\n", AMPLE).unwrap();
    });
    tool()
        .args(["connect", &address, "--hex"])
        .stdin("")
        .assert()
        .success()
        .stdout_eq(str![[r#"
00000000  81 05 48 65 6c 6c 6f 2c 20 61 6e 64 20 61 20 73  |..Hello, and a s|
00000010  65 63 6f 6e 64 20 72 6f 77 0a                    |econd row.|

"#]]);
    server.join().unwrap();
}

#[test]
fn a_peer_that_closes_first_is_told_while_ones_own_direction_stays_open() {
    let listener = loopback();
    let (mut child, mut messages) = start(&["connect", &listener.local_address().to_string()]);
    let server = listener.accept().unwrap();
    server.shutdown(Shutdown::Write).unwrap();
    let mut lines = String::new();
    messages.read_line(&mut lines).unwrap();
    messages.read_line(&mut lines).unwrap();
    assert!(
        lines.contains("has closed its direction; yours ends with your input (Ctrl-D)"),
        "{lines}"
    );
    child.stdin.take().unwrap().write_all(b"last word").unwrap();
    let mut buffer = [0; 16];
    assert_eq!(server.pull(&mut buffer, AMPLE).unwrap(), 9);
    assert_eq!(server.pull(&mut buffer, AMPLE).unwrap(), 0);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_conversation_goes_through_the_proxy_and_the_proxy_reports_it() {
    let (mut server, address) = start_listening();
    server.stdin.take().unwrap().write_all(b"welcome\n").unwrap();
    let port = address.rsplit_once(':').unwrap().1;
    let (mut proxy, mut reports) = start(&["proxy", "0", "--allow", port]);
    let mut line = String::new();
    reports.read_line(&mut line).unwrap();
    let (listening, _) = line.split_once(';').unwrap();
    let proxy_address = listening.strip_prefix("listening on ").unwrap();
    tool()
        .args(["connect", &address, "--proxy", proxy_address])
        .stdin("hello\n")
        .assert()
        .success()
        .stdout_eq("welcome\n");
    assert_eq!(server.wait_with_output().unwrap().stdout, b"hello\n");
    let mut line = String::new();
    reports.read_line(&mut line).unwrap();
    assert!(
        line.ends_with(&format!("CONNECT {address} -> 200, 6 bytes up, 8 bytes down\n")),
        "{line}"
    );
    tool().args(["connect", "127.0.0.1", "1", "--proxy", proxy_address]).assert().code(1).stderr_eq(str![[r#"
error: the proxy 127.0.0.1:[..] gives no tunnel to 127.0.0.1:1: 403 Forbidden; ask whoever runs it which ports it allows

"#]]);
    proxy.kill().unwrap();
    proxy.wait().unwrap();
}

#[test]
fn refused_is_one_clear_sentence_and_exit_code_1() {
    let dead = loopback().local_address();
    let (host, port) = (dead.ip().to_string(), dead.port().to_string());
    tool().args(["connect", &host, &port]).assert().code(1).stdout_eq(str![]).stderr_eq(str![[r#"
error: cannot connect to 127.0.0.1:[..]: connection refused, as nothing listens there; start the server, or check the port

"#]]);
}

#[test]
fn a_silent_peer_is_a_timeout_and_exit_code_1() {
    let listener = loopback();
    tool()
        .args(["connect", &listener.local_address().to_string(), "--timeout", "0.05"])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
connected: 127.0.0.1:[..] to 127.0.0.1:[..]
error: cannot pull from 127.0.0.1:[..]: timed out after [..]ms; the peer sent nothing: look at what it waits for, or allow more time

"#]]);
}

#[test]
fn a_reset_is_named_and_exit_code_1() {
    let listener = loopback();
    let (child, mut messages) = start(&["connect", &listener.local_address().to_string()]);
    let server = listener.accept().unwrap();
    let mut line = String::new();
    messages.read_line(&mut line).unwrap();
    server.set_linger(Some(Duration::ZERO)).unwrap();
    drop(server);
    line.clear();
    messages.read_line(&mut line).unwrap();
    assert!(line.starts_with("error: cannot pull from 127.0.0.1:"), "{line}");
    assert!(line.contains("connection reset"), "{line}");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
}

#[test]
fn bad_input_is_one_clear_sentence_and_exit_code_2() {
    for (arguments, complaint) in [
        (
            &["connect", "127.0.0.1", "70000"][..],
            "70000 is not a port: a port is a 16-bit number",
        ),
        (&["connect", "127.0.0.1"], "names no port"),
        (&["connect", "::1"], "is an IPv6 address without brackets"),
        (&["listen", "7000x"], "names no port"),
        (
            &["listen", "80000"],
            "80000 is not a port: a port is a 16-bit number",
        ),
        (&["proxy", "--allow", "0"], "nobody listens on port 0"),
        (
            &["listen", "127.0.0.1:99999"],
            "a port is a number from 0 to 65535",
        ),
        (
            &["listen", "0", "--timeout", "0"],
            "is not a time: write seconds greater than 0",
        ),
        (&["listen", "0", "--timeout", "-3"], "'-3'"),
        (&["shout"], "unrecognized subcommand 'shout'"),
    ] {
        let output = tool().args(arguments).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(
            message.starts_with("error: ") && message.contains(complaint),
            "{arguments:?}: {message}"
        );
        assert_eq!(output.stdout, b"", "{arguments:?}");
    }
}

#[test]
fn a_port_that_is_taken_is_named_and_exit_code_1() {
    let listener = loopback();
    tool().args(["listen", &listener.local_address().to_string()]).assert().code(1).stderr_eq(str![[r#"
error: cannot [..] 127.0.0.1:[..]: address in use, as another program has this port; stop it, or take another port

"#]]);
}

#[test]
fn the_help_teaches() {
    tool()
        .arg("--help")
        .env("COLUMNS", "100")
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/help.txt"]);
}

/// A program that is stopped (Ctrl-Z) and continued (`fg`) finds its call interrupted (EINTR) on Linux, if the socket
/// has a timeout. That is no failure of the connection.
#[cfg(target_os = "linux")]
#[test]
fn stopping_and_continuing_the_program_does_not_break_the_conversation() {
    let listener = loopback();
    let address = listener.local_address().to_string();
    let (child, mut messages) = start(&["connect", &address, "--timeout", "20"]);
    let server = listener.accept().unwrap();
    messages.read_line(&mut String::new()).unwrap();
    for _ in 0..20 {
        signal(&child, "STOP");
        while !matches!(state_of(&child), 'T' | 'Z') {
            thread::yield_now();
        }
        signal(&child, "CONT");
        while state_of(&child) == 'T' {
            thread::yield_now();
        }
    }
    answer_and_close(&server);
    let output = child.wait_with_output().unwrap();
    let mut rest = String::new();
    messages.read_to_string(&mut rest).unwrap();
    assert!(output.status.success(), "{rest}");
    assert_eq!(output.stdout, b"still there");
}

/// If each interruption started the clock anew, this program would never end.
#[cfg(target_os = "linux")]
#[test]
fn stopping_and_continuing_the_program_does_not_stretch_its_timeout() {
    let listener = loopback();
    let address = listener.local_address().to_string();
    let (mut child, mut messages) = start(&["connect", &address, "--timeout", "0.3"]);
    let _server = listener.accept().unwrap();
    let patience = Instant::now();
    while child.try_wait().unwrap().is_none() && patience.elapsed() < AMPLE {
        signal(&child, "STOP");
        signal(&child, "CONT");
    }
    let mut lines = String::new();
    messages.read_to_string(&mut lines).unwrap();
    assert!(lines.contains("timed out after"), "{lines}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[cfg(target_os = "linux")]
fn answer_and_close(server: &TcpSocket) {
    server.send(b"still there", AMPLE).unwrap();
    server.shutdown(Shutdown::Write).unwrap();
}

#[cfg(target_os = "linux")]
fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// `T` while the process is stopped, `Z` once it has ended (proc(5), the third field of `stat`).
#[cfg(target_os = "linux")]
fn state_of(child: &Child) -> char {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    rest.chars().next().unwrap()
}
