//! Exercise 05-7, one good answer.

/// The name of the server.
pub const THE_SERVER: bool = true;

/// The path, and the token in it.
pub const THE_TOKEN: bool = true;

/// The bytes of the text "buy 100" as the client typed it, somewhere in the stream.
pub const THE_CLIENTS_TEXT_AS_IT_IS: bool = false;

/// The text "buy 100", if the proxy knows RFC 6455.
pub const THE_CLIENTS_TEXT_UNMASKED: bool = true;

/// The bytes of the server's answer "bought", somewhere in the stream.
pub const THE_SERVERS_TEXT_AS_IT_IS: bool = true;

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-7");
}

#[cfg(test)]
#[path = "../checks/05-7-what-the-proxy-reads.rs"]
mod checks;
