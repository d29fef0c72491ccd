//! An echo on the event loop takes no memory from the system. (A binary of its own: the allocator counts for all of it.)

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::alloc::System;
use std::time::Duration;

use chunked_io::event_loop::Settings;
use chunked_io::{pull_exact, send_all};
use ports::Endpoint;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};
use tcp_socket::TcpSocket;
use websocket::event_server::{Caller, Handler, Peer};
use websocket::frame::{self, FrameHeader, Opcode};
use websocket::http::{HEAD_LIMIT, pull_head};
use websocket::{AcceptOptions, EventServer, Message};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SOON: Duration = Duration::from_secs(10);

struct Echo;

impl Handler for Echo {
    type Client = ();

    fn open(&self, _: &Caller<'_>, _: &mut Peer<'_, '_>) {}

    fn message(&self, (): &mut (), message: Message<'_>, peer: &mut Peer<'_, '_>) {
        peer.send(message).unwrap();
    }
}

/// A client that takes no memory for a message, either.
struct Client {
    socket: TcpSocket,
    question: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    /// It says `count` messages of `size` bytes at once.
    fn connect(server: &EventServer, size: usize, count: usize) -> Self {
        let mut socket = TcpSocket::connect_address(server.local_address(), SOON).unwrap();
        let request = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                       Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        send_all(&mut socket, request.as_bytes(), SOON).unwrap();
        pull_head(&mut socket, &mut Vec::new(), HEAD_LIMIT, SOON).unwrap();
        let frame = |mask| {
            let mut bytes = Vec::new();
            let header = FrameHeader::whole(Opcode::Binary, size, mask);
            frame::encode(&header, &vec![b'x'; size], &mut bytes);
            bytes
        };
        Self {
            socket,
            question: frame(Some([1, 2, 3, 4])).repeat(count),
            answer: vec![0; frame(None).len() * count],
        }
    }

    fn ask(&mut self) {
        send_all(&mut self.socket, &self.question, SOON).unwrap();
        pull_exact(&mut self.socket, &mut self.answer, SOON).unwrap();
    }

    /// What a hundred questions take, once a hundred others have made buffers as large as they have to be.
    fn hundred(&mut self) -> Stats {
        (0..100).for_each(|_| self.ask());
        let region = Region::new(ALLOCATOR);
        (0..100).for_each(|_| self.ask());
        region.change()
    }
}

#[test]
fn an_echo_allocates_nothing_and_a_large_one_little() {
    let settings = Settings {
        threads: 1,
        ..Settings::default()
    };
    let here = Endpoint::new("127.0.0.1", 0);
    let server = EventServer::serve(&here, AcceptOptions::default(), settings, Echo).unwrap();
    for (size, count) in [(64, 1), (64, 16), (1000, 30), (16 * 1024, 1)] {
        let taken = Client::connect(&server, size, count).hundred();
        assert_eq!(
            taken.allocations, 0,
            "{count} messages of {size} bytes: {taken:?}"
        );
        assert_eq!(
            taken.reallocations, 0,
            "{count} messages of {size} bytes: {taken:?}"
        );
    }
    // A large message is put together in storage that the one before has left.
    let size = 1 << 20;
    let taken = Client::connect(&server, size, 1).hundred();
    assert!(taken.bytes_allocated < 100 * size / 2, "{taken:?}");
}
