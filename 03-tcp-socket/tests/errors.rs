//! Each way to fail has a name of its own, says on which peer, and what to do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "some of these tests are for Linux only")
)]

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use ports::Endpoint;
use tcp_socket::{Call, Error, Listener, TcpSocket};

const AMPLE: Duration = Duration::from_secs(20);
const PEER: &str = "192.0.2.1:80";

/// What the system says, in which call; then the word of the transcript, and the hint of the message.
const FAILURES: [(Call, ErrorKind, &str, &str); 14] = [
    (
        Call::Connect,
        ErrorKind::ConnectionRefused,
        "refused",
        "start the server, or check the port",
    ),
    (
        Call::Connect,
        ErrorKind::HostUnreachable,
        "unreachable",
        "check the network and the address",
    ),
    (
        Call::Connect,
        ErrorKind::NetworkUnreachable,
        "unreachable",
        "check the network and the address",
    ),
    (
        Call::Connect,
        ErrorKind::TimedOut,
        "timed out",
        "check the address and the firewalls on the way",
    ),
    (
        Call::Send,
        ErrorKind::WouldBlock,
        "timed out",
        "the peer does not read what it was sent",
    ),
    (
        Call::Pull,
        ErrorKind::WouldBlock,
        "timed out",
        "the peer sent nothing",
    ),
    (Call::Pull, ErrorKind::ConnectionReset, "reset", "look at its log"),
    (Call::Send, ErrorKind::BrokenPipe, "broken pipe", "connect again"),
    (
        Call::Shutdown,
        ErrorKind::NotConnected,
        "broken pipe",
        "connect again",
    ),
    (
        Call::Bind,
        ErrorKind::AddrInUse,
        "address in use",
        "stop it, or take another port",
    ),
    (
        Call::Bind,
        ErrorKind::AddrNotAvailable,
        "address not available",
        "no interface of this machine has it",
    ),
    (
        Call::Connect,
        ErrorKind::AddrNotAvailable,
        "address not available",
        "close connections first",
    ),
    (
        Call::Bind,
        ErrorKind::PermissionDenied,
        "permission denied",
        "take a higher one",
    ),
    (
        Call::Connect,
        ErrorKind::PermissionDenied,
        "permission denied",
        "a firewall on this machine forbids it",
    ),
];

#[test]
fn each_failure_that_a_system_reports_has_its_name_its_peer_and_its_hint() {
    for (call, kind, word, hint) in FAILURES {
        let error = Error::from_io(call, PEER, Duration::from_millis(300), kind.into());
        let message = error.to_string();
        assert_eq!(error.short(), word, "{kind:?}");
        assert!(
            message.starts_with(&format!("cannot {call} {PEER}: ")),
            "{message}"
        );
        assert!(message.contains(hint), "{message}");
    }
}

#[test]
fn a_time_out_says_in_which_call_and_after_how_long() {
    let error = Error::from_io(
        Call::Send,
        PEER,
        Duration::from_millis(300),
        ErrorKind::TimedOut.into(),
    );
    let Error::TimedOut { call, after, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!((call, after), (Call::Send, Duration::from_millis(300)));
}

#[test]
fn what_has_no_name_keeps_the_systems_words() {
    let source = io::Error::other("the cable is wet");
    let error = Error::from_io(Call::Pull, PEER, Duration::ZERO, source);
    assert_eq!(
        error.to_string(),
        format!("cannot pull from {PEER}: the cable is wet")
    );
    assert_eq!(error.short(), "failed");
}

#[test]
fn an_address_of_nobody_is_not_available_to_a_listener() {
    // For documentation (RFC 5737), so no interface should have it.
    let error = Listener::bind(&Endpoint::new("203.0.113.77", 0)).unwrap_err();
    assert!(
        matches!(error, Error::AddressNotAvailable { call: Call::Bind, .. }),
        "{error:?}"
    );
}

/// A stream needs one other end: Linux knows no route for TCP to all machines at once, and sends nothing.
#[cfg(target_os = "linux")]
#[test]
fn an_address_to_which_no_route_leads_is_unreachable() {
    let everybody = SocketAddr::from(([255, 255, 255, 255], 80));
    let error = TcpSocket::connect_address(everybody, AMPLE).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unreachable {
                call: Call::Connect,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("255.255.255.255:80"), "{error}");
}

/// The number of the system's error is all there is to tell this one by.
#[cfg(unix)]
#[test]
fn a_process_without_descriptors_says_so() {
    let listener = Listener::bind_address(([127, 0, 0, 1], 0).into()).unwrap();
    // Three are taken by the terminal's streams, the fourth by the socket; the tool needs a second handle on it.
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 4; exec \"$0\" connect \"$1\""])
        .arg(snapbox::cmd::cargo_bin!("03-tcp-socket"))
        .arg(listener.local_address().to_string())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("too many open files; close connections, or raise the limit"),
        "{message}"
    );
    assert!(
        message.contains(&listener.local_address().to_string()),
        "{message}"
    );
}
