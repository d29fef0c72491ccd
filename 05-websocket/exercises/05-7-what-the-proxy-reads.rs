//! Exercise 05-7: what the proxy reads.
//!
//! A WebSocket goes through a proxy that was asked with CONNECT. The proxy only carries bytes, and nothing keeps it from looking at
//! them. Here is what somebody believes that it can read of a connection to `ws://chat.example/room?token=7`. Look at the frame's
//! figure first, predict again, and then let yourself be judged. (`cargo ex 05-7`)

/// The name of the server.
pub const THE_SERVER: bool = false;

/// The path, and the token in it.
pub const THE_TOKEN: bool = false;

/// The bytes of the text "buy 100" as the client typed it, somewhere in the stream.
pub const THE_CLIENTS_TEXT_AS_IT_IS: bool = true;

/// The text "buy 100", if the proxy knows RFC 6455.
pub const THE_CLIENTS_TEXT_UNMASKED: bool = false;

/// The bytes of the server's answer "bought", somewhere in the stream.
pub const THE_SERVERS_TEXT_AS_IT_IS: bool = false;

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-7");
}

#[cfg(test)]
#[path = "../checks/05-7-what-the-proxy-reads.rs"]
mod checks;
