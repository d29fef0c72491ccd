//! Exercise 01-5: who can reach it.
//!
//! Predict it. A server listens on each of these addresses. Who can reach it? The predictions below take the slide at its
//! word: 127.0.0.1, 10.0.0.*, 192.168.0.* and 172.16.0.* are special, and all others are the Internet's. Correct those that
//! you do not believe, and only then run `cargo ex 01-5`.

/// An address, and who can reach a server there: "this machine", "this network", "everybody" or "nobody".
pub const PREDICTIONS: [(&str, &str); 12] = [
    ("127.0.0.1", "this machine"),
    ("127.1.2.3", "everybody"),
    ("10.0.0.7", "this network"),
    ("10.99.0.7", "everybody"),
    ("172.16.0.9", "this network"),
    ("172.31.9.9", "everybody"),
    ("172.32.0.1", "everybody"),
    ("192.168.77.1", "everybody"),
    ("169.254.10.20", "everybody"),
    ("203.0.113.7", "everybody"),
    ("8.8.8.8", "everybody"),
    ("fd12:3456:789a::1", "everybody"),
];

fn main() {
    println!("This exercise is judged by its check: cargo ex 01-5");
}

#[cfg(test)]
#[path = "../checks/01-5-reach.rs"]
mod checks;
