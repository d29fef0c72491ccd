//! Exercise 02-5, one good answer.

/// The service that has this port, by a file of lines such as `http 80/tcp www # WorldWideWeb HTTP`: a name, a port with
/// its protocol, other names, and a comment.
pub fn service<'a>(file: &'a str, port: u16, protocol: &str) -> Option<&'a str> {
    file.lines().find_map(|line| {
        let (facts, _comment) = line.split_once('#').unwrap_or((line, ""));
        let mut words = facts.split_whitespace();
        let (name, place) = (words.next()?, words.next()?);
        (place == format!("{port}/{protocol}")).then_some(name)
    })
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 02-5");
}

#[cfg(test)]
#[path = "../checks/02-5-services.rs"]
mod checks;
