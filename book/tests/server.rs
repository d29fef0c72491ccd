//! The book in the hands of a browser, played by the course's own client, and of worse callers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use book::live::Text;
use book::server::Server;
use book::workspace;
use chunked_io::{pull_to_end, send_all};
use snapbox::cmd::cargo_bin;
use tcp_socket::{Listener, TcpSocket};
use tempfile::TempDir;
use websocket::http::ResponseHead;
use websocket::{CloseCode, ConnectOptions, Message, WebSocket};

const PATIENCE: Duration = Duration::from_secs(20);

/// A course that is only a book of two chapters.
struct Course {
    folder: TempDir,
}

impl Course {
    fn new() -> Self {
        let course = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        course.write(
            "book.toml",
            "[book]\ntitle = \"A book\"\nsrc = \"chapters\"\n\n[build]\ncreate-missing = false\n",
        );
        course.write(
            "chapters/SUMMARY.md",
            "# Summary\n\n[First](first.md)\n\n- [IP: an address](01-ip.md)\n",
        );
        course.write("chapters/first.md", "# First\n\nThe first page.\n");
        course.write("chapters/01-ip.md", "# IP\n\nThe second page.\n");
        course.write(
            "chapters/images/two words.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n",
        );
        course.write("secret.txt", "nobody may read this\n");
        course
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join("book").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(&self) -> Text {
        Text::new(self.root(), &self.root().join("target/book"))
    }

    /// Serves the book on a port that the system chooses.
    fn serve(&self) -> (Arc<Server>, SocketAddr) {
        let (site, rendered) = self.text().build().unwrap();
        assert_eq!(rendered.complaints, [""; 0]);
        let server = Server::new(site);
        let listener = Listener::bind_address(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_address();
        thread::spawn({
            let server = Arc::clone(&server);
            move || server.serve(&listener)
        });
        (server, address)
    }

    /// Serves the book and shows it anew when it changes; what is wrong with it comes through the channel.
    fn serve_live(&self) -> (SocketAddr, mpsc::Receiver<String>) {
        let (text, watcher) = (self.text(), self.text().watcher());
        let (server, address) = self.serve();
        let (complain, complaints) = mpsc::channel();
        thread::spawn(move || {
            text.keep_up(watcher, &server, move |complaint| {
                drop(complain.send(complaint.to_owned()));
            })
        });
        (address, complaints)
    }
}

/// Sends `request` as it is, and returns everything that comes back until the server closes.
fn exchange(address: SocketAddr, request: &str) -> Vec<u8> {
    let mut socket = TcpSocket::connect_address(address, PATIENCE).unwrap();
    send_all(&mut socket, request.as_bytes(), PATIENCE).unwrap();
    pull_to_end(&mut socket, 10_000_000, PATIENCE).unwrap()
}

struct Response {
    head: ResponseHead,
    body: String,
}

fn request(address: SocketAddr, method: &str, target: &str) -> Response {
    let bytes = exchange(
        address,
        &format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\n\r\n"),
    );
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a head")
        + 4;
    let head = ResponseHead::parse(&bytes[..end]).unwrap();
    Response {
        head,
        body: String::from_utf8_lossy(&bytes[end..]).into_owned(),
    }
}

fn get(address: SocketAddr, target: &str) -> Response {
    request(address, "GET", target)
}

fn open_page(address: SocketAddr) -> WebSocket {
    WebSocket::connect(&format!("ws://{address}/reload"), &ConnectOptions::default()).unwrap()
}

#[test]
fn a_page_comes_whole_with_its_type_and_the_script_that_reloads_it() {
    let course = Course::new();
    let (_server, address) = course.serve();
    for target in [
        "/",
        "/index.html",
        "/first.html",
        "/first.html?highlight=page",
        "http://any.host/first.html",
    ] {
        let page = get(address, target);
        assert_eq!(page.head.status, 200, "{target}");
        assert_eq!(
            page.head.headers.get("Content-Type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(
            page.head.headers.get("Content-Length"),
            Some(&*page.body.len().to_string())
        );
        assert_eq!(page.head.headers.get("Connection"), Some("close"));
        assert!(
            page.body.contains("The first page.") && page.body.contains("new WebSocket(\"ws://\""),
            "{target}"
        );
    }
}

#[test]
fn styles_scripts_and_pictures_have_their_types() {
    let course = Course::new();
    let (_server, address) = course.serve();
    let page = get(address, "/first.html").body;
    let file_with = |end: &str| {
        let quoted = page
            .split('"')
            .find(|text| text.ends_with(end) && !text.contains(' '));
        format!("/{}", quoted.unwrap())
    };
    let content_type = |target: &str| {
        get(address, target)
            .head
            .headers
            .get("Content-Type")
            .unwrap()
            .to_owned()
    };
    assert_eq!(content_type(&file_with(".css")), "text/css; charset=utf-8");
    assert_eq!(content_type(&file_with(".js")), "text/javascript; charset=utf-8");
    assert_eq!(content_type("/images/two%20words.svg"), "image/svg+xml");
}

#[test]
fn head_brings_the_same_head_and_no_body() {
    let course = Course::new();
    let (_server, address) = course.serve();
    let (get, head) = (
        get(address, "/01-ip.html"),
        request(address, "HEAD", "/01-ip.html"),
    );
    assert_eq!(head.head, get.head);
    assert_eq!(head.body, "");
}

#[test]
fn what_is_not_there_is_answered_with_a_page_that_says_so() {
    let course = Course::new();
    let (_server, address) = course.serve();
    let page = get(address, "/07-http.html");
    assert_eq!(page.head.status, 404);
    assert!(page.body.contains("Document not found"), "{}", page.body);
}

#[test]
fn no_path_leads_out_of_the_book() {
    let course = Course::new();
    let (_server, address) = course.serve();
    for target in [
        "/../secret.txt",
        "/../book/secret.txt",
        "/../../book/secret.txt",
        "/%2e%2e/%2e%2e/book/secret.txt",
        "/..%2f..%2fbook%2fsecret.txt",
        "/..%5c..%5cbook%5csecret.txt",
        "//etc/passwd",
        "/%00/etc/passwd",
        "/images/../../../book/secret.txt",
        "etc/passwd",
        "*",
    ] {
        let page = get(address, target);
        assert_eq!(page.head.status, 404, "{target}");
        assert!(!page.body.contains("nobody may read"), "{target}");
    }
}

#[test]
fn other_methods_are_refused() {
    let course = Course::new();
    let (_server, address) = course.serve();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
        let refusal = request(address, method, "/");
        assert_eq!(refusal.head.status, 405, "{method}");
        assert_eq!(refusal.head.headers.get("Allow"), Some("GET, HEAD"));
    }
}

#[test]
fn what_is_no_http_is_told_so() {
    let course = Course::new();
    let (_server, address) = course.serve();
    assert!(exchange(address, "HELO mail.example\r\n\r\n").starts_with(b"HTTP/1.1 400 "));
    let endless = format!("GET / HTTP/1.1\r\nCookie: {}", "x".repeat(20_000));
    assert!(exchange(address, &endless).starts_with(b"HTTP/1.1 431 "));
}

#[test]
fn callers_that_say_nothing_do_not_keep_others_waiting() {
    let course = Course::new();
    let (_server, address) = course.serve();
    let silent: Vec<TcpSocket> = (0..20)
        .map(|_| TcpSocket::connect_address(address, PATIENCE).unwrap())
        .collect();
    assert_eq!(get(address, "/").head.status, 200);
    drop(silent);
}

#[test]
fn there_is_an_end_to_the_callers_that_are_served_at_once() {
    let course = Course::new();
    let (_server, address) = course.serve();
    let silent: Vec<TcpSocket> = (0..128)
        .map(|_| TcpSocket::connect_address(address, PATIENCE).unwrap())
        .collect();
    assert_eq!(get(address, "/").head.status, 503);
    drop(silent);
    // The threads of those who left end one after the other.
    while get(address, "/").head.status != 200 {}
}

#[test]
fn a_saved_chapter_is_shown_and_open_pages_are_told() {
    let course = Course::new();
    let (address, _complaints) = course.serve_live();
    let (mut one, mut other) = (open_page(address), open_page(address));
    course.write("chapters/01-ip.md", "# IP\n\nThe second page, better.\n");
    let message = one.recv(PATIENCE).unwrap();
    assert_eq!(message, Some(Message::from("reload")));
    assert_eq!(other.recv(PATIENCE).unwrap(), Some(Message::from("reload")));
    assert!(get(address, "/01-ip.html").body.contains("better"));
}

#[test]
fn a_fault_in_the_text_is_told_and_the_last_good_pages_stay() {
    let course = Course::new();
    let (address, complaints) = course.serve_live();
    course.write(
        "chapters/SUMMARY.md",
        "# Summary\n\n- [Not written yet](02-ports.md)\n",
    );
    let complaint = complaints.recv_timeout(PATIENCE).unwrap();
    assert!(complaint.contains("cannot build the book"), "{complaint}");
    assert_eq!(get(address, "/first.html").head.status, 200);
}

#[test]
fn a_sample_that_is_not_there_is_a_complaint() {
    let course = Course::new();
    course.write(
        "chapters/first.md",
        "# First\n\n```text\n{{#include no-such-file.txt}}\n```\n",
    );
    let (_, rendered) = course.text().build().unwrap();
    assert!(
        rendered
            .complaints
            .iter()
            .any(|complaint| complaint.contains("no-such-file.txt")),
        "{rendered:?}"
    );
}

#[test]
fn a_websocket_elsewhere_is_not_found() {
    let course = Course::new();
    let (_server, address) = course.serve();
    WebSocket::connect(&format!("ws://{address}/chat"), &ConnectOptions::default()).unwrap_err();
}

#[test]
fn open_pages_are_told_when_the_server_goes() {
    let course = Course::new();
    let (server, address) = course.serve();
    let mut page = open_page(address);
    // The handshake is over on this side a moment before the server has noted the page.
    let closed = loop {
        server.say_goodbye();
        match page.recv(Duration::from_millis(50)) {
            Ok(None) => break page.closed(),
            Ok(Some(message)) => panic!("{message:?} came"),
            Err(websocket::Error::TimedOut { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(closed.map(|close| close.code), Some(CloseCode::GOING_AWAY));
}

/// The program that `cargo run` starts, with the lines that it prints.
struct Program {
    child: Child,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Program {
    fn start(course: &Course, port: u16) -> Self {
        let mut command = Command::new(cargo_bin!("book"));
        workspace::forget_cargo(&mut command);
        command
            .current_dir(course.root())
            .env("CARGO_TARGET_DIR", course.root().join("target"));
        command
            .args(["--port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            lines: Box::new(lines.map_while(Result::ok)),
        }
    }

    /// Everything up to the line of the exercises, which comes last.
    fn overview(&mut self) -> String {
        let mut text = String::new();
        for line in self.lines.by_ref() {
            text += &line;
            text.push('\n');
            if line.contains("Exercises") {
                break;
            }
        }
        text
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_program_shows_the_way() {
    let course = Course::new();
    let mut program = Program::start(&course, 0);
    let expected = snapbox::str![[r#"
From an IP address to a message broker

  The book       http://127.0.0.1:[..]/   (Ctrl-C ends)

  01-ip          IP: an address                         cargo 01-ip

  Exercises      0 of 0 pass                            cargo study

"#]];
    snapbox::assert_data_eq!(program.overview(), expected);
}

#[test]
fn the_program_takes_the_next_free_port_and_says_so() {
    let course = Course::new();
    let taken = Listener::bind_address(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let port = taken.local_address().port();
    let overview = Program::start(&course, port).overview();
    assert!(
        overview.starts_with(&format!("Port {port} is taken")),
        "{overview}"
    );
    let address = overview
        .split("http://")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    assert_ne!(address, format!("127.0.0.1:{port}"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_program_and_says_goodbye_to_the_pages() {
    let course = Course::new();
    let mut program = Program::start(&course, 0);
    let overview = program.overview();
    let address = overview
        .split("http://")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let mut page = open_page(address.parse().unwrap());
    // An answer to a second request shows that the first, the page's, has been noted.
    assert_eq!(get(address.parse().unwrap(), "/").head.status, 200);
    let interrupt = Command::new("kill")
        .args(["-INT", &program.child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    assert!(program.child.wait().unwrap().success());
    assert_eq!(page.recv(PATIENCE).ok().flatten(), None);
}
