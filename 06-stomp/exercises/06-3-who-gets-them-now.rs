//! Exercise 06-3: who gets them now?
//!
//! Three messages, 1, 2 and 3, are sent to a destination. Ann is subscribed, receives all three, perhaps acknowledges number 2, and
//! then her cable breaks. After that Bob subscribes to the same destination. Which messages does he receive? Here is
//! what somebody believes; predict better, and let yourself be judged (`cargo ex 06-3`).

/// `/queue/orders`, and Ann subscribed with `ack:auto`, so she acknowledges nothing.
pub const AUTO: &[u32] = &[1, 2, 3];

/// `/queue/orders`, and Ann subscribed with `ack:client` and sent `ACK` for number 2.
pub const CLIENT: &[u32] = &[1, 3];

/// `/queue/orders`, and Ann subscribed with `ack:client-individual` and sent `ACK` for number 2.
pub const INDIVIDUAL: &[u32] = &[3];

/// `/queue/orders`, and Ann subscribed with `ack:client`, and had not sent an `ACK` yet.
pub const NO_ACK: &[u32] = &[];

/// `/topic/orders`, and Ann subscribed with `ack:client-individual` and sent `ACK` for number 2.
pub const TOPIC: &[u32] = &[1, 3];

fn main() {
    println!("This exercise is judged by its check: cargo ex 06-3");
}

#[cfg(test)]
#[path = "../checks/06-3-who-gets-them-now.rs"]
mod checks;
