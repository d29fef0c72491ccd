//! Exercise 02-5: the services file.
//!
//! Mend it. `/etc/services` tells which service has which port. `service` looks a port up there, and a student wrote
//! down what came out: 8 is "http", 25 is "#smtp", and 53 over UDP is unknown. Run it with `cargo ex 02-5`.

/// The service that has this port, by a file of lines such as `http 80/tcp www # WorldWideWeb HTTP`: a name, a port with
/// its protocol, other names, and a comment.
pub fn service<'a>(file: &'a str, port: u16, protocol: &str) -> Option<&'a str> {
    file.lines().find_map(|line| {
        let (name, rest) = line.split_once(' ')?;
        let is_meant = rest.contains(protocol) && rest.trim().starts_with(&port.to_string());
        is_meant.then_some(name)
    })
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 02-5");
}

#[cfg(test)]
#[path = "../checks/02-5-services.rs"]
mod checks;
