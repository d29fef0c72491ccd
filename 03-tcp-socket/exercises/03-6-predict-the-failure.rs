//! Exercise 03-6: predict how it fails.
//!
//! Five small accidents on loopback, with real sockets. What does the call say? Write it down before you run it (`cargo ex 03-6`):
//! "refused", "timed out", "reset", "broken pipe", "address in use", or "closed" for an orderly end.

/// What the call says, in the order of the accidents.
pub const PREDICTION: [(&str, &str); 5] = [
    ("connect to a port on which nobody listens", "timed out"),
    ("pull, while the peer has nothing to say", "closed"),
    ("pull, after the peer has closed in good order", "reset"),
    ("send, after you have shut down your own direction", "closed"),
    ("bind to a port on which somebody listens", "refused"),
];

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-6");
}

#[cfg(test)]
#[path = "../checks/03-6-predict-the-failure.rs"]
mod checks;
