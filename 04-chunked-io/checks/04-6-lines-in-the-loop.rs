//! Judges exercise 04-6: a real server on the event loop, each piece sent when the one before has been received.

use std::net::Shutdown;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use chunked_io::event_loop::{EventLoop, Io, Protocol, Settings};
use chunked_io::{pull_to_end, send_all};
use ports::Endpoint;
use tcp_socket::TcpSocket;

use super::Capitals;

const PATIENCE: Duration = Duration::from_secs(20);

/// The student's protocol, and a word to the test after each call.
struct Watched {
    inner: Capitals,
    received: Sender<String>,
}

impl Protocol for Watched {
    type Message = ();

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, ()>) {
        let piece = format!("received \"{}\"\n", bytes.escape_ascii());
        self.inner.received(bytes, io);
        // The test may have seen enough.
        let _ = self.received.send(piece);
    }
}

fn conversation(title: &str, pieces: &[&str]) -> String {
    let (say, hear) = channel();
    let watched = move |_| Watched {
        inner: Capitals::default(),
        received: say.clone(),
    };
    let settings = Settings {
        threads: 1,
        ..Settings::default()
    };
    let server = EventLoop::serve(&Endpoint::new("127.0.0.1", 0), settings, watched).unwrap();
    let mut client = TcpSocket::connect_address(server.local_address(), PATIENCE).unwrap();
    client.set_no_delay(true).unwrap();
    let mut lines = format!("{title}\n");
    for piece in pieces {
        send_all(&mut client, piece.as_bytes(), PATIENCE).unwrap();
        lines += &hear.recv_timeout(PATIENCE).unwrap();
    }
    // A server that has closed already needs no word that nothing more comes.
    let _ = client.shutdown(Shutdown::Write);
    let answers = pull_to_end(&mut client, 10_000, PATIENCE).unwrap();
    server.shutdown(PATIENCE).unwrap();
    format!("{lines}answered \"{}\"\n", answers.escape_ascii())
}

#[test]
fn answers_each_line_once_it_is_whole() {
    let conversations = [
        conversation("One line, one piece:", &["hello\n"]),
        conversation("Two lines in one piece:", &["hello\nworld\n"]),
        conversation("Two lines in three pieces:", &["hel", "lo\nwor", "ld\n"]),
        conversation("A line without an end:", &["bla bla bla ", "bla bla bla "]),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("04-6-lines-in-the-loop", conversations);
    });
}
