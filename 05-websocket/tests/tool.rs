//! The tool, as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, Command as Process, Stdio};
use std::thread;

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{file, str};

fn tool() -> Command {
    Command::new(cargo_bin!("05-websocket"))
}

/// What `serve` prints before anybody comes, as the book shows it.
const GREETING: &str = include_str!("snapshots/serve.txt");

/// Our server as a process of its own, which ends with the test.
struct Server {
    process: Child,
    lines: BufReader<std::process::ChildStdout>,
    url: String,
    greeting: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Process::new(cargo_bin!("05-websocket"))
            .args(["serve", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut greeting = String::new();
        let count = if arguments.contains(&"--json") {
            1
        } else {
            GREETING.lines().count()
        };
        (0..count).for_each(|_| assert!(lines.read_line(&mut greeting).unwrap() > 0));
        let url = greeting
            .split([' ', '\n', '"'])
            .find(|word| word.starts_with("ws://") || word.starts_with("wss://"))
            .unwrap()
            .to_owned();
        Self {
            process,
            lines,
            url,
            greeting,
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn without_arguments_it_demonstrates_a_conversation_on_loopback() {
    tool()
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(file!["snapshots/demo.txt"]);
}

#[test]
fn help_teaches() {
    tool()
        .arg("--help")
        .assert()
        .success()
        .stdout_eq(file!["snapshots/help.txt"]);
}

#[test]
fn explain_draws_the_standards_own_frames() {
    // RFC 6455, section 5.7.
    for (frames, snapshot) in [
        (
            "81 05 48 65 6c 6c 6f".to_owned(),
            file!["snapshots/explain-text.txt"],
        ),
        (
            "01 03 48 65 6c 80 02 6c 6f".to_owned(),
            file!["snapshots/explain-fragments.txt"],
        ),
        (
            "0x89,0x85,0x37,0xfa,0x21,0x3d,0x7f,0x9f,0x4d,0x51,0x58".to_owned(),
            file!["snapshots/explain-ping.txt"],
        ),
        (
            format!("82 7e 01 00 {}", "00 ".repeat(256)),
            file!["snapshots/explain-256-bytes.txt"],
        ),
        (
            format!("82 7f 00 00 00 00 00 01 00 00 {}", "ab ".repeat(65536)),
            file!["snapshots/explain-64-kib.txt"],
        ),
    ] {
        tool()
            .args(["explain", "-"])
            .stdin(frames)
            .assert()
            .success()
            .stdout_eq(snapshot);
    }
}

#[test]
fn explain_names_the_violation_of_a_frame_that_breaks_the_rules() {
    for (frames, snapshot) in [
        ("88 02 03 ee", file!["snapshots/explain-bad-close.txt"]),
        ("8a 7e 00 01 ff", file!["snapshots/explain-long-length.txt"]),
    ] {
        tool()
            .args(["explain", frames])
            .assert()
            .success()
            .stdout_eq(snapshot);
    }
}

#[test]
fn explain_reads_bytes_and_hex_digits_from_files() {
    let folder = std::env::temp_dir();
    for (name, content) in [
        ("frames.bin", &b"\x81\x02Hi"[..]),
        ("frames.hex", b"81 02\n48 69\n"),
    ] {
        let path = folder.join(format!("05-websocket-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let outcome = tool().arg("explain").arg(&path).assert();
        std::fs::remove_file(&path).unwrap();
        let drawn = String::from_utf8(outcome.success().get_output().stdout.clone()).unwrap();
        assert!(drawn.contains("Payload data    \"Hi\""), "{drawn}");
    }
}

#[test]
fn explain_gives_json_a_line_a_frame() {
    tool().args(["explain", "--json", "8185", "37fa213d", "7f9f4d5158", "8302", "0000"]).assert().success().stdout_eq(
        str![[r#"
{"close_code":null,"fin":true,"header_bytes":6,"masking_key":"37 FA 21 3D","name":"text","opcode":1,"payload_bytes":5,"payload_start":"48 65 6C 6C 6F","rsv":0,"section":null,"violation":null}
{"close_code":1002,"fin":true,"header_bytes":2,"masking_key":null,"name":"reserved opcode 3","opcode":3,"payload_bytes":2,"payload_start":"00 00","rsv":0,"section":"5.2","violation":"opcode 3 has no meaning"}

"#]],
    );
}

#[test]
fn bad_input_is_one_clear_sentence_and_exit_code_2() {
    for (arguments, error) in [
        (
            &["explain", "zz"][..],
            "error: \"zz\" is neither hex digits (two a byte, as in 81 05) nor a file that can be read: [..]\n",
        ),
        (
            &["explain", "81", "zz"],
            "error: \"81 zz\" is not hex: write two digits a byte, as in 81 05\n",
        ),
        (
            &["explain", "81 05 48"],
            "error: the input ends with 3 bytes of a frame whose rest is missing\n",
        ),
        (
            &["explain", "81 85"],
            "error: the input ends with 2 bytes of a frame whose rest is missing\n",
        ),
        (
            &["bench", "ws://127.0.0.1:1/", "--size", "4000000000"],
            "error: 1 x 4000000000 bytes are too much for one connection to have on their way: take a smaller --size or --depth\n",
        ),
        (
            &["connect", "http://a.example"],
            "error: invalid value 'http://a.example' for '<URL>': \"http://a.example\" is not a WebSocket URL: write ws://HOST:PORT/PATH, or wss:// for TLS\n\nFor more information, try '--help'.\n",
        ),
        (
            &["serve", "--cert", "nowhere.pem", "--key", "nowhere.pem"],
            "error: there is no [..] to be had from nowhere.pem: [..]; a file in PEM is needed (\"-----BEGIN ...\")\n",
        ),
        (
            &["connect", "ws://127.0.0.1:1/", "--header", "A: b\nc: d"],
            "error: \"b[..]c: d\" cannot stand in the A header: a header is one line\n",
        ),
        (
            &["connect", "ws://127.0.0.1:1/", "--subprotocol", "two words"],
            "error: \"two words\" cannot stand in the Sec-WebSocket-Protocol header: a subprotocol is a word without spaces\n",
        ),
    ] {
        tool()
            .args(arguments)
            .assert()
            .code(2)
            .stdout_eq("")
            .stderr_eq(error);
    }
}

#[test]
fn a_port_where_nobody_listens_is_refused() {
    // A port that was free a moment ago, and that the system will not give to the next who asks.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    tool()
        .args(["connect", &format!("ws://{address}/")])
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq("error: cannot connect to 127.0.0.1:[..]: connection refused[..]\n");
}

/// Runs our client against a server that gives every caller the same answer.
fn connect_to(answer: &'static [u8], arguments: &[&str]) -> snapbox::cmd::OutputAssert {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/chat", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut caller, _) = listener.accept().unwrap();
        let mut request = BufReader::new(caller.try_clone().unwrap());
        let mut line = String::new();
        while request.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        caller.write_all(answer).unwrap();
        if answer.is_empty() {
            // Says nothing, and waits until the client has had enough.
            let _ = request.read_line(&mut line);
        }
    });
    let outcome = tool().args(["connect", &url]).args(arguments).assert();
    server.join().unwrap();
    outcome
}

#[test]
fn a_url_that_answers_404_is_not_a_websocket() {
    connect_to(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", &[]).code(1).stderr_eq(
        "error: no WebSocket at ws://127.0.0.1:[..]/chat: the server answered 404 Not Found: there is no WebSocket under this path: check the URL\n",
    );
}

#[test]
fn a_server_that_does_not_know_the_key_is_not_a_websocket() {
    connect_to(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
        &[],
    )
    .code(1)
    .stderr_eq("error: no WebSocket at ws://127.0.0.1:[..]/chat: the answer's Sec-WebSocket-Accept is \"x\" and should be \"[..]\": this is not a WebSocket server, or an old answer from a cache (RFC 6455, section 4.1)\n");
}

#[test]
fn a_server_of_something_else_is_not_a_websocket() {
    connect_to(b"220 mail.example ESMTP\r\n\r\n", &[]).code(1).stderr_eq(
        "error: ws://127.0.0.1:[..]/chat gave no answer to the opening handshake: what came is no HTTP ([..]): \"220 mail.example ESMTP/r/n/r/n\"\n",
    );
}

#[test]
fn a_server_that_says_nothing_times_out() {
    connect_to(b"", &["--timeout", "0.1"]).code(1).stderr_eq(
        "error: ws://127.0.0.1:[..]/chat gave no answer to the opening handshake: cannot pull from 127.0.0.1:[..]: timed out after [..]\n",
    );
}

#[test]
fn a_server_that_is_lost_in_mid_conversation_is_an_error() {
    let answer = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";
    connect_to(answer, &[]).code(1);
}

#[test]
fn server_and_client_hold_a_conversation() {
    let mut server = Server::start(&["--subprotocol", "chat"]);
    let mut client = Process::new(cargo_bin!("05-websocket"))
        .args([
            "connect",
            &server.url,
            "--subprotocol",
            "superchat",
            "--subprotocol",
            "chat",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = client.stdin.take().unwrap();
    let mut output = BufReader::new(client.stdout.take().unwrap());
    for line in ["hello\n", "한글 ✓\n", "\n"] {
        input.write_all(line.as_bytes()).unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        assert_eq!(answer, line);
    }
    drop(input);
    let ended = client.wait_with_output().unwrap();
    assert!(ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains(", speaking chat; end with Ctrl-D"), "{said}");
    assert!(said.ends_with("closed with 1000 (normal closure)\n"), "{said}");
    for heard in [
        "connected to /, speaks chat",
        "says \"hello\"",
        "says \"한글 ✓\"",
        "says \"\"",
        "closed with 1000",
    ] {
        let line = server.line();
        assert!(line.contains(heard), "{line}");
    }
}

#[test]
fn a_server_says_where_it_is() {
    let server = Server::start(&[]);
    let authority = server.url.trim_start_matches("ws://").trim_end_matches('/');
    assert_eq!(server.greeting.replace(authority, "127.0.0.1:8080"), GREETING);
}

#[test]
fn a_browser_gets_a_page_at_the_root_and_404_elsewhere() {
    let server = Server::start(&["--path", "/chat"]);
    let authority = server
        .url
        .trim_start_matches("ws://")
        .trim_end_matches("/chat")
        .to_owned();
    for (target, status, contains) in [
        ("/", "HTTP/1.1 200 OK", "new URL(\"/chat\", location)"),
        ("/favicon.ico", "HTTP/1.1 404 Not Found", "nothing at"),
    ] {
        let mut socket = std::net::TcpStream::connect(&authority).unwrap();
        write!(socket, "GET {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n").unwrap();
        let answer = std::io::read_to_string(&mut socket).unwrap();
        assert!(answer.starts_with(status), "{answer}");
        assert!(answer.contains(contains), "{answer}");
    }
}

#[test]
fn trace_draws_the_conversation_on_standard_error() {
    let server = Server::start(&[]);
    let ended = tool()
        .args(["connect", &server.url, "--trace"])
        .stdin("Hello\n")
        .assert()
        .success();
    let drawn = String::from_utf8(ended.get_output().stderr.clone()).unwrap();
    for part in [
        "> GET / HTTP/1.1\n",
        "< HTTP/1.1 101 Switching Protocols\n",
        "sent:\n",
        "  MASK 1          from a client, with the key ",
        "received:\n",
        "  MASK 0          from a server (5.1)\n",
        "  Payload data    \"Hello\"\n",
        "  opcode 8        close",
    ] {
        assert!(drawn.contains(part), "{part:?} is not in\n{drawn}");
    }
}

#[test]
fn a_reader_who_has_seen_enough_ends_the_tool_quietly() {
    let mut process = Process::new(cargo_bin!("05-websocket"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let ended = process.wait_with_output().unwrap();
    assert!(ended.status.success());
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
}

/// One line said to a server, and what came back; the server's own line about the message must hold `says`.
fn hello(server: &mut Server, arguments: &[&str], says: &str) {
    tool()
        .args(["connect", &server.url])
        .args(arguments)
        .stdin("hello\n")
        .assert()
        .success()
        .stdout_eq("hello\n");
    let lines = [server.line(), server.line(), server.line()].concat();
    assert!(lines.contains(says), "{lines}");
}

#[test]
fn both_engines_print_alike() {
    for engine in [
        &["--threads"][..],
        &["--event-loop", "--loops", "1"],
        &[],
        &["--echo"],
    ] {
        let mut server = Server::start(engine);
        hello(&mut server, &[], "says \"hello\"");
    }
    let mut server = Server::start(&["--json"]);
    hello(&mut server, &[], "{\"bytes\":5,\"event\":\"message\",");
}

#[test]
fn a_certificate_made_on_the_spot_is_trusted_as_the_server_says() {
    for engine in ["--threads", "--event-loop"] {
        let mut server = Server::start(&["--tls", engine]);
        assert!(
            server.greeting.contains("listening on wss://"),
            "{}",
            server.greeting
        );
        server.line();
        let advice = server.line();
        let authority = advice.split("--ca ").nth(1).unwrap().trim().to_owned();
        tool()
            .args(["connect", &server.url])
            .stdin("")
            .assert()
            .code(1)
            .stderr_eq(
                "error: nobody trusted here has signed the certificate of 127.0.0.1:[..]--ca FILE[..]\n",
            );
        assert!(server.line().contains("it does not trust the certificate"));
        hello(&mut server, &["--ca", &authority], "says \"hello\"");
        #[cfg(unix)]
        {
            stop(&server);
            assert!(server.process.wait().unwrap().success());
            assert!(!std::path::Path::new(&authority).exists());
        }
    }
}

#[test]
fn everybody_hears_what_is_said_in_a_chat() {
    let server = Server::start(&["--chat"]);
    let mut listener = Process::new(cargo_bin!("05-websocket"))
        .args(["connect", &server.url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = String::new();
    BufReader::new(listener.stderr.take().unwrap())
        .read_line(&mut told)
        .unwrap();
    tool()
        .args(["connect", &server.url])
        .stdin("to all\n")
        .assert()
        .success();
    let mut heard = String::new();
    BufReader::new(listener.stdout.take().unwrap())
        .read_line(&mut heard)
        .unwrap();
    assert_eq!(heard, "to all\n");
    listener.kill().unwrap();
    listener.wait().unwrap();
}

#[test]
fn binary_lines_and_signs_of_life() {
    let server = Server::start(&["--quiet"]);
    let ended = tool()
        .args(["connect", &server.url, "--binary", "--ping"])
        .stdin("hello\n")
        .assert()
        .success()
        .stdout_eq("(5 bytes, binary)\n");
    let said = String::from_utf8(ended.get_output().stderr.clone()).unwrap();
    assert!(said.contains("a sign of life after "), "{said}");
}

#[test]
fn bench_counts_what_comes_back() {
    let server = Server::start(&["--quiet"]);
    let ended = tool()
        .args([
            "bench",
            &server.url,
            "--json",
            "--connections",
            "3",
            "--depth",
            "2",
            "--seconds",
            "0.2",
        ])
        .assert()
        .success();
    let facts: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    assert_eq!(facts["connections"], 3);
    assert!(facts["messages"].as_u64().unwrap() > 10, "{facts}");
    assert!(facts["p50"].as_u64() <= facts["p99"].as_u64(), "{facts}");
}

#[test]
fn bench_says_what_is_wrong_with_a_server() {
    let server = Server::start(&["--quiet", "--path", "/chat"]);
    tool()
        .args([
            "bench",
            &server.url.replace("/chat", "/nowhere"),
            "--seconds",
            "0.1",
        ])
        .assert()
        .code(1)
        .stderr_eq(
            "error: the load on ws://127.0.0.1:[..]/nowhere failed: the server answered 404 Not Found[..]\n",
        );
}

#[cfg(unix)]
fn stop(server: &Server) {
    let stopped = Process::new("kill")
        .arg(server.process.id().to_string())
        .status()
        .unwrap();
    assert!(stopped.success());
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_says_goodbye_first() {
    let mut server = Server::start(&["--tls"]);
    server.line();
    let advice = server.line();
    let authority = advice.split("--ca ").nth(1).unwrap().trim().to_owned();
    let mut client = Process::new(cargo_bin!("05-websocket"))
        .args(["connect", &server.url, "--ca", &authority])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    assert!(server.line().contains("connected to /"));
    stop(&server);
    let said = std::io::read_to_string(client.stderr.take().unwrap()).unwrap();
    assert!(
        said.ends_with("closed with 1001 (going away): the server stops\n"),
        "{said}"
    );
    assert!(client.wait().unwrap().success());
    assert!(server.process.wait().unwrap().success());
    assert!(!std::path::Path::new(&authority).exists());
}
