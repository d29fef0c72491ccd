//! Exercise 05-6: the delegate.
//!
//! A library calls this delegate from a thread of its own, and a window shows what it passes on. It was tried with one server, on a
//! good day. Now it meets three: one that sends prices and closes, one that has no WebSocket where it was looked for, and none at
//! all. The window should say when the connection is open, show each price, say of anything else how long it was, and say how it
//! ended. (`cargo ex 05-6`)

use std::sync::mpsc::Sender as Window;

use websocket::delegate::Delegate;
use websocket::{Message, Sender};

/// Passes everything on to the window's own thread. Never touches the window itself.
pub struct Screen {
    /// Where the lines for the window go.
    pub window: Window<String>,
}

impl Screen {
    fn show(&self, line: &str) {
        // A window that was closed needs no more lines.
        let _ = self.window.send(line.to_owned());
    }
}

impl Delegate for Screen {
    fn did_receive_message(&mut self, _: &Sender, message: Message<'_>) {
        self.show(message.as_text().unwrap_or_default());
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-6");
}

#[cfg(test)]
#[path = "../checks/05-6-delegate.rs"]
mod checks;
