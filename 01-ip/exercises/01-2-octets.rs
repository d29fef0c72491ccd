//! Exercise 01-2: four octets, one number.
//!
//! `read` is to turn the text of an IPv4 address into its 32 bits, and to refuse what is none. Which texts does it take
//! that it should not? One of them has opened holes in firewalls. Run it with `cargo ex 01-2`.

/// The 32 bits of an address in text, or `None` if the text is no IPv4 address.
pub fn read(text: &str) -> Option<u32> {
    let mut number = 0;
    for octet in text.split('.') {
        number = number << 8 | octet.parse::<u32>().ok()?;
    }
    Some(number)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 01-2");
}

#[cfg(test)]
#[path = "../checks/01-2-octets.rs"]
mod checks;
