//! File transfer against a scripted peer: every way in which it can go wrong, from either side.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use chunked_io::framing::LengthFraming;
use chunked_io::transfer::Digest;
use chunked_io::transfer::partial::PartialFile;
use chunked_io::{OutgoingFile, Progress, TransferError, Transferred, receive_file, send_file};
use ports::Endpoint;
use proptest::prelude::*;
use tcp_socket::{Deadline, Listener, ScriptedPeer, Stream, TcpSocket};
use tempfile::TempDir;

const SECOND: Duration = Duration::from_secs(1);
const TEXT: &[u8] = b"HELLO WORLD";

/// A message of the protocol as it stands on the wire.
fn framed(message: &str) -> Vec<u8> {
    LengthFraming::<4>::big_endian(usize::MAX)
        .encode(message.as_bytes())
        .unwrap()
}

fn have(bytes: &[u8]) -> Vec<u8> {
    framed(&format!("have {} {}", bytes.len(), Digest::of(bytes)))
}

/// A folder with `hello.txt` in it.
fn outbox() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hello.txt");
    fs::write(&path, TEXT).unwrap();
    (folder, path)
}

fn send(peer: &mut impl Stream, path: &Path) -> Result<Transferred, TransferError> {
    send_file(peer, OutgoingFile::open(path)?, SECOND, &mut |_| {})
}

fn receive(peer: &mut impl Stream, dir: &Path) -> Result<Option<Transferred>, TransferError> {
    receive_file(peer, dir, SECOND, &mut |_| {})
}

/// All that a sender says to move `bytes` to a receiver that has nothing of them.
fn sender_says(name: &str, bytes: &[u8]) -> Vec<u8> {
    [
        framed(&format!("offer {} {name}", bytes.len())),
        framed("start 0"),
        bytes.to_vec(),
        framed(&format!("digest {}", Digest::of(bytes))),
    ]
    .concat()
}

/// The names of the files in a folder, sorted, hidden ones too.
fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

// The sender.

#[test]
fn a_file_goes_over_in_one_conversation() {
    let (_folder, path) = outbox();
    let mut peer = ScriptedPeer::new().gives(&have(b"")).gives(&framed("stored"));
    let mut progress = Vec::new();
    let sent = send_file(
        &mut peer,
        OutgoingFile::open(&path).unwrap(),
        SECOND,
        &mut |step| {
            progress.push(format!("{step:?}"));
        },
    )
    .unwrap();
    assert_eq!(
        sent,
        Transferred {
            name: "hello.txt".to_owned(),
            size: 11,
            from: 0,
            digest: Digest::of(TEXT)
        }
    );
    assert_eq!(
        progress,
        ["Started { name: \"hello.txt\", size: 11, from: 0 }", "Moved(11)"]
    );
    let digest = "787ec76dcafd20c1908eb0936a12f91edd105ab5cd7ecc2b1ae2032648345dff";
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(
        peer.transcript(),
        format!(
            r#"send(22) -> 22 "\x00\x00\x00\x12offer 11 hello.txt"
pull(4) -> 4 "\x00\x00\x00G"
pull(71) -> 71 "have 0 {nothing}"
send(11) -> 11 "\x00\x00\x00\x07start 0"
send(11) -> 11 "HELLO WORLD"
send(75) -> 75 "\x00\x00\x00Gdigest {digest}"
pull(4) -> 4 "\x00\x00\x00\x06"
pull(6) -> 6 "stored"
"#
        )
    );
}

#[test]
fn a_sender_goes_on_behind_what_the_receiver_has() {
    let (_folder, path) = outbox();
    let mut peer = ScriptedPeer::new()
        .gives(&have(b"HELLO"))
        .gives(&framed("stored"));
    let sent = send(&mut peer, &path).unwrap();
    assert_eq!(sent.from, 5);
    assert!(
        peer.transcript().contains("start 5\"\nsend(6) -> 6 \" WORLD\"\n"),
        "{}",
        peer.transcript()
    );
    assert_eq!(
        sent.digest,
        Digest::of(TEXT),
        "of the whole file, and not of the rest"
    );
}

#[test]
fn a_sender_begins_again_if_the_receiver_has_something_else_or_too_much() {
    let (_folder, path) = outbox();
    for other in [b"JELLO".as_slice(), b"HELLO WORLD, AND MORE"] {
        let mut peer = ScriptedPeer::new().gives(&have(other)).gives(&framed("stored"));
        assert_eq!(send(&mut peer, &path).unwrap().from, 0);
        assert!(
            peer.transcript().contains("start 0\"\nsend(11)"),
            "{}",
            peer.transcript()
        );
    }
}

#[test]
fn a_sender_says_whether_the_file_that_is_there_is_the_same() {
    let (_folder, path) = outbox();
    let mut peer = ScriptedPeer::new().gives(&framed(&format!("exists {}", Digest::of(TEXT))));
    let sent = send(&mut peer, &path).unwrap();
    assert_eq!((sent.from, sent.size), (11, 11), "nothing had to move");
    assert!(peer.received().ends_with(&framed("same")));

    let mut peer = ScriptedPeer::new().gives(&framed(&format!("exists {}", Digest::of(b"JELLO WORLD"))));
    assert_eq!(
        send(&mut peer, &path).unwrap_err().to_string(),
        "the scripted peer refused hello.txt: another file of that name exists there, and nothing is overwritten"
    );
    assert!(peer.received().ends_with(&framed("other")));
}

#[test]
fn an_empty_file_goes_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty");
    fs::write(&path, b"").unwrap();
    let mut peer = ScriptedPeer::new().gives(&have(b"")).gives(&framed("stored"));
    assert_eq!(send(&mut peer, &path).unwrap().size, 0);
}

#[test]
fn a_sender_tells_why_it_was_refused() {
    let (_folder, path) = outbox();
    let mut peer = ScriptedPeer::new()
        .gives(&framed("refused no more room"))
        .closes();
    let error = send(&mut peer, &path).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the scripted peer refused hello.txt: no more room"
    );
}

#[test]
fn a_sender_finds_the_refusal_of_a_receiver_that_gave_up_in_the_middle() {
    let (_folder, path) = outbox();
    let mut peer = ScriptedPeer::new()
        .gives(&have(b""))
        .gives(&framed("refused the disk is full"))
        .takes(22)
        .takes(11)
        .takes(4)
        .takes(0);
    let error = send(&mut peer, &path).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the scripted peer refused hello.txt: the disk is full"
    );
}

#[test]
fn a_sender_counts_the_bytes_that_left_before_the_receiver_stopped_reading() {
    let (_folder, path) = outbox();
    let mut peer = ScriptedPeer::new()
        .gives(&have(b"HELLO"))
        .takes(22)
        .takes(11)
        .takes(4)
        .takes(0);
    let error = send(&mut peer, &path).unwrap_err();
    let words = error.to_string();
    let begin = "hello.txt is not complete: after 9 of 11 bytes, cannot send to the scripted peer: timed out";
    assert!(words.starts_with(begin), "{words}");
    assert!(
        words.ends_with("what came is kept: send it again and it goes on from there"),
        "{words}"
    );
}

#[test]
fn a_sender_names_a_receiver_that_closes_instead_of_answering() {
    let (_folder, path) = outbox();
    let mut at_once = ScriptedPeer::new().closes();
    let mut at_the_end = ScriptedPeer::new().gives(&have(b"")).closes();
    for peer in [&mut at_once, &mut at_the_end] {
        assert_eq!(
            send(peer, &path).unwrap_err().to_string(),
            "the scripted peer closed the connection instead of taking hello.txt: see what it says at its own end"
        );
    }
}

#[test]
fn a_sender_gives_up_on_a_receiver_that_says_nothing() {
    let (_folder, path) = outbox();
    let mut peer = ScriptedPeer::new().pauses(SECOND * 2).gives(&have(b""));
    let error = send(&mut peer, &path).unwrap_err();
    assert!(
        matches!(
            error,
            TransferError::Connection(chunked_io::Error::Stopped {
                source: tcp_socket::Error::TimedOut { .. },
                ..
            })
        ),
        "{error:?}"
    );
}

#[test]
fn a_sender_tells_a_peer_of_another_protocol() {
    let (_folder, path) = outbox();
    for (said, shown) in [
        (framed("HELO mail.example"), "\"HELO mail.example\""),
        (framed("start 0"), "\"start 0\" out of turn"),
        (framed("have +1 00"), "\"have +1 00\""),
        (framed("refused \x1b[2J"), r#""refused \x1b[2J""#),
        (framed("stored?"), "\"stored?\""),
    ] {
        let mut peer = ScriptedPeer::new().gives(&said);
        assert_eq!(
            send(&mut peer, &path).unwrap_err().to_string(),
            format!(
                "the scripted peer speaks another protocol: it said {shown}; is that a `04-chunked-io` at the other end?"
            )
        );
    }
}

/// A stream during whose first long send the file on disk becomes shorter.
struct Truncates<'a> {
    peer: ScriptedPeer,
    path: &'a Path,
}

impl Stream for Truncates<'_> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, tcp_socket::Error> {
        if bytes.len() > 1000 {
            fs::write(self.path, b"short").unwrap();
        }
        self.peer.send(bytes, deadline)
    }

    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, tcp_socket::Error> {
        self.peer.pull(buffer, deadline)
    }

    fn peer(&self) -> String {
        self.peer.peer()
    }
}

#[test]
fn a_file_that_becomes_shorter_while_it_is_sent_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.txt");
    fs::write(&path, vec![b'x'; 200_000]).unwrap();
    let peer = ScriptedPeer::new().gives(&have(b"")).gives(&framed("stored"));
    let error = send(&mut Truncates { peer, path: &path }, &path).unwrap_err();
    assert!(matches!(error, TransferError::Shrank { .. }), "{error:?}");
}

#[test]
fn what_cannot_be_sent_is_told_before_anybody_is_called() {
    let (folder, path) = outbox();
    let hidden = folder.path().join(".secret");
    fs::write(&hidden, b"").unwrap();
    for path in [&folder.path().join("nope"), folder.path(), &hidden] {
        let error = OutgoingFile::open(path).unwrap_err();
        assert!(error.is_bad_input(), "{error:?}");
    }
    assert!(OutgoingFile::open(&path).is_ok());
}

// The receiver.

#[test]
fn a_file_is_stored_under_its_name_and_nothing_is_left_beside_it() {
    for size in [1, 2, 7, 1000] {
        let inbox = tempfile::tempdir().unwrap();
        let mut peer = ScriptedPeer::new()
            .gives_in_pieces(&sender_says("hello.txt", TEXT), size)
            .closes();
        let received = receive(&mut peer, inbox.path()).unwrap().unwrap();
        assert_eq!((received.size, received.digest), (11, Digest::of(TEXT)));
        assert_eq!(files(inbox.path()), ["hello.txt"]);
        assert_eq!(fs::read(inbox.path().join("hello.txt")).unwrap(), TEXT);
        assert!(peer.received().ends_with(&framed("stored")));
        assert_eq!(
            receive(&mut peer, inbox.path()).unwrap(),
            None,
            "the sender has no more"
        );
    }
}

#[test]
fn several_files_follow_each_other_on_one_connection() {
    let inbox = tempfile::tempdir().unwrap();
    let mut peer = ScriptedPeer::new()
        .gives(&sender_says("one.txt", b"1"))
        .gives(&sender_says("none.txt", b""))
        .gives(&sender_says("two.txt", b"22"))
        .closes();
    while receive(&mut peer, inbox.path()).unwrap().is_some() {}
    assert_eq!(files(inbox.path()), ["none.txt", "one.txt", "two.txt"]);
}

#[test]
fn what_came_before_the_sender_was_cut_off_is_kept_and_the_next_try_goes_on_behind_it() {
    let inbox = tempfile::tempdir().unwrap();
    let mut peer = ScriptedPeer::new()
        .gives(&framed("offer 11 hello.txt"))
        .gives(&framed("start 0"))
        .gives(b"HEL")
        .gives(b"LO")
        .closes();
    let error = receive(&mut peer, inbox.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "hello.txt is not complete: after 5 of 11 bytes, the scripted peer closed the connection; what came is kept: \
         send it again and it goes on from there"
    );
    assert_eq!(files(inbox.path()), [".hello.txt.part"]);

    let mut again = ScriptedPeer::new()
        .gives(&framed("offer 11 hello.txt"))
        .gives(&framed("start 5"))
        .gives(b" WORLD")
        .gives(&framed(&format!("digest {}", Digest::of(TEXT))));
    let received = receive(&mut again, inbox.path()).unwrap().unwrap();
    assert_eq!(received.from, 5);
    assert!(again.received().starts_with(&have(b"HELLO")));
    assert_eq!(fs::read(inbox.path().join("hello.txt")).unwrap(), TEXT);
    assert_eq!(files(inbox.path()), ["hello.txt"]);
}

#[test]
fn a_receiver_starts_again_when_the_sender_says_so() {
    let inbox = tempfile::tempdir().unwrap();
    fs::write(
        inbox.path().join(".hello.txt.part"),
        b"of another file, and longer",
    )
    .unwrap();
    let mut peer = ScriptedPeer::new().gives(&sender_says("hello.txt", TEXT));
    assert_eq!(receive(&mut peer, inbox.path()).unwrap().unwrap().from, 0);
    assert_eq!(fs::read(inbox.path().join("hello.txt")).unwrap(), TEXT);
}

#[test]
fn a_sender_that_starts_anywhere_else_is_refused() {
    for start in ["start 3", "start 12"] {
        let inbox = tempfile::tempdir().unwrap();
        fs::write(inbox.path().join(".hello.txt.part"), b"HELLO AND MORE").unwrap();
        let mut peer = ScriptedPeer::new()
            .gives(&framed("offer 11 hello.txt"))
            .gives(&framed(start));
        let error = receive(&mut peer, inbox.path()).unwrap_err();
        assert!(matches!(error, TransferError::NotOurProtocol { .. }), "{error:?}");
    }
}

#[test]
fn a_damaged_file_is_thrown_away_and_the_sender_is_told() {
    let inbox = tempfile::tempdir().unwrap();
    let mut peer = ScriptedPeer::new()
        .gives(&framed("offer 11 hello.txt"))
        .gives(&framed("start 0"))
        .gives(b"HELLO W0RLD")
        .gives(&framed(&format!("digest {}", Digest::of(TEXT))));
    let error = receive(&mut peer, inbox.path()).unwrap_err();
    assert!(matches!(error, TransferError::DigestMismatch { .. }), "{error:?}");
    assert_eq!(files(inbox.path()), [""; 0]);
    let said = String::from_utf8_lossy(peer.received()).into_owned();
    assert!(said.contains("refused hello.txt arrived damaged"), "{said}");
}

#[test]
fn a_name_that_is_no_plain_files_name_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    fs::create_dir(&inbox).unwrap();
    let long = "x".repeat(241);
    for name in [
        "",
        ".",
        "..",
        "../evil",
        "/etc/evil",
        "a/b",
        "a\\b",
        "C:evil",
        ".bashrc",
        "NUL",
        "con.txt",
        "Com1.log",
        "lpt9",
        "evil ",
        "evil.",
        "what?",
        "a:b",
        &long,
    ] {
        let mut peer = ScriptedPeer::new().gives(&sender_says(name, TEXT));
        let error = receive(&mut peer, &inbox).unwrap_err();
        assert!(matches!(error, TransferError::Name(_)), "{name}: {error:?}");
        let said = String::from_utf8_lossy(peer.received()).into_owned();
        assert!(said.contains("refused "), "{name}: {said}");
    }
    assert_eq!(files(&inbox), [""; 0]);
    assert_eq!(files(folder.path()), ["inbox"]);
}

#[test]
fn ordinary_names_are_taken_in_any_language() {
    for name in [
        "a",
        "강의 8.pdf",
        "com10",
        "console.txt",
        "a..b",
        "-rf",
        "x".repeat(240).as_str(),
    ] {
        let inbox = tempfile::tempdir().unwrap();
        let mut peer = ScriptedPeer::new().gives(&sender_says(name, TEXT));
        receive(&mut peer, inbox.path()).unwrap();
        assert_eq!(files(inbox.path()), [name]);
    }
}

#[test]
fn nothing_is_overwritten() {
    let inbox = tempfile::tempdir().unwrap();
    let target = inbox.path().join("hello.txt");
    fs::write(&target, b"mine").unwrap();
    let mut peer = ScriptedPeer::new().gives(&sender_says("hello.txt", TEXT));
    let error = receive(&mut peer, inbox.path()).unwrap_err();
    assert!(matches!(error, TransferError::TargetExists { .. }), "{error:?}");
    assert_eq!(fs::read(&target).unwrap(), b"mine");
    assert_eq!(files(inbox.path()), ["hello.txt"]);
    assert_eq!(
        peer.received(),
        framed("refused a file of that name exists there, and nothing is overwritten")
    );
}

#[test]
fn a_file_that_is_there_already_is_passed_over() {
    for text in [TEXT, b""] {
        let inbox = tempfile::tempdir().unwrap();
        fs::write(inbox.path().join("hello.txt"), text).unwrap();
        let mut peer = ScriptedPeer::new()
            .gives(&framed(&format!("offer {} hello.txt", text.len())))
            .gives(&framed("same"));
        let received = receive(&mut peer, inbox.path()).unwrap().unwrap();
        assert_eq!(
            (received.from, received.digest),
            (text.len() as u64, Digest::of(text))
        );
        assert_eq!(peer.received(), framed(&format!("exists {}", Digest::of(text))));
    }
}

#[test]
fn another_file_of_the_same_size_is_not_overwritten() {
    let inbox = tempfile::tempdir().unwrap();
    fs::write(inbox.path().join("hello.txt"), b"JELLO WORLD").unwrap();
    let mut peer = ScriptedPeer::new()
        .gives(&framed("offer 11 hello.txt"))
        .gives(&framed("other"));
    let error = receive(&mut peer, inbox.path()).unwrap_err();
    assert!(matches!(error, TransferError::TargetExists { .. }), "{error:?}");
    assert_eq!(fs::read(inbox.path().join("hello.txt")).unwrap(), b"JELLO WORLD");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_neither_followed_nor_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    fs::create_dir(&inbox).unwrap();
    fs::write(folder.path().join("secret"), TEXT).unwrap();
    std::os::unix::fs::symlink("../secret", inbox.join("hello.txt")).unwrap();
    let mut peer = ScriptedPeer::new().gives(&sender_says("hello.txt", TEXT));
    let error = receive(&mut peer, &inbox).unwrap_err();
    assert!(matches!(error, TransferError::TargetExists { .. }), "{error:?}");
    assert!(
        String::from_utf8_lossy(peer.received()).contains("refused"),
        "its digest is not told"
    );
}

#[test]
fn not_even_a_file_that_appears_while_the_transfer_runs() {
    let inbox = tempfile::tempdir().unwrap();
    let part = PartialFile::open(inbox.path(), "hello.txt").unwrap();
    fs::write(inbox.path().join("hello.txt"), b"mine").unwrap();
    let error = part.finish().unwrap_err();
    assert!(matches!(error, TransferError::TargetExists { .. }), "{error:?}");
    assert_eq!(fs::read(inbox.path().join("hello.txt")).unwrap(), b"mine");
}

#[test]
fn two_transfers_of_one_name_do_not_write_into_each_other() {
    let inbox = tempfile::tempdir().unwrap();
    let _first = PartialFile::open(inbox.path(), "hello.txt").unwrap();
    let mut peer = ScriptedPeer::new().gives(&sender_says("hello.txt", TEXT));
    let error = receive(&mut peer, inbox.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "another transfer of hello.txt is under way: wait until it is done"
    );
}

#[test]
fn a_folder_that_is_gone_is_the_receivers_own_business() {
    let inbox = tempfile::tempdir().unwrap();
    let mut peer = ScriptedPeer::new().gives(&sender_says("hello.txt", TEXT));
    let error = receive(&mut peer, &inbox.path().join("gone")).unwrap_err();
    assert!(matches!(error, TransferError::Disk { .. }), "{error:?}");
    let said = String::from_utf8_lossy(peer.received()).into_owned();
    assert!(
        said.contains("refused the disk there failed to write it"),
        "{said}"
    );
    assert!(!said.contains(inbox.path().to_str().unwrap()), "{said}");
}

#[test]
fn a_receiver_tells_a_peer_of_another_protocol() {
    let inbox = tempfile::tempdir().unwrap();
    let mut browser = ScriptedPeer::new().gives(b"GET / HTTP/1.1\r\n\r\n");
    let error = receive(&mut browser, inbox.path()).unwrap_err();
    assert!(matches!(error, TransferError::Connection(_)), "{error:?}");
    let mut out_of_turn = ScriptedPeer::new().gives(&framed("start 0"));
    let error = receive(&mut out_of_turn, inbox.path()).unwrap_err();
    assert!(matches!(error, TransferError::NotOurProtocol { .. }), "{error:?}");
    assert_eq!(files(inbox.path()), [""; 0]);
}

#[test]
fn wherever_the_sender_is_cut_off_the_next_try_completes_the_file() {
    let all = sender_says("hello.txt", TEXT);
    for cut in (0..all.len()).step_by(3).chain([all.len()]) {
        let inbox = tempfile::tempdir().unwrap();
        let mut peer = ScriptedPeer::new().gives(&all[..cut]).closes();
        let first = receive(&mut peer, inbox.path());
        if cut == all.len() {
            assert_eq!(first.unwrap().unwrap().size, 11);
            continue;
        }
        assert!(matches!(first, Err(_) | Ok(None)), "cut at {cut}: {first:?}");
        assert!(!inbox.path().join("hello.txt").exists(), "cut at {cut}");
        let (_folder, path) = outbox();
        let (sent, received) = over_loopback(&path, inbox.path());
        assert_eq!(sent, received, "cut at {cut}");
        assert_eq!(
            fs::read(inbox.path().join("hello.txt")).unwrap(),
            TEXT,
            "cut at {cut}"
        );
        assert_eq!(files(inbox.path()), ["hello.txt"], "cut at {cut}");
    }
}

// Both together, over real sockets.

fn connection() -> (TcpSocket, TcpSocket) {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0)).unwrap();
    let client = TcpSocket::connect_address(listener.local_address(), SECOND).unwrap();
    (client, listener.accept().unwrap())
}

fn over_loopback(path: &Path, inbox: &Path) -> (Transferred, Transferred) {
    let (mut client, mut server) = connection();
    thread::scope(|scope| {
        let receiver = scope.spawn(move || receive(&mut server, inbox).unwrap().unwrap());
        let sent = send(&mut client, path).unwrap();
        (sent, receiver.join().unwrap())
    })
}

#[test]
fn a_sender_does_not_run_ahead_of_a_receiver_that_does_not_read() {
    // A sparse file: a gigabyte that takes no room.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let (mut client, mut server) = connection();
    let bytes = have(b"");
    chunked_io::send_all(&mut server, &bytes, SECOND).unwrap();
    let mut moved = 0;
    let patience = Duration::from_millis(100);
    let file = OutgoingFile::open(&path).unwrap();
    let error = send_file(&mut client, file, patience, &mut |progress| {
        if let Progress::Moved(count) = progress {
            moved += count;
        }
    })
    .unwrap_err();
    assert!(matches!(error, TransferError::CutOff { .. }), "{error:?}");
    // What the two sockets' buffers hold, and no more.
    assert!(
        moved < 64 << 20,
        "{moved} bytes left for a receiver that took none"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_file_arrives_as_it_left_whatever_part_of_it_was_there_before(
        (length, before, damaged) in (0usize..200_000).prop_flat_map(|length| (Just(length), 0..=length, any::<bool>())),
        seed in any::<u8>(),
    ) {
        let bytes: Vec<u8> = (0..=250).cycle().take(length).map(|byte| byte ^ seed).collect();
        let folder = tempfile::tempdir().unwrap();
        let inbox = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.bin");
        fs::write(&path, &bytes).unwrap();
        let mut part = bytes[..before].to_vec();
        if let (true, Some(first)) = (damaged, part.first_mut()) {
            *first ^= 1;
        }
        let expected_from = if damaged { 0 } else { before as u64 };
        fs::write(inbox.path().join(".file.bin.part"), part).unwrap();
        let (sent, received) = over_loopback(&path, inbox.path());
        prop_assert_eq!(&sent, &received);
        prop_assert_eq!(sent.from, expected_from);
        prop_assert_eq!(fs::read(inbox.path().join("file.bin")).unwrap(), bytes);
    }

    #[test]
    fn arbitrary_bytes_are_refused_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let inbox = tempfile::tempdir().unwrap();
        let mut peer = ScriptedPeer::new().gives(&bytes).closes();
        let result = receive(&mut peer, inbox.path());
        prop_assert!(matches!(result, Err(_) | Ok(None)));
        let (_folder, path) = outbox();
        let mut peer = ScriptedPeer::new().gives(&bytes).closes();
        prop_assert!(send(&mut peer, &path).is_err());
    }
}
