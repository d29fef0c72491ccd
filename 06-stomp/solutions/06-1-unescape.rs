//! Exercise 06-1, one good answer.

/// What a header in STOMP 1.2 means, or `None` if it holds an escape that does not exist.
pub fn unescape(header: &str) -> Option<String> {
    let mut plain = String::new();
    let mut characters = header.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        plain.push(match characters.next()? {
            'n' => '\n',
            'r' => '\r',
            'c' => ':',
            '\\' => '\\',
            _ => return None,
        });
    }
    Some(plain)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 06-1");
}

#[cfg(test)]
#[path = "../checks/06-1-unescape.rs"]
mod checks;
