//! A broker that a test plays itself.

use std::sync::mpsc::{self, Receiver};
use std::thread;

use tcp_socket::{Listener, TcpSocket};

use super::PATIENCE;

/// A place to call, and whoever calls there.
pub(crate) fn scripted() -> (String, Receiver<TcpSocket>) {
    let listener = Listener::bind_address("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("stomp://{}", listener.local_address());
    let (caller, callers) = mpsc::channel();
    thread::spawn(move || {
        while let Ok(socket) = listener.accept()
            && caller.send(socket).is_ok()
        {}
    });
    (url, callers)
}

/// A broker that says what a test wants.
pub(crate) struct Peer {
    socket: TcpSocket,
    heard: String,
}

impl Peer {
    pub(crate) fn take(sockets: &Receiver<TcpSocket>) -> Self {
        let socket = sockets.recv_timeout(PATIENCE).unwrap();
        let heard = String::new();
        Self { socket, heard }
    }

    /// Opens the session.
    pub(crate) fn open(sockets: &Receiver<TcpSocket>) -> Self {
        let mut peer = Self::take(sockets);
        peer.hears("^@");
        peer.says("CONNECTED\nversion:1.2\n\n^@");
        peer
    }

    pub(crate) fn says(&mut self, text: &str) {
        chunked_io::send_all(&mut self.socket, text.replace("^@", "\0").as_bytes(), PATIENCE).unwrap();
    }

    /// Waits for `text`, and returns everything since the connection was made.
    pub(crate) fn hears(&mut self, text: &str) -> &str {
        let mut buffer = [0; 4096];
        while !self.heard.contains(text) {
            let count = self.socket.pull(&mut buffer, PATIENCE).unwrap();
            assert_ne!(count, 0, "the client has closed after {:?}", self.heard);
            self.heard += &String::from_utf8_lossy(&buffer[..count]).replace('\0', "^@");
        }
        &self.heard
    }
}
