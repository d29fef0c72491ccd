//! Exercise 06-5: a tiny broker.
//!
//! A frame of one client comes in, and frames for any clients go out. This broker has the heart of it, and is so generous that
//! everybody gets everything. Let it give a message only to those who subscribed to its destination; say in each MESSAGE
//! under which `subscription` it comes and give it a `message-id`, 1 for the first SEND; end a subscription at UNSUBSCRIBE, and
//! all of a client's at DISCONNECT; and answer whoever asks for a `receipt`, when the work is done. `cargo ex 06-5` shows an
//! afternoon at the exchange.

use stomp::{Command, Frame};

/// Who wants what.
#[derive(Debug)]
struct Subscription {
    client: u32,
    id: String,
    destination: String,
}

/// A broker that knows only topics.
#[derive(Debug, Default)]
pub struct TinyBroker {
    subscriptions: Vec<Subscription>,
}

/// The value of a header; nothing if it is not there.
fn value(frame: &Frame, name: &str) -> String {
    frame.header(name).unwrap_or_default().to_owned()
}

impl TinyBroker {
    /// What is to be said, and to whom, now that `client` has sent this frame.
    pub fn handle(&mut self, client: u32, frame: &Frame) -> Vec<(u32, Frame)> {
        match frame.command {
            Command::Connect => vec![(client, Frame::new(Command::Connected).with("version", "1.2"))],
            Command::Subscribe => {
                self.subscriptions.push(Subscription {
                    client,
                    id: value(frame, "id"),
                    destination: value(frame, "destination"),
                });
                Vec::new()
            }
            Command::Send => self.messages(frame),
            _ => Vec::new(),
        }
    }

    /// The MESSAGE for each who is to get what was sent.
    fn messages(&self, sent: &Frame) -> Vec<(u32, Frame)> {
        let to = |subscription: &Subscription| {
            let message = Frame::new(Command::Message)
                .with("destination", &subscription.destination)
                .with("message-id", &subscription.id)
                .with_body(sent.body.clone());
            (subscription.client, message)
        };
        self.subscriptions.iter().map(to).collect()
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 06-5");
}

#[cfg(test)]
#[path = "../checks/06-5-tiny-broker.rs"]
mod checks;
