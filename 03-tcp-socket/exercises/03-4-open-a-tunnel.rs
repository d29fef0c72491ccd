//! Exercise 03-4: ask a proxy for a tunnel.
//!
//! The request is right (RFC 9110, section 9.3.6). The answer is pulled in one call, which works on the desk. What if
//! it comes in two pieces? And what if the server behind the proxy speaks first, as SSH does? `cargo ex 03-4` shows what is left in the
//! stream for whoever uses the tunnel.

use tcp_socket::http::ResponseHead;
use tcp_socket::{Deadline, Error, Stream};

/// What the proxy said.
#[derive(Debug)]
pub enum Opened {
    /// The tunnel is there, and whatever comes next comes from its other end.
    Yes,
    /// The proxy will not, and says why: `403 Forbidden`.
    No(String),
    /// That is no HTTP, or the proxy has closed.
    NotHttp,
}

/// Asks the proxy at the other end of `stream` for a tunnel to `target`: `git.example:22`.
pub fn open_tunnel(stream: &mut impl Stream, target: &str, deadline: Deadline) -> Result<Opened, Error> {
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    stream.send(request.as_bytes(), deadline)?;
    let mut buffer = [0; 256];
    let count = stream.pull(&mut buffer, deadline)?;
    let head = buffer[..count].to_vec();
    Ok(verdict(&head))
}

fn verdict(head: &[u8]) -> Opened {
    match ResponseHead::parse(head) {
        Ok(answer) if (200..300).contains(&answer.status) => Opened::Yes,
        Ok(answer) => Opened::No(format!("{} {}", answer.status, answer.reason)),
        Err(_) => Opened::NotHttp,
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-4");
}

#[cfg(test)]
#[path = "../checks/03-4-open-a-tunnel.rs"]
mod checks;
