//! The server of the book, made of the course's own crates.
//!
//! `tcp-socket` listens, `chunked-io` pulls the head of a request until it is whole and sends the page until all of it
//! has left, `websocket` reads HTTP and carries the message that reloads a page. A thread a connection is enough
//! for a handful of browser tabs, as long as somebody counts.

use std::net::Shutdown;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use chunked_io::send_all;
use tcp_socket::{Deadline, Listener, TcpSocket};
use websocket::http::{self, HEAD_LIMIT, RequestHead, ResponseHead};
use websocket::{AcceptOptions, CloseCode, Refusal, Sender, WebSocket};

use crate::site::Site;

/// How many connections are served at once: a browser opens six a tab, and one for the reload.
const CONNECTION_LIMIT: usize = 128;

/// How long a browser may take to send a request, or to take a page.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait after a failed `accept`: without a descriptor left, only a connection that ends can help.
const PAUSE: Duration = Duration::from_millis(50);

const PLAIN: &str = "text/plain; charset=utf-8";

/// Where a page waits for the message that it is out of date.
const RELOAD_PATH: &str = "/reload";

/// The pages, and the browsers that look at them.
#[derive(Debug, Default)]
pub struct Server {
    site: Mutex<Arc<Site>>,
    /// One for each open page, with a number to find it again when it closes.
    pages: Mutex<Vec<(usize, Sender)>>,
    next_page: AtomicUsize,
    connections: AtomicUsize,
}

impl Server {
    /// A server that shows `site`.
    #[must_use]
    pub fn new(site: Site) -> Arc<Self> {
        Arc::new(Self {
            site: Mutex::new(Arc::new(site)),
            ..Self::default()
        })
    }

    /// Serves whoever calls, for ever.
    pub fn serve(self: &Arc<Self>, listener: &Listener) -> ! {
        loop {
            match listener.accept() {
                Ok(socket) => self.start(socket),
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    /// Shows `site` from now on. If it differs from what was shown, every open page is told to load again.
    pub fn show(&self, site: Site) {
        let site = Arc::new(site);
        let before = std::mem::replace(&mut *lock(&self.site), Arc::clone(&site));
        if before == site {
            return;
        }
        for (_, page) in lock(&self.pages).iter() {
            // A page that is just closing needs no message.
            let _ = page.send("reload");
        }
    }

    /// Tells every open page that the server goes away (close code 1001), so that none waits for a timeout.
    pub fn say_goodbye(&self) {
        for (_, page) in lock(&self.pages).drain(..) {
            let _ = page.close(CloseCode::GOING_AWAY, "");
        }
    }

    /// Serves one caller in a thread of its own, or sends it away when there are too many.
    fn start(self: &Arc<Self>, socket: TcpSocket) {
        let server = Arc::clone(self);
        let count = self.connections.fetch_add(1, Ordering::Relaxed);
        let serve_one = move || {
            if count < CONNECTION_LIMIT {
                server.answer(socket);
            } else {
                let refusal = ResponseHead::new(503).with("Retry-After", "1");
                send(
                    socket,
                    &refusal.with_body(
                        PLAIN,
                        b"Too many connections.
",
                    ),
                );
            }
            server.connections.fetch_sub(1, Ordering::Relaxed);
        };
        if thread::Builder::new().spawn(serve_one).is_err() {
            // The socket went with the closure: the caller is hung up on.
            self.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Reads one request and answers it.
    fn answer(&self, mut socket: TcpSocket) {
        let mut pending = Vec::new();
        let head = http::pull_head(&mut socket, &mut pending, HEAD_LIMIT, PATIENCE);
        match head.and_then(|head| Ok(RequestHead::parse(&head)?)) {
            Ok(head) if head.wants_web_socket() => self.keep_open(socket, &head, pending),
            Ok(head) => send(socket, &self.response_to(&head)),
            Err(error) => {
                if let Some(refusal) = Refusal::for_head(&error) {
                    send(socket, &refusal.to_response());
                }
            }
        }
    }

    /// The page that is asked for, or why there is none.
    fn response_to(&self, request: &RequestHead) -> Vec<u8> {
        let is_head = request.method == "HEAD";
        if !is_head && request.method != "GET" {
            let refusal = ResponseHead::new(405).with("Allow", "GET, HEAD");
            return refusal.with_body(PLAIN, b"This server has pages to read, and nothing else.\n");
        }
        let site = Arc::clone(&lock(&self.site));
        let (status, file) = match site.get(&request.target) {
            Some(file) => (200, Some(file)),
            None => (404, site.not_found()),
        };
        let (content_type, body) = match file {
            Some(file) => (file.content_type, file.bytes.as_slice()),
            None => (PLAIN, b"There is no such page.\n".as_slice()),
        };
        // The browser is to ask each time: a page may have changed.
        let head = ResponseHead::new(status).with("Cache-Control", "no-cache");
        let mut response = head.with_body(content_type, body);
        if is_head {
            // The same head, and no body (RFC 9110, section 9.3.2).
            response.truncate(response.len() - body.len());
        }
        response
    }

    /// Holds the WebSocket of a page until the page goes.
    fn keep_open(&self, socket: TcpSocket, head: &RequestHead, pending: Vec<u8>) {
        let options = AcceptOptions {
            path: Some(RELOAD_PATH.to_owned()),
            ..AcceptOptions::default()
        };
        let Ok(page) = WebSocket::accept_request(socket, head, pending, &options) else {
            return;
        };
        let (sender, mut receiver) = page.split();
        let number = self.next_page.fetch_add(1, Ordering::Relaxed);
        lock(&self.pages).push((number, sender));
        // A page says nothing; this ends when it closes, or breaks the protocol.
        while let Ok(Some(_)) = receiver.recv(Deadline::never()) {}
        lock(&self.pages).retain(|(page, _)| *page != number);
    }
}

/// Sends a response and ends the connection. A failure has nobody to be told to: the browser has gone.
fn send(mut socket: TcpSocket, response: &[u8]) {
    if send_all(&mut socket, response, PATIENCE).is_ok() {
        linger(&socket);
    }
}

/// Waits until the browser has taken the last bytes: a socket that is dropped with something unread resets the
/// connection, and the answer with it.
fn linger(socket: &TcpSocket) {
    let deadline = Deadline::after(Duration::from_secs(1));
    let mut rest = [0; 1024];
    if socket.shutdown(Shutdown::Write).is_ok() {
        while matches!(socket.pull(&mut rest, deadline), Ok(1..)) {}
    }
}

/// A thread that panicked left nothing half done in these lists.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
