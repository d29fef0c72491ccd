//! The tool, as a user runs it: two processes, and what each of them says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command as Process, Output, Stdio};
use std::time::Duration;

use snapbox::cmd::{Command, cargo_bin};
use snapbox::str;
use tcp_socket::{Listener, TcpSocket};

const SECOND: Duration = Duration::from_secs(1);

fn tool() -> Command {
    Command::new(cargo_bin!("04-chunked-io"))
}

/// `04-chunked-io receive` in a process of its own.
struct Receiver {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
}

impl Receiver {
    fn start(inbox: &Path) -> Self {
        let mut command = Process::new(cargo_bin!("04-chunked-io"));
        command
            .args(["receive", "127.0.0.1:0", "--timeout", "10", "--dir"])
            .arg(inbox);
        Self::spawn(command)
    }

    fn spawn(mut command: Process) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").unwrap().trim_end().to_owned();
        Self { child, out, address }
    }

    /// Waits for its end, and returns its exit code, the rest of its output, and its errors.
    fn end(mut self) -> (Option<i32>, String, String) {
        let rest = std::io::read_to_string(&mut self.out).unwrap();
        let Output { status, stderr, .. } = self.child.wait_with_output().unwrap();
        (status.code(), rest, String::from_utf8(stderr).unwrap())
    }
}

/// Bytes that do not repeat within a chunk.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn five_megabytes_arrive_intact_in_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = tempfile::tempdir().unwrap();
    let file = folder.path().join("noise.bin");
    let bytes = noise(5_000_000);
    fs::write(&file, &bytes).unwrap();

    let receiver = Receiver::start(inbox.path());
    tool()
        .arg("send")
        .arg(&file)
        .arg(&receiver.address)
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(str![[r#"
sent noise.bin: 5000000 bytes in [..] s
  SHA-256 6e3f505fd67d2ff9ecff59351404e37d96a78aa0965abd2b84d38f92b171aaf2

"#]]);
    let (code, out, errors) = receiver.end();
    snapbox::assert_data_eq!(
        out,
        str![[r#"
received noise.bin: 5000000 bytes in [..] s
  SHA-256 6e3f505fd67d2ff9ecff59351404e37d96a78aa0965abd2b84d38f92b171aaf2

"#]]
    );
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(fs::read(inbox.path().join("noise.bin")).unwrap() == bytes);
}

#[test]
fn a_receiver_that_is_killed_in_the_middle_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = tempfile::tempdir().unwrap();
    let file = folder.path().join("noise.bin");
    let bytes = noise(3_000_000);
    fs::write(&file, &bytes).unwrap();

    // The sender stops half way, and stays.
    let mut receiver = Receiver::start(inbox.path());
    let _sender = half_a_sender(&receiver.address, &bytes);
    await_part(inbox.path(), 1_000_000);
    receiver.child.kill().unwrap();
    receiver.child.wait().unwrap();
    let kept = await_part(inbox.path(), 1_000_000);

    goes_on(&file, inbox.path(), kept);
}

/// The same command once more: nothing is sent that is there.
fn goes_on(file: &Path, inbox: &Path, kept: u64) {
    let receiver = Receiver::start(inbox);
    let sent = tool()
        .arg("send")
        .arg(file)
        .arg(&receiver.address)
        .assert()
        .success();
    let out = String::from_utf8_lossy(&sent.get_output().stdout).into_owned();
    assert!(
        out.contains(&format!("  {kept} of them had come in an earlier try\n")),
        "{out}"
    );
    assert_eq!(receiver.end().0, Some(0));
    assert!(fs::read(inbox.join("noise.bin")).unwrap() == fs::read(file).unwrap());
}

/// Stands between a sender and a receiver, and passes on no more than `most` bytes of what is sent. Both stay connected
/// until one of them goes.
fn middleman(receiver: &str, most: usize) -> (String, std::thread::JoinHandle<()>) {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_address().to_string();
    let receiver = TcpSocket::connect(&receiver.parse().unwrap(), SECOND * 20).unwrap();
    let passing = std::thread::spawn(move || {
        let mut sender = listener.accept().unwrap();
        let (mut back_from, mut back_to) = (receiver.try_clone().unwrap(), sender.try_clone().unwrap());
        std::thread::scope(|scope| {
            scope.spawn(move || {
                pass_on(&mut back_from, &mut back_to, usize::MAX);
                // The receiver has gone: nothing more comes from the sender either.
                let _ = back_to.shutdown(std::net::Shutdown::Both);
            });
            pass_on(&mut sender, &mut receiver.try_clone().unwrap(), most);
            // What is beyond stays on the way. The sender waits until it or the receiver is killed.
            while sender
                .pull(&mut [0; 65536], SECOND * 20)
                .is_ok_and(|count| count > 0)
            {}
            let _ = receiver.shutdown(std::net::Shutdown::Both);
        });
    });
    (address, passing)
}

/// Passes on up to `most` bytes, until one end goes.
fn pass_on(from: &mut TcpSocket, to: &mut TcpSocket, most: usize) {
    let mut buffer = vec![0; 65536];
    let mut passed = 0;
    while passed < most {
        let room = buffer.len().min(most - passed);
        match from.pull(&mut buffer[..room], SECOND * 20) {
            Ok(count) if count > 0 => {
                passed += count;
                if chunked_io::send_all(to, &buffer[..count], SECOND * 20).is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

/// Waits until this much of the file is there.
fn await_part(inbox: &Path, length: u64) -> u64 {
    let part = inbox.join(".noise.bin.part");
    let deadline = tcp_socket::Deadline::after(SECOND * 20);
    loop {
        let there = fs::metadata(&part).map_or(0, |part| part.len());
        if there >= length {
            return there;
        }
        assert!(deadline.remaining().is_some(), "{there} bytes of {length} came");
        std::thread::yield_now();
    }
}

#[test]
fn a_sender_that_is_killed_in_the_middle_goes_on_where_it_stopped() {
    let (folder, inbox) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("noise.bin");
    let bytes = noise(3_000_000);
    fs::write(&file, &bytes).unwrap();

    let receiver = Receiver::start(inbox.path());
    let (address, passing) = middleman(&receiver.address, 1_500_000);
    let mut sender = Process::new(cargo_bin!("04-chunked-io"))
        .arg("send")
        .arg(&file)
        .arg(address)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    await_part(inbox.path(), 1_400_000);
    sender.kill().unwrap();
    sender.wait().unwrap();
    passing.join().unwrap();
    let (code, _, errors) = receiver.end();
    assert_eq!(code, Some(1));
    assert!(errors.contains("what came is kept"), "{errors}");
    let kept = await_part(inbox.path(), 1_400_000);

    goes_on(&file, inbox.path(), kept);
}

#[test]
fn a_sender_whose_receiver_is_killed_says_how_far_it_came() {
    let (folder, inbox) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("noise.bin");
    fs::write(&file, noise(30_000_000)).unwrap();
    let mut receiver = Receiver::start(inbox.path());
    let (address, passing) = middleman(&receiver.address, 1_500_000);
    let sender = Process::new(cargo_bin!("04-chunked-io"))
        .arg("send")
        .arg(&file)
        .arg(address)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    await_part(inbox.path(), 1_400_000);
    receiver.child.kill().unwrap();
    receiver.child.wait().unwrap();
    let ended = sender.wait_with_output().unwrap();
    passing.join().unwrap();
    let errors = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{errors}");
    snapbox::assert_data_eq!(
        errors,
        str![[r#"
error: noise.bin [..]

"#]]
    );
    assert!(inbox.path().join(".noise.bin.part").exists() && !inbox.path().join("noise.bin").exists());
}

/// A file may not be larger than this shell allows; a full disk fails in the same call.
#[cfg(target_os = "linux")]
#[test]
fn a_receiver_that_cannot_write_on_says_so_at_both_ends_and_keeps_what_came() {
    let (folder, inbox) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("noise.bin");
    fs::write(&file, noise(3_000_000)).unwrap();
    // 1000 blocks of 512 bytes in some shells, of 1024 in others. The signal would kill it before it could speak.
    let limited = "ulimit -f 1000; trap '' XFSZ; exec \"$0\" receive 127.0.0.1:0 --timeout 10 --dir \"$1\"";
    let mut command = Process::new("sh");
    command
        .args(["-c", limited])
        .arg(cargo_bin!("04-chunked-io"))
        .arg(inbox.path());
    let receiver = Receiver::spawn(command);
    tool()
        .arg("send")
        .arg(&file)
        .arg(&receiver.address)
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
error: 127.0.0.1:[..] refused noise.bin: the disk there failed to write it: the file would be larger than is allowed here; raise the limit, and send it again: it goes on from there

"#]]);
    let (code, _, errors) = receiver.end();
    assert_eq!(code, Some(1));
    snapbox::assert_data_eq!(
        errors,
        str![[r#"
error: cannot write [..].noise.bin.part: the file would be larger than is allowed here; raise the limit, and send it again: it goes on from there

"#]]
    );
    assert!(await_part(inbox.path(), 500_000) <= 1_024_000);
}

/// Speaks the protocol up to the first million bytes.
fn half_a_sender(address: &str, bytes: &[u8]) -> TcpSocket {
    use chunked_io::framing::{LengthFraming, pull_framed, send_framed};
    let framing = LengthFraming::<4>::big_endian(1024);
    let mut socket = TcpSocket::connect(&address.parse().unwrap(), SECOND).unwrap();
    let offer = format!("offer {} noise.bin", bytes.len());
    send_framed(&mut socket, &framing, offer.as_bytes(), SECOND).unwrap();
    pull_framed(&mut socket, &framing, SECOND).unwrap();
    send_framed(&mut socket, &framing, b"start 0", SECOND).unwrap();
    chunked_io::send_all(&mut socket, &bytes[..1_048_576], SECOND).unwrap();
    socket
}

#[test]
fn a_sender_that_leaves_in_the_middle_is_reported_by_the_receiver() {
    let inbox = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(inbox.path());
    drop(half_a_sender(&receiver.address, &noise(3_000_000)));
    let (code, _, errors) = receiver.end();
    assert_eq!(code, Some(1));
    snapbox::assert_data_eq!(
        errors,
        str![[r#"
error: noise.bin is not complete: after 1048576 of 3000000 bytes, 127.0.0.1:[..] closed the connection; what came is kept: send it again and it goes on from there

"#]]
    );
}

#[test]
fn a_file_that_is_there_is_not_overwritten_and_both_ends_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = tempfile::tempdir().unwrap();
    let file = folder.path().join("hello.txt");
    fs::write(&file, "yours").unwrap();
    fs::write(inbox.path().join("hello.txt"), "mine").unwrap();
    let receiver = Receiver::start(inbox.path());
    tool()
        .arg("send")
        .arg(&file)
        .arg(&receiver.address)
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: 127.0.0.1:[..] refused hello.txt: a file of that name exists there, and nothing is overwritten

"#]]);
    let (code, _, errors) = receiver.end();
    assert_eq!(code, Some(1));
    snapbox::assert_data_eq!(
        errors,
        str![[r#"
error: [..]hello.txt exists, and nothing is overwritten: rename it, or receive into another folder with --dir

"#]]
    );
    assert_eq!(fs::read(inbox.path().join("hello.txt")).unwrap(), b"mine");
}

#[test]
fn several_files_are_sent_and_those_that_are_there_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = tempfile::tempdir().unwrap();
    let paths = ["one.txt", "two.txt", "three.txt"].map(|name| folder.path().join(name));
    for (path, text) in paths.iter().zip(["1", "22", "333"]) {
        fs::write(path, text).unwrap();
    }
    // An earlier try: the first file is there, and a part of the third.
    fs::write(inbox.path().join("one.txt"), "1").unwrap();
    fs::write(inbox.path().join(".three.txt.part"), "33").unwrap();
    let receiver = Receiver::start(inbox.path());
    tool()
        .arg("send")
        .args(&paths)
        .arg(&receiver.address)
        .assert()
        .success()
        .stdout_eq(str![[r#"
sent one.txt: 1 byte in [..] s
  1 of them had come in an earlier try
  SHA-256 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
sent two.txt: 2 bytes in [..] s
  SHA-256 785f3ec7eb32f30b90cd0fcf3657d388b5ff4297f2f9716ff66e9b69c05ddd09
sent three.txt: 3 bytes in [..] s
  2 of them had come in an earlier try
  SHA-256 556d7dc3a115356350f1f9910b1af1ab0e312d4b3e4fc788d2da63668f36d017

"#]]);
    assert_eq!(receiver.end().0, Some(0));
    assert_eq!(fs::read(inbox.path().join("three.txt")).unwrap(), b"333");
}

#[test]
fn a_file_that_does_not_exist_is_bad_input() {
    tool()
        .args(["send", "no-such-file", "127.0.0.1:1"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: cannot send no-such-file: there is no such file; check the name

"#]]);
}

#[test]
fn a_folder_that_does_not_exist_is_bad_input() {
    tool()
        .args(["receive", "127.0.0.1:0", "--dir", "no-such-folder"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: cannot receive into no-such-folder: it is no folder; make it first, or name another with --dir

"#]]);
}

#[test]
fn an_address_without_a_port_is_bad_input() {
    tool().args(["send", "Cargo.toml", "127.0.0.1"]).assert().code(2);
    tool().args(["receive", "70000"]).assert().code(2);
    tool().args(["receive", "127.0.0.1:70000"]).assert().code(2);
    tool()
        .args(["receive", "127.0.0.1:0", "--timeout", "-1"])
        .assert()
        .code(2);
}

/// A listener that never accepts, and its address: whoever connects is connected, and hears nothing.
fn silent() -> (Listener, String) {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_address().to_string();
    (listener, address)
}

#[test]
fn a_receiver_that_is_not_there_is_told_from_one_that_is_silent() {
    let refusing = Listener::bind(&"127.0.0.1:0".parse().unwrap())
        .unwrap()
        .local_address();
    tool()
        .args(["send", "Cargo.toml", &refusing.to_string()])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
error: cannot connect to 127.0.0.1:[..]: connection refused[..]

"#]]);
    let (_silent, address) = silent();
    tool()
        .args(["send", "Cargo.toml", &address, "--timeout", "0.1"])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
error: cannot pull from 127.0.0.1:[..]: timed out after [..] (after 0 bytes)

"#]]);
}

#[test]
fn without_arguments_it_shows_the_loop_call_by_call() {
    tool()
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(snapbox::file!["snapshots/demo.txt"]);
}

#[test]
fn the_help_teaches() {
    tool()
        .arg("--help")
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/help.txt"]);
    tool()
        .args(["mtu", "--help"])
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/help-mtu.txt"]);
    tool()
        .args(["reads", "--help"])
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/help-reads.txt"]);
    tool()
        .args(["mtu-lab", "--help"])
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/help-mtu-lab.txt"]);
    tool()
        .args(["receive", "--help"])
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/help-receive.txt"]);
    tool()
        .args(["send", "--help"])
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/help-send.txt"]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let mut child = Process::new(cargo_bin!("04-chunked-io"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), b"".as_slice())
    );
}

#[test]
fn a_size_is_cut_into_packets_and_drawn() {
    tool()
        .args(["mtu", "8K"])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(snapbox::file!["snapshots/mtu.txt"]);
    tool()
        .args(["mtu", "1M", "--ipv6", "--tunnel", "wireguard", "--no-timestamps"])
        .assert()
        .success()
        .stdout_eq(snapbox::file!["snapshots/mtu-wireguard.txt"]);
    tool().args(["mtu", "0"]).assert().success();
}

#[test]
fn the_packets_are_facts_in_json() {
    tool().args(["mtu", "8192", "--json"]).assert().success().stdout_eq(str![[r#"
{"efficiency_per_mille":938,"headers":540,"ip":4,"last":952,"mss":1460,"mtu":1500,"on_the_wire":8732,"packets":6,"payload":1448,"size":8192,"tunnel":null}

"#]]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_system_tells_the_mtu_of_a_real_path() {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_address().to_string();
    tool()
        .args(["mtu", "1M", "--to", &address])
        .assert()
        .success()
        .stdout_eq(str![[r#"
The connection to 127.0.0.1:[..], as the system tells it:
  path MTU         [..]
  bytes a segment  [..]

1048576 bytes over TCP with timestamps over IPv4, loopback with an MTU of [..]
...
"#]]);
}

#[test]
fn a_size_or_an_mtu_that_cannot_be_is_bad_input() {
    for bad in ["", "x", "-1", "8Q", "K", "99999999999999999999", "9999999999G"] {
        tool().args(["mtu", "--", bad]).assert().code(2).stdout_eq("");
    }
    tool()
        .args(["mtu", "1", "--ipv6", "--mtu", "1279"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: an MTU of 1279 leaves 1279 for IPv6, and IPv6 needs 1280 at least

"#]]);
    tool().args(["mtu", "1", "--mtu", "65537"]).assert().code(2);
}

#[test]
fn a_megabyte_from_this_machine_arrives_whole_in_pulls_of_many_sizes() {
    tool()
        .arg("reads")
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(str![[r#"
From 127.0.0.1:[..], with a buffer of 65536 bytes:

    pull     bytes        after
       1 [..] ms
...
  1048576 bytes in [..] pulls: the smallest [..], the median [..], the largest [..]
...
"#]]);
}

#[test]
fn no_pull_brings_more_than_its_buffer() {
    tool()
        .args(["reads", "--buffer", "1000", "--bytes", "2500", "--json"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
{"after_ms":[..],"bytes":1000,"pull":1}
{"after_ms":[..],"bytes":1000,"pull":2}
{"after_ms":[..],"bytes":500,"pull":3}

"#]]);
}

/// A web server for one request: it reads the head, gives this answer, and closes. What it was asked is returned.
fn web_server(answer: &'static [u8]) -> (String, std::thread::JoinHandle<String>) {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_address().to_string();
    let serving = std::thread::spawn(move || {
        let mut socket = listener.accept().unwrap();
        let mut head = Vec::new();
        let end = chunked_io::pull_until(&mut socket, &mut head, b"\r\n\r\n", 10_000, SECOND).unwrap();
        chunked_io::send_all(&mut socket, answer, SECOND).unwrap();
        head.truncate(end);
        String::from_utf8(head).unwrap()
    });
    (address, serving)
}

#[test]
fn a_web_server_is_asked_for_its_page() {
    let (address, serving) = web_server(b"HTTP/1.1 200 OK\r\n\r\nhello");
    tool()
        .arg("reads")
        .arg(format!("http://{address}/page?q=1"))
        .assert()
        .success()
        .stdout_eq(str![[r#"
From 127.0.0.1:[..], with a buffer of 65536 bytes:
...
  24 bytes in 1 pull: the smallest 24, the median 24, the largest 24
...
"#]]);
    let asked = serving.join().unwrap();
    assert_eq!(
        asked,
        format!("GET /page?q=1 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
    );
}

#[test]
fn a_server_that_closes_without_a_word_is_told() {
    let (address, serving) = web_server(b"");
    tool()
        .args(["reads", &address])
        .assert()
        .success()
        .stdout_eq(str![[r#"
From 127.0.0.1:[..], with a buffer of 65536 bytes:

  nothing: the peer closed without a word

"#]]);
    serving.join().unwrap();
}

#[test]
fn a_server_that_stays_silent_is_given_up() {
    let (_silent, address) = silent();
    tool()
        .args(["reads", &address, "--silent", "--timeout", "0.1"])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
error: cannot pull from 127.0.0.1:[..]: timed out after [..] (after 0 bytes)

"#]]);
}

#[test]
fn what_cannot_be_read_from_is_bad_input() {
    for bad in [
        ["reads", "https://127.0.0.1"],
        ["reads", "127.0.0.1:x"],
        ["reads", "--buffer=0"],
        ["reads", "--bytes=x"],
    ] {
        tool().args(bad).assert().code(2).stdout_eq("");
    }
}
