//! Exercise 06-4, one good answer.

use stomp::{Command, Frame};

/// Orders on their way.
#[derive(Debug, Default)]
pub struct Outbox {
    /// How many receipts were asked for.
    asked: u32,
    /// What was sent and is not confirmed, each under the name of its receipt.
    waiting: Vec<(String, String)>,
}

impl Outbox {
    /// The frame that sends an order, and asks for a receipt.
    pub fn send(&mut self, order: &str) -> Frame {
        self.asked += 1;
        let receipt = format!("order-{}", self.asked);
        self.waiting.push((receipt.clone(), order.to_owned()));
        Frame::new(Command::Send)
            .with("destination", "/queue/orders")
            .with("receipt", &receipt)
            .with_body(order)
    }

    /// Takes note of what the broker says.
    pub fn receive(&mut self, frame: &Frame) {
        if frame.command == Command::Receipt {
            let done = frame.header("receipt-id");
            self.waiting.retain(|(receipt, _)| Some(receipt.as_str()) != done);
        }
    }

    /// What has to be sent again if the connection is lost now.
    pub fn unconfirmed(&self) -> Vec<&str> {
        self.waiting.iter().map(|(_, order)| order.as_str()).collect()
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 06-4");
}

#[cfg(test)]
#[path = "../checks/06-4-the-receipt-of-which.rs"]
mod checks;
