//! Judges exercise 05-5: a real server and three clients, who speak one after the other.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use chunked_io::event_loop::{Settings, WhenFull};
use ports::Endpoint;
use websocket::event_server::{Caller, Ending, EventServer, Handler, Peer};
use websocket::{AcceptOptions, CloseCode, ConnectOptions, Event, Message, WebSocket};

use super::Room;

const PATIENCE: Duration = Duration::from_secs(20);

/// The path under which the test itself is connected.
const DOORMAN: &str = "/doorman";

/// The student's room, and a word to the test after each call.
struct Watched {
    room: Room,
    done: Sender<()>,
}

impl Handler for Watched {
    /// Nothing for the doorman, of whom the room does not know.
    type Client = Option<<Room as Handler>::Client>;

    fn open(&self, caller: &Caller<'_>, peer: &mut Peer<'_, '_>) -> Self::Client {
        if caller.request.target == DOORMAN {
            return None;
        }
        let client = self.room.open(caller, peer);
        let _ = self.done.send(());
        Some(client)
    }

    fn message(&self, client: &mut Self::Client, message: Message<'_>, peer: &mut Peer<'_, '_>) {
        if let Some(client) = client {
            self.room.message(client, message, peer);
            let _ = self.done.send(());
        }
    }

    fn close(&self, client: Self::Client, ending: &Ending<'_>, peer: &mut Peer<'_, '_>) {
        if let Some(client) = client {
            self.room.close(client, ending, peer);
            let _ = self.done.send(());
        }
    }
}

/// The server, and what happens in it.
struct Scene {
    server: EventServer,
    doorman: WebSocket,
    done: Receiver<()>,
    lines: String,
}

impl Scene {
    fn new() -> Self {
        let (say, done) = channel();
        let watched = Watched {
            room: Room::default(),
            done: say,
        };
        let settings = Settings {
            threads: 1,
            when_full: WhenFull::Disconnect,
            ..Settings::default()
        };
        let here = Endpoint::new("127.0.0.1", 0);
        let server = EventServer::serve(&here, AcceptOptions::default(), settings, watched).unwrap();
        let url = format!("{}doorman", server.url());
        Self {
            doorman: WebSocket::connect(&url, &ConnectOptions::default()).unwrap(),
            server,
            done,
            lines: String::new(),
        }
    }

    /// Waits until the room has heard of it, and what it says to all is on its way.
    fn note(&mut self, line: &str) {
        self.done.recv_timeout(PATIENCE).unwrap();
        // A Pong is the answer of a later turn of the loop.
        self.doorman.ping(b"").unwrap();
        while !matches!(self.doorman.recv_event(PATIENCE).unwrap(), Event::Pong(_)) {}
        self.lines += &format!("{line}\n");
    }

    fn comes(&mut self, name: &'static str) -> Client {
        let url = format!("{}{name}", self.server.url());
        let (say, hear) = WebSocket::connect(&url, &ConnectOptions::default())
            .unwrap()
            .split();
        self.note(&format!("{name} comes"));
        Client { name, say, hear }
    }

    fn says(&mut self, client: &Client, text: &str) {
        client.say.send(text).unwrap();
        self.note(&format!("{} says {text:?}", client.name));
    }

    /// The client goes, and tells what it has heard.
    fn goes(&mut self, mut client: Client) -> String {
        client.say.close(CloseCode::NORMAL, "").unwrap();
        let mut heard = format!("\n{} heard:\n", client.name);
        for message in client.hear.messages(PATIENCE) {
            heard += &format!("  {}\n", message.unwrap().as_text().unwrap_or("(no text)"));
        }
        self.note(&format!("{} goes", client.name));
        heard
    }
}

struct Client {
    name: &'static str,
    say: websocket::Sender,
    hear: websocket::Receiver,
}

#[test]
fn everybody_hears_what_is_for_everybody() {
    let mut scene = Scene::new();
    let ann = scene.comes("ann");
    let bob = scene.comes("bob");
    scene.says(&ann, "hello");
    let eve = scene.comes("eve");
    scene.says(&bob, "/who");
    let bob_heard = scene.goes(bob);
    scene.says(&eve, "is bob here?");
    scene.says(&eve, "/who");
    let ann_heard = scene.goes(ann);
    let eve_heard = scene.goes(eve);
    scene.doorman.close(CloseCode::NORMAL, "").unwrap();
    scene.server.shutdown(PATIENCE).unwrap();
    let conversations = [scene.lines, ann_heard, bob_heard, eve_heard].concat();
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("05-5-chat-room", conversations);
    });
}
