//! Exercise 03-2: predict what each pull brings.
//!
//! A peer sends "Hello, " and then "world!", as two pieces, and closes. You ask for 5 bytes at a time, seven times. Write
//! down what each call will say before you run it (`cargo ex 03-2`): a number of bytes, "closed", "timed out" or "reset".

/// What the seven pulls will say, in their order.
pub const PREDICTION: [&str; 7] = ["5", "5", "3", "closed", "closed", "closed", "closed"];

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-2");
}

#[cfg(test)]
#[path = "../checks/03-2-predict-the-pulls.rs"]
mod checks;
