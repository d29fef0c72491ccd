//! Exercise 03-2, one good answer.

/// What the seven pulls will say, in their order.
pub const PREDICTION: [&str; 7] = ["5", "2", "5", "1", "closed", "closed", "closed"];

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-2");
}

#[cfg(test)]
#[path = "../checks/03-2-predict-the-pulls.rs"]
mod checks;
