//! Exercise 02-1: the hidden port.
//!
//! `port_of` is to say which port a URL means, said or not. It looks for the last colon, which is where the port
//! stands, when there is one. Run it against the table (`cargo ex 02-1`): which rows are wrong, and what was
//! taken for a port there?

/// The port that `url` means, or `None` if the URL says none and its scheme has no default.
pub fn port_of(url: &str) -> Option<u16> {
    match url.rsplit_once(':') {
        Some((_, port)) => port.parse().ok().or(Some(80)),
        None => Some(80),
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 02-1");
}

#[cfg(test)]
#[path = "../checks/02-1-hidden-port.rs"]
mod checks;
