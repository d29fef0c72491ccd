//! Exercise 06-5, one good answer.

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
    /// How many messages were sent.
    sent: u64,
}

/// The value of a header; nothing if it is not there.
fn value(frame: &Frame, name: &str) -> String {
    frame.header(name).unwrap_or_default().to_owned()
}

impl TinyBroker {
    /// What is to be said, and to whom, now that `client` has sent this frame.
    pub fn handle(&mut self, client: u32, frame: &Frame) -> Vec<(u32, Frame)> {
        let mut replies = match frame.command {
            Command::Connect => vec![(client, Frame::new(Command::Connected).with("version", "1.2"))],
            Command::Send => self.messages(frame),
            _ => Vec::new(),
        };
        self.note(client, frame);
        if let Some(receipt) = frame.header("receipt") {
            replies.push((client, Frame::new(Command::Receipt).with("receipt-id", receipt)));
        }
        replies
    }

    /// Takes note of who wants what from now on.
    fn note(&mut self, client: u32, frame: &Frame) {
        let id = value(frame, "id");
        match frame.command {
            Command::Subscribe => self.subscriptions.push(Subscription {
                client,
                id,
                destination: value(frame, "destination"),
            }),
            // Two clients may have chosen the same id.
            Command::Unsubscribe => self
                .subscriptions
                .retain(|known| known.client != client || known.id != id),
            Command::Disconnect => self.subscriptions.retain(|known| known.client != client),
            _ => {}
        }
    }

    /// The MESSAGE for each who is to get what was sent.
    fn messages(&mut self, sent: &Frame) -> Vec<(u32, Frame)> {
        self.sent += 1;
        let destination = value(sent, "destination");
        let to = |subscription: &Subscription| {
            let message = Frame::new(Command::Message)
                .with("destination", &destination)
                .with("subscription", &subscription.id)
                .with("message-id", &self.sent.to_string())
                .with_body(sent.body.clone());
            (subscription.client, message)
        };
        let wanted = |subscription: &&Subscription| subscription.destination == destination;
        self.subscriptions.iter().filter(wanted).map(to).collect()
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 06-5");
}

#[cfg(test)]
#[path = "../checks/06-5-tiny-broker.rs"]
mod checks;
