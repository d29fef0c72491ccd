//! One message to ten thousand connections, sent by a thread that is none of the loop's.
//!
//! Both ends of ten thousand connections are more descriptors than a process usually gets, so this program starts
//! itself a second time, with the server's address, to be the clients.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod event_loop_support;

use std::env;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use chunked_io::event_loop::{Io, Protocol, Shared};
use chunked_io::pull_exact;
use event_loop_support::{PATIENCE, serve, threads, wait_until};
use tcp_socket::TcpSocket;

const CLIENTS: usize = 10_000;
/// Larger than what is copied and not shared.
const SIZE: usize = 1000;

fn main() {
    match env::var("BROADCAST_FROM") {
        Ok(server) => receive(server.parse().unwrap()),
        Err(_) => broadcast_reaches_ten_thousand_connections(),
    }
}

struct Listening;

impl Protocol for Listening {
    type Message = ();

    fn received(&mut self, _: &mut [u8], _: &mut Io<'_, ()>) {}
}

fn broadcast_reaches_ten_thousand_connections() {
    let server = serve(threads(2), || Listening);
    let mut clients = Command::new(env::current_exe().unwrap())
        .env("BROADCAST_FROM", server.local_address().to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut report = BufReader::new(clients.stdout.take().unwrap()).lines();
    assert_eq!(report.next().unwrap().unwrap(), "connected");
    // A caller counts as connected before the loop has let it in.
    let handle = server.handle();
    wait_until("all connections", || handle.counts().connections == CLIENTS);

    let message = Shared::from(vec![b'!'; SIZE]);
    handle.send_to_all(&message);
    assert_eq!(report.next().unwrap().unwrap(), "received");
    assert_eq!(Shared::strong_count(&message), 1, "nobody keeps what has left");

    // The clients have left, all of them at once.
    assert!(clients.wait().unwrap().success());
    assert_eq!(server.handle().counts().accepted, CLIENTS as u64);
    server.shutdown(PATIENCE).unwrap();
    println!("test broadcast_reaches_ten_thousand_connections ... ok");
}

fn receive(server: SocketAddr) {
    let mut clients: Vec<TcpSocket> = (0..CLIENTS)
        .map(|_| TcpSocket::connect_address(server, PATIENCE).unwrap())
        .collect();
    println!("connected");
    let mut message = vec![0; SIZE];
    for client in &mut clients {
        pull_exact(client, &mut message, PATIENCE).unwrap();
        assert!(message.iter().all(|byte| *byte == b'!'));
    }
    println!("received");
}
