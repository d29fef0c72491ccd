//! The tool, run as a user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use common::PATIENCE;
use common::scripted::{Peer, scripted};
use ports::conflict::{Options, bind};
use snapbox::cmd::{Command, cargo_bin};
use snapbox::{Data, file, str};
use stomp::{Client, ClientOptions};
use websocket::tls::{ClientTls, TestCertificate};

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
    page: String,
    _process: Running,
    /// Kept open, so that the broker can go on printing.
    _output: BufReader<ChildStdout>,
}

fn serve() -> Broker {
    serve_at("127.0.0.1:0", &[])
}

fn serve_at(tcp: &str, more: &[&str]) -> Broker {
    let mut process = start(&[&["serve", "--tcp", tcp, "--ws", "127.0.0.1:0"], more].concat());
    let mut output = BufReader::new(process.0.stdout.take().unwrap());
    let mut url = || line(&mut output).split_whitespace().last().unwrap().to_owned();
    Broker {
        tcp: url(),
        web_socket: url(),
        page: url(),
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
    let commands = [
        "serve",
        "passwd",
        "subscribe",
        "send",
        "chat",
        "quotes",
        "explain",
        "bench",
    ];
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
    refused(
        &["chat", "two words"],
        r#""two words" is no name: write 1 to 32 letters, digits, - or _"#,
    );
    for args in [
        &["chat"][..],
        &["chat", "lobby", "--name", "<b>"],
        &["quotes", "--publish"],
        &["quotes", "--page", "--json"],
        &["quotes", "--every", "0"],
        &["quotes", "--seed", "seven"],
        &["quotes", "--url", "localhost"],
        &["subscribe", "/topic/a", "--count", "x"],
        &["subscribe", "/topic/a", "--ack", "never"],
        &["serve", "--cert", "only.pem"],
        &["serve", "--tls", "127.0.0.1:0"],
        &["serve", "--slow", "wait"],
        &["nothing"],
        &["serve", "--tcp", "127.0.0.1:99999"],
        &["send", "/topic/price", "x", "--timeout", "0"],
        &["send", "/topic/price", "x", "--heart-beat", "1000"],
        &["explain", "--version", "2.0", "00"],
    ] {
        tool(args).assert().code(2).stdout_eq("");
    }
}

#[test]
fn a_broker_that_is_not_there_is_named_and_ends_with_1() {
    for args in [
        &["send", "/topic/price", "x"][..],
        &["subscribe", "/topic/price"],
        &["chat", "lobby"],
        &["quotes"],
        &["quotes", "--publish"],
    ] {
        for url in ["stomp://127.0.0.1:1", "ws://127.0.0.1:1/stomp"] {
            tool(args)
                .args(["--url", url])
                .assert()
                .code(1)
                .stdout_eq("")
                .stderr_eq(str![[r#"
error: cannot connect to 127.0.0.1:1: connection refused, as nothing listens there; start the server, or check the port
To start a broker, in another terminal: cargo 06-stomp serve

"#]]);
        }
    }
}

#[test]
fn quotes_gives_the_same_prices_for_the_same_seed() {
    let quotes = |more: &[&str]| {
        tool(&["quotes", "--count", "5", "--every", "0.001"])
            .args(more)
            .assert()
            .success()
    };
    quotes(&["--seed", "7"])
        .stdout_eq(str![[r#"
NAVER                   188,100  ▼ -100
NAVER                   188,300  ▲ +100
Kakao                    41,300  ▲ +50
LG Electronics           78,700  ▼ -200
Samsung Electronics      71,100  ▼ -200

"#]])
        .stderr_eq("The same in a browser: http://127.0.0.1:[..]/\n");
    quotes(&["--seed", "7", "--json"]).stdout_eq(str![[r#"
{"symbol":"naver","name":"NAVER","price":188100,"change":-100}
{"symbol":"naver","name":"NAVER","price":188300,"change":100}
{"symbol":"kakao","name":"Kakao","price":41300,"change":50}
{"symbol":"lg","name":"LG Electronics","price":78700,"change":-200}
{"symbol":"samsung","name":"Samsung Electronics","price":71100,"change":-200}

"#]]);
}

#[test]
fn quotes_goes_from_one_process_through_another_to_a_third() {
    let broker = serve();
    let mut reader = start(&["quotes", "--count", "3", "--url", &broker.web_socket]);
    let mut errors = BufReader::new(reader.0.stderr.take().unwrap());
    assert!(line(&mut errors).starts_with("watching /topic/price.*"));
    // Not a price: whoever watches passes over it.
    tool(&["send", "/topic/price.samsung", "hello", "--url", &broker.tcp])
        .assert()
        .success();
    tool(&[
        "quotes",
        "--publish",
        "--seed",
        "7",
        "--count",
        "3",
        "--every",
        "0.001",
        "--url",
        &broker.tcp,
    ])
    .assert()
    .success()
    .stdout_eq("");
    let mut output = BufReader::new(reader.0.stdout.take().unwrap());
    for price in ["188,100", "188,300", "41,300"] {
        let line = line(&mut output);
        assert!(line.contains(price), "{line}");
    }
    assert!(reader.0.wait().unwrap().success());
}

#[test]
fn a_feed_that_is_cut_off_by_its_reader_ends_in_good_order() {
    let mut feed = start(&["quotes", "--every", "0.001"]);
    let mut output = BufReader::new(feed.0.stdout.take().unwrap());
    line(&mut output);
    drop(output);
    assert!(feed.0.wait().unwrap().success());
}

#[test]
fn the_page_is_served_beside_the_web_socket_by_serve_and_by_quotes() {
    let broker = serve();
    let mut feed = start(&["quotes", "--page"]);
    let mut output = BufReader::new(feed.0.stdout.take().unwrap());
    let first = line(&mut output);
    let of_the_feed = first.split_whitespace().last().unwrap().to_owned();
    for page in [broker.page, of_the_feed] {
        let endpoint: ports::Endpoint = page.parse().unwrap();
        let mut socket = tcp_socket::TcpSocket::connect(&endpoint, PATIENCE).unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", endpoint.authority());
        chunked_io::send_all(&mut socket, request.as_bytes(), PATIENCE).unwrap();
        let answer = chunked_io::pull_to_end(&mut socket, 100_000, PATIENCE).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("Prices and chat, over STOMP"), "{answer}");
        // It works without the internet.
        assert!(
            !answer.contains("src=\"http") && !answer.contains("href=\"http"),
            "{answer}"
        );
    }
}

/// Somebody in a chat room, from a process of their own.
struct Person {
    process: Running,
    output: BufReader<ChildStdout>,
    errors: BufReader<ChildStderr>,
}

impl Person {
    fn comes(name: &str, url: &str, more: &[&str]) -> Self {
        let mut command = std::process::Command::new(cargo_bin!("06-stomp"));
        command
            .args(["chat", "lobby", "--name", name, "--url", url])
            .args(more);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = Running(command.spawn().unwrap());
        let output = BufReader::new(process.0.stdout.take().unwrap());
        let errors = BufReader::new(process.0.stderr.take().unwrap());
        let mut person = Self {
            process,
            output,
            errors,
        };
        person.is_told(&format!("You are {name} in the room lobby."));
        person
    }

    fn says(&mut self, text: &str) {
        writeln!(self.process.0.stdin.as_mut().unwrap(), "{text}").unwrap();
    }

    #[track_caller]
    fn hears(&mut self, text: &str) {
        assert_eq!(line(&mut self.output), format!("{text}\n"));
    }

    /// On standard error.
    #[track_caller]
    fn is_told(&mut self, beginning: &str) {
        let line = line(&mut self.errors);
        assert!(line.starts_with(beginning), "{line}");
    }

    fn goes(mut self) {
        drop(self.process.0.stdin.take());
        assert!(self.process.0.wait().unwrap().success());
    }
}

#[test]
fn people_in_a_room_hear_each_other_over_both_transports() {
    let broker = serve();
    let mut alice = Person::comes("alice", &broker.tcp, &[]);
    let mut bob = Person::comes("bob", &broker.web_socket, &[]);
    alice.hears("bob has come");
    alice.says("hello");
    bob.hears("alice: hello");
    // Nobody hears themselves, and no terminal is told what to do.
    bob.says("한국어 ✓ \u{1b}[2J");
    alice.hears("bob: 한국어 ✓ \\u{1b}[2J");
    bob.goes();
    alice.hears("bob has gone");
    alice.goes();
}

#[test]
#[cfg(unix)]
fn ctrl_c_leaves_a_room_in_good_order() {
    let broker = serve();
    let mut alice = Person::comes("alice", &broker.tcp, &[]);
    let mut bob = Person::comes("bob", &broker.tcp, &[]);
    alice.hears("bob has come");
    let id = bob.process.0.id().to_string();
    let interrupt = std::process::Command::new("kill").args(["-INT", &id]).status();
    assert!(interrupt.unwrap().success());
    alice.hears("bob has gone");
    assert!(bob.process.0.wait().unwrap().success());
}

#[test]
fn whoever_talks_when_the_broker_dies_is_told_and_ends_with_1_or_waits_for_the_next_one() {
    let broker = serve();
    let mut alice = Person::comes("alice", &broker.tcp, &[]);
    let mut bob = Person::comes("bob", &broker.tcp, &["--reconnect"]);
    let address = broker.tcp.trim_start_matches("stomp://").to_owned();
    drop(broker);
    alice.is_told("error: ");
    assert_eq!(alice.process.0.wait().unwrap().code(), Some(1));
    bob.is_told("connection lost");
    bob.is_told("calling again");
    let next = serve_at(&address, &[]);
    bob.is_told("connected again, subscriptions: 1\n");
    let carol = Person::comes("carol", &next.web_socket, &[]);
    bob.hears("carol has come");
    carol.goes();
    bob.hears("carol has gone");
    bob.goes();
}

#[test]
fn serve_speaks_tls_with_the_certificate_in_files() {
    let certificate = TestCertificate::new(&["localhost", "127.0.0.1"]).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("serve-tls");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let (cert, key) = (
        file("cert.pem", &certificate.certificate_pem()),
        file("key.pem", &certificate.key_pem()),
    );
    let here = "127.0.0.1:0";
    let args = ["serve", "--tcp", here, "--ws", here, "--tls", here, "--wss", here];
    let mut process = start(&[&args[..], &["--cert", &cert, "--key", &key]].concat());
    let mut output = BufReader::new(process.0.stdout.take().unwrap());
    let urls: Vec<String> = (0..4)
        .map(|_| line(&mut output).split_whitespace().last().unwrap().to_owned())
        .collect();
    let schemes: Vec<&str> = urls.iter().filter_map(|url| url.split(':').next()).collect();
    assert_eq!(schemes, ["stomp", "stomps", "ws", "wss"]);
    let options = ClientOptions {
        tls: Some(ClientTls::trusting_test(&certificate).unwrap()),
        ..ClientOptions::default()
    };
    let reader = Client::connect(&urls[0], &options).unwrap();
    let topic = reader.subscribe("/topic/a").unwrap();
    for url in &urls[1..] {
        Client::connect(url, &options)
            .unwrap()
            .send_with_receipt("/topic/a", url.as_str())
            .unwrap();
        assert_eq!(topic.next_within(PATIENCE).unwrap().text(), *url);
    }
    // Nobody vouches for the certificate of a test: the tool, which trusts whom the machine trusts, says so.
    tool(&["send", "/topic/a", "x", "--url", &urls[1]])
        .assert()
        .code(1)
        .stderr_eq("error: [..]\n");

    for (cert, key) in [("/no/such/file", key.as_str()), (&key, &key), (&cert, &cert)] {
        tool(&["serve", "--tcp", here, "--ws", here, "--cert", cert, "--key", key])
            .assert()
            .failure()
            .stdout_eq("")
            .stderr_eq("error: [..]\n");
    }
}

#[test]
fn a_client_names_its_user_and_its_host_and_says_how_often_it_speaks() {
    let (url, callers) = scripted();
    let answering = std::thread::spawn(move || {
        let mut peer = Peer::take(&callers);
        let heard = peer.hears("^@").to_owned();
        peer.says("ERROR\nmessage:not today\n\n^@");
        heard
    });
    tool(&["subscribe", "/topic/a", "--url", &url])
        .args([
            "--login",
            "alice",
            "--host",
            "exchange",
            "--heart-beat",
            "1000,2000",
        ])
        .env("STOMP_PASSCODE", "open: sesame")
        .assert()
        .code(1)
        .stderr_eq("error: 127.0.0.1:[..] refused: not today\n");
    assert_eq!(
        answering.join().unwrap(),
        "CONNECT\naccept-version:1.0,1.1,1.2\nhost:exchange\nheart-beat:1000,2000\nlogin:alice\npasscode:open: sesame\n\n^@"
    );
}

#[test]
fn a_broker_with_users_lets_in_whoever_knows_the_password() {
    let users = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tool-users");
    let _ = std::fs::remove_file(&users);
    let users = users.into_os_string().into_string().unwrap();
    tool(&[
        "passwd", &users, "alice", "--read", "/topic/>", "--write", "/topic/>",
    ])
    .stdin("secret\n")
    .assert()
    .success();
    let broker = serve_at("127.0.0.1:0", &["--users", &users]);
    let send = |password: &str| {
        tool(&["send", "/topic/a", "x", "--login", "alice", "--url", &broker.tcp])
            .env("STOMP_PASSCODE", password)
            .assert()
    };
    send("secret").success().stderr_eq("");
    send("wrong")
        .code(1)
        .stderr_eq("error: 127.0.0.1:[..] refused: [..]\n");
    tool(&[
        "quotes",
        "--publish",
        "--count",
        "2",
        "--every",
        "0.001",
        "--url",
        &broker.web_socket,
    ])
    .args(["--login", "alice", "--passcode", "secret"])
    .assert()
    .success();
}

#[test]
fn bench_says_once_what_is_wrong_with_the_broker_it_was_given() {
    // Bound, and never listening: nobody else gets the port, and who calls it is refused.
    let bound = bind(([127, 0, 0, 1], 0).into(), Options::default()).unwrap();
    let nobody = bound.local_addr().unwrap().as_socket().unwrap();
    let cases = [
        (format!("stomp://{nobody}"), 1, "cannot connect to 127.0.0.1:"),
        ("http://x".to_owned(), 2, "is no address of a broker"),
        ("stomps://127.0.0.1:61612".to_owned(), 2, "without TLS"),
    ];
    for (url, code, what) in cases {
        let said = tool(&["bench", &url]).assert().code(code).stdout_eq("");
        let error = String::from_utf8(said.get_output().stderr.clone()).unwrap();
        assert!(error.contains(what), "{error}");
        assert_eq!(error.matches("error:").count(), 1, "{error}");
    }
}

#[test]
fn bench_fills_its_table_with_a_broker_of_its_own_and_with_one_that_runs() {
    let rows = |args: &[&str]| {
        let small = [
            "bench", "--rounds", "1", "--share", "1", "--crowd", "20", "--json",
        ];
        let said = tool(&[&small, args].concat()).assert().success();
        let lines = String::from_utf8(said.get_output().stdout.clone()).unwrap();
        let row = |line: &str| -> serde_json::Value { serde_json::from_str(line).unwrap() };
        lines.lines().map(row).collect::<Vec<_>>()
    };
    let loads = [
        "topic 1 → 1",
        "topic 1 → 100",
        "topic 4 → 4",
        "queue 1 → 1",
        "latency p99 at 1,000 a second",
    ];
    let crowd = [
        "WebSocket subscribers on one topic",
        "WebSocket subscribers: one message to all",
    ];
    let has = |rows: &[serde_json::Value], what: &str| {
        rows.iter()
            .any(|row| row["what"] == what && row["value"].as_f64().is_some_and(|value| value > 0.0))
    };
    let has_a_peer = |rows: &[serde_json::Value], what: &str| {
        rows.iter()
            .any(|row| row["what"] == what && row["stub"].as_f64().is_some_and(|value| value > 0.0))
    };
    let own = rows(&[]);
    for what in loads.iter().chain(&crowd) {
        assert!(has(&own, what), "{what}: {own:?}");
    }
    let broker = serve();
    let other = rows(&[&broker.tcp]);
    for what in loads {
        assert!(has(&other, what), "{what}: {other:?}");
        assert!(has_a_peer(&own, what), "{what}: {own:?}");
    }
}
