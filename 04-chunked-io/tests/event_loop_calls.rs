//! Connections that the event loop makes itself: nobody waits, and each call has an end.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod event_loop_support;

use std::sync::mpsc::{self, Receiver, Sender};

use chunked_io::event_loop::{Closed, EventLoop, Io, Protocol};
use event_loop_support::{PATIENCE, threads};
use tcp_socket::{Listener, ScriptedPeer};

/// Says what it was told, and reports what becomes of it.
struct Caller {
    greeting: &'static str,
    report: Sender<String>,
}

impl Protocol for Caller {
    type Message = &'static str;

    fn told(&mut self, message: Self::Message, io: &mut Io<'_, Self::Message>) {
        assert!(!io.is_closing());
        io.send(b"not yet");
        self.greeting = message;
    }

    fn opened(&mut self, io: &mut Io<'_, Self::Message>) {
        io.send(self.greeting.as_bytes());
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, Self::Message>) {
        self.report
            .send(String::from_utf8_lossy(bytes).into_owned())
            .unwrap();
        io.close();
    }

    fn closed(&mut self, why: &Closed, _: &mut Io<'_, Self::Message>) {
        self.report.send(why.to_string()).unwrap();
    }
}

fn caller() -> (EventLoop<&'static str>, Receiver<String>) {
    let (report, reports) = mpsc::channel();
    let make = move |_| Caller {
        greeting: "",
        report: report.clone(),
    };
    (EventLoop::outgoing(threads(1), make).unwrap(), reports)
}

#[test]
fn a_call_that_is_answered_is_told_what_it_is_for_and_then_opened() {
    let script = ScriptedPeer::new().hears(5).gives(b"world").closes();
    let peer = script.on_loopback().unwrap();
    let (caller, reports) = caller();
    caller.handle().call(peer.address(), PATIENCE, "hello");
    assert_eq!(reports.recv_timeout(PATIENCE).unwrap(), "world");
    assert_eq!(reports.recv_timeout(PATIENCE).unwrap(), "closed in good order");
    assert_eq!(peer.finish().unwrap(), b"hello");
    assert_eq!(caller.handle().counts().connections, 0);
    caller.shutdown(PATIENCE).unwrap();
}

#[test]
fn a_call_that_is_refused_is_closed_without_having_been_open() {
    let listener = Listener::bind_address("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody = listener.local_address();
    drop(listener);
    let (caller, reports) = caller();
    caller.handle().call(nobody, PATIENCE, "hello");
    let why = reports.recv_timeout(PATIENCE).unwrap();
    assert!(why.contains("refused"), "{why}");
}

#[test]
fn a_call_that_cannot_be_made_is_closed_too() {
    let (caller, reports) = caller();
    // Nobody has port 0.
    caller
        .handle()
        .call("127.0.0.1:0".parse().unwrap(), PATIENCE, "hello");
    let why = reports.recv_timeout(PATIENCE).unwrap();
    assert!(!why.is_empty() && !why.contains("hello"), "{why}");
}

/// A place where nobody answers. Only on Linux does a full line of callers leave the next one waiting.
#[cfg(target_os = "linux")]
fn full_house() -> (Listener, tcp_socket::TcpSocket) {
    let options = tcp_socket::ListenOptions {
        backlog: 0,
        ..tcp_socket::ListenOptions::default()
    };
    let listener = Listener::bind_with(&ports::Endpoint::new("127.0.0.1", 0), options).unwrap();
    let first = tcp_socket::TcpSocket::connect_address(listener.local_address(), PATIENCE).unwrap();
    (listener, first)
}

#[cfg(target_os = "linux")]
#[test]
fn a_call_that_nobody_answers_ends_in_time_and_meanwhile_the_loop_goes_on() {
    let (full, _first) = full_house();
    let (caller, reports) = caller();
    let moment = std::time::Duration::from_millis(200);
    caller.handle().call(full.local_address(), moment, "hello");
    let script = ScriptedPeer::new().hears(5).gives(b"here").closes();
    let peer = script.on_loopback().unwrap();
    caller.handle().call(peer.address(), PATIENCE, "hello");
    assert_eq!(reports.recv_timeout(PATIENCE).unwrap(), "here");
    assert_eq!(reports.recv_timeout(PATIENCE).unwrap(), "closed in good order");
    let why = reports.recv_timeout(PATIENCE).unwrap();
    assert!(why.contains("did not answer"), "{why}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_loop_that_ends_gives_up_its_calls() {
    let (full, _first) = full_house();
    let (caller, reports) = caller();
    caller
        .handle()
        .call(full.local_address(), PATIENCE * 100, "hello");
    caller.shutdown(PATIENCE).unwrap();
    assert_eq!(reports.recv_timeout(PATIENCE).unwrap(), "aborted by this end");
}
