//! Exercise 02-2: the same port twice.
//!
//! Predict it. A server listens on a port of 127.0.0.1, over TCP and without options. Then others ask for the same number.
//! The slide says that the same port cannot be used. Who gets it all the same, on Linux? Correct the predictions, and only
//! then run `cargo ex 02-2`.

/// Who asks, and whether he gets the port: "yes" or "no".
pub const PREDICTIONS: [(&str, &str); 7] = [
    ("TCP 127.0.0.1", "no"),
    ("UDP 127.0.0.1", "no"),
    ("TCP 127.0.0.2", "no"),
    ("TCP 0.0.0.0", "no"),
    ("TCP [::1]", "no"),
    ("TCP [::], which takes IPv4 too", "no"),
    ("TCP [::], with IPV6_V6ONLY", "no"),
];

fn main() {
    println!("This exercise is judged by its check: cargo ex 02-2");
}

#[cfg(test)]
#[path = "../checks/02-2-twice.rs"]
mod checks;
