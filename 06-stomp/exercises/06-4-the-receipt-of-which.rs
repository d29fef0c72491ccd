//! Exercise 06-4: the receipt of which?
//!
//! A shop sends orders to a broker and asks for a receipt of each. When the connection is lost, it sends again what it has no
//! receipt for. Since then some orders are never done, and others twice. Read the conversations (`cargo ex 06-4`):
//! which order did the shop cross out, and which did the receipt name?

use std::collections::VecDeque;

use stomp::{Command, Frame};

/// Orders on their way.
#[derive(Debug, Default)]
pub struct Outbox {
    /// How many receipts were asked for.
    asked: u32,
    /// What was sent and is not confirmed, the oldest first.
    waiting: VecDeque<String>,
}

impl Outbox {
    /// The frame that sends an order, and asks for a receipt.
    pub fn send(&mut self, order: &str) -> Frame {
        self.asked += 1;
        self.waiting.push_back(order.to_owned());
        Frame::new(Command::Send)
            .with("destination", "/queue/orders")
            .with("receipt", &format!("order-{}", self.asked))
            .with_body(order)
    }

    /// Takes note of what the broker says.
    pub fn receive(&mut self, frame: &Frame) {
        if frame.command == Command::Receipt {
            self.waiting.pop_front();
        }
    }

    /// What has to be sent again if the connection is lost now.
    pub fn unconfirmed(&self) -> Vec<&str> {
        self.waiting.iter().map(String::as_str).collect()
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 06-4");
}

#[cfg(test)]
#[path = "../checks/06-4-the-receipt-of-which.rs"]
mod checks;
