//! Exercise 03-6, one good answer.

/// What the call says, in the order of the accidents.
pub const PREDICTION: [(&str, &str); 5] = [
    ("connect to a port on which nobody listens", "refused"),
    ("pull, while the peer has nothing to say", "timed out"),
    ("pull, after the peer has closed in good order", "closed"),
    ("send, after you have shut down your own direction", "broken pipe"),
    ("bind to a port on which somebody listens", "address in use"),
];

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-6");
}

#[cfg(test)]
#[path = "../checks/03-6-predict-the-failure.rs"]
mod checks;
