//! Exercise 02-4, one good answer.

use std::net::SocketAddr;

/// A connection, as the server's system knows it.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Whose page it is.
    pub user: &'static str,
    /// The server's end.
    pub local: SocketAddr,
    /// The client's end.
    pub remote: SocketAddr,
}

/// The connection of a segment that came from `source` and was sent to `destination`.
pub fn find(connections: &[Connection], source: SocketAddr, destination: SocketAddr) -> Option<&Connection> {
    connections
        .iter()
        .find(|connection| connection.local == destination && connection.remote == source)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 02-4");
}

#[cfg(test)]
#[path = "../checks/02-4-four-numbers.rs"]
mod checks;
