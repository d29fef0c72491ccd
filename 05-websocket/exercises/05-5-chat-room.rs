//! Exercise 05-5: a chat room.
//!
//! The path of the URL says who comes: `ws://…/ann` is Ann. What one says, all are to hear, and who it was: `ann: hello`. All are
//! told when somebody comes (`ann is here`) and goes (`ann has gone`). Only `/who` is answered to nobody but the one who
//! asks: with all names, `ann, bob`. What stands here is no room yet, but an echo that knows your name. `cargo ex 05-5`
//! shows what three clients heard.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use websocket::Message;
use websocket::event_server::{Caller, Handler, Peer};

/// The room: one value for all clients.
#[derive(Debug, Default)]
pub struct Room {
    /// Who is here, in the order of the alphabet.
    names: Mutex<BTreeSet<String>>,
}

impl Room {
    fn names(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler for Room {
    /// The client's name.
    type Client = String;

    fn open(&self, caller: &Caller<'_>, peer: &mut Peer<'_, '_>) -> String {
        let name = caller.request.target.trim_start_matches('/').to_owned();
        self.names().insert(name.clone());
        peer.clients().send_to_all(format!("{name} is here"));
        name
    }

    fn message(&self, name: &mut String, message: Message<'_>, peer: &mut Peer<'_, '_>) {
        let said = message.as_text().unwrap_or("(no text)");
        let answer = match said {
            "/who" => self.names().first().cloned().unwrap_or_default(),
            _ => format!("{name}: {said}"),
        };
        // What cannot be sent any more need not be.
        let _ = peer.send(answer);
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-5");
}

#[cfg(test)]
#[path = "../checks/05-5-chat-room.rs"]
mod checks;
