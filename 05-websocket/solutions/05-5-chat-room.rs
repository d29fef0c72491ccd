//! Exercise 05-5, one good answer.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use websocket::Message;
use websocket::event_server::{Caller, Ending, Handler, Peer};

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
        match message.as_text().unwrap_or("(no text)") {
            "/who" => {
                let names: Vec<String> = self.names().iter().cloned().collect();
                // What cannot be sent any more need not be.
                let _ = peer.send(names.join(", "));
            }
            said => peer.clients().send_to_all(format!("{name}: {said}")),
        }
    }

    fn close(&self, name: String, _: &Ending<'_>, peer: &mut Peer<'_, '_>) {
        self.names().remove(&name);
        peer.clients().send_to_all(format!("{name} has gone"));
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-5");
}

#[cfg(test)]
#[path = "../checks/05-5-chat-room.rs"]
mod checks;
