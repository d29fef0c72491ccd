//! Exercise 02-2, one good answer.

/// Who asks, and whether he gets the port: "yes" or "no".
pub const PREDICTIONS: [(&str, &str); 7] = [
    ("TCP 127.0.0.1", "no"),
    ("UDP 127.0.0.1", "yes"),
    ("TCP 127.0.0.2", "yes"),
    ("TCP 0.0.0.0", "no"),
    ("TCP [::1]", "yes"),
    ("TCP [::], which takes IPv4 too", "no"),
    ("TCP [::], with IPV6_V6ONLY", "yes"),
];

fn main() {
    println!("This exercise is judged by its check: cargo ex 02-2");
}

#[cfg(test)]
#[path = "../checks/02-2-twice.rs"]
mod checks;
