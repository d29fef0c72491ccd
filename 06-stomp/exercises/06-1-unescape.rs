//! Exercise 06-1: undo the escapes.
//!
//! A header of STOMP 1.2 may not hold a line feed, a carriage return or a colon. It writes them as `\n`, `\r` and
//! `\c`, and a backslash as `\\`. `unescape` is to undo this, and to give `None` for an escape that does not
//! exist, because that is a fatal error. Run it against the table (`cargo ex 06-1`): which rows are wrong?

/// What a header in STOMP 1.2 means, or `None` if it holds an escape that does not exist.
pub fn unescape(header: &str) -> Option<String> {
    let plain = header
        .replace(r"\n", "\n")
        .replace(r"\r", "\r")
        .replace(r"\c", ":")
        .replace(r"\\", r"\");
    Some(plain)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 06-1");
}

#[cfg(test)]
#[path = "../checks/06-1-unescape.rs"]
mod checks;
