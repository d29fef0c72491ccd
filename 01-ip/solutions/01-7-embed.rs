//! Exercise 01-7, one good answer.

/// The address under which a machine without IPv4 reaches `host`. The first `length` bits of `prefix` are the
/// translator's, and the others are zero; the length is 32, 40, 48, 56, 64 or 96.
pub fn embed(prefix: [u8; 16], length: usize, host: [u8; 4]) -> [u8; 16] {
    let mut address = prefix;
    for (place, octet) in (length / 8..16).filter(|&place| place != 8).zip(host) {
        address[place] = octet;
    }
    address
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 01-7");
}

#[cfg(test)]
#[path = "../checks/01-7-embed.rs"]
mod checks;
