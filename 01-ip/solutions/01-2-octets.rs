//! Exercise 01-2, one good answer.

/// The 32 bits of an address in text, or `None` if the text is no IPv4 address.
pub fn read(text: &str) -> Option<u32> {
    let octets: Vec<&str> = text.split('.').collect();
    if octets.len() != 4 {
        return None;
    }
    let mut number = 0;
    for octet in octets {
        // "010" is eight to some readers and ten to others, and "+7" is seven to Rust.
        let is_plain = octet == "0" || !octet.starts_with(['0', '+']);
        number = number << 8 | u32::from(octet.parse::<u8>().ok().filter(|_| is_plain)?);
    }
    Some(number)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 01-2");
}

#[cfg(test)]
#[path = "../checks/01-2-octets.rs"]
mod checks;
