//! Exercise 01-5, one good answer.

/// An address, and who can reach a server there: "this machine", "this network", "everybody" or "nobody".
pub const PREDICTIONS: [(&str, &str); 12] = [
    ("127.0.0.1", "this machine"),
    ("127.1.2.3", "this machine"),
    ("10.0.0.7", "this network"),
    ("10.99.0.7", "this network"),
    ("172.16.0.9", "this network"),
    ("172.31.9.9", "this network"),
    ("172.32.0.1", "everybody"),
    ("192.168.77.1", "this network"),
    ("169.254.10.20", "this network"),
    ("203.0.113.7", "nobody"),
    ("8.8.8.8", "everybody"),
    ("fd12:3456:789a::1", "this network"),
];

fn main() {
    println!("This exercise is judged by its check: cargo ex 01-5");
}

#[cfg(test)]
#[path = "../checks/01-5-reach.rs"]
mod checks;
