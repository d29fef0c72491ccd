//! Exercise 02-1, one good answer.

/// The port that `url` means, or `None` if the URL says none and its scheme has no default.
pub fn port_of(url: &str) -> Option<u16> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    // What stands before an @ is the user's name, not the host.
    let place = authority.rsplit('@').next()?;
    // The colons of an IPv6 address stand in brackets.
    let after_host = place.rsplit(']').next()?;
    match after_host.rsplit_once(':') {
        Some((_, "")) | None => default_port(scheme),
        Some((_, port)) => port.parse().ok(),
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ssh" => Some(22),
        _ => None,
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 02-1");
}

#[cfg(test)]
#[path = "../checks/02-1-hidden-port.rs"]
mod checks;
