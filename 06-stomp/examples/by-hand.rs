//! STOMP typed by hand: text over a TCP socket, and nothing else.

use std::time::Duration;

use chunked_io::{pull_until, send_all};
use ports::Endpoint;
use stomp::{Error, Server, ServerOptions};
use tcp_socket::TcpSocket;

const CONVERSATION: [&str; 4] = [
    "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0",
    "SUBSCRIBE\nid:0\ndestination:/topic/price\nreceipt:ready\n\n\0",
    "SEND\ndestination:/topic/price\n\nSamsung 71,300\0",
    "SEND\ndestination /topic/price\n\nSamsung 71,400\0",
];

fn main() -> Result<(), Error> {
    let options = ServerOptions {
        epoch: "demo".to_owned(),
        ..ServerOptions::default()
    };
    let broker: Endpoint = Server::start_on_loopback(options)?.tcp.parse()?;

    let patience = Duration::from_secs(5);
    let mut socket = TcpSocket::connect(&broker, patience)?;
    let mut pending = Vec::new();
    for frame in CONVERSATION {
        send_all(&mut socket, frame.as_bytes(), patience)?;
        let end = pull_until(&mut socket, &mut pending, b"\0", 1024, patience)?;
        let answer: Vec<u8> = pending.drain(..end).collect();
        for line in String::from_utf8_lossy(&answer).replace('\0', "^@").lines() {
            println!("{line}");
        }
    }
    Ok(())
}
