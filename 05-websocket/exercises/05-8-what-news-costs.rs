//! Exercise 05-8: what news costs.
//!
//! A price changes a hundred times an hour. One page polls for it every second; another holds a WebSocket. Here is what somebody
//! believes that it costs, in bytes above TCP. Calculate with pencil and paper, then let yourself be judged. (`cargo ex 05-8`)
//!
//! The question is `GET /price HTTP/1.1`, the header `Host: chat.example`, and the empty line. The answer without news is
//! `HTTP/1.1 204 No Content` and the empty line. Each of these lines ends in two bytes.

/// A question, in bytes.
pub const QUESTION: usize = 37;

/// An answer without news, in bytes.
pub const NO_NEWS: usize = 23;

/// What an hour of questions without any news costs, in bytes.
pub const AN_HOUR_OF_NOTHING: usize = 3600 * (37 + 23);

/// A price of 10 bytes in a frame from the server.
pub const PRICE_IN_A_FRAME: usize = 16;

/// The same 10 bytes in a frame from a client.
pub const PRICE_FROM_A_CLIENT: usize = 16;

/// A table of 126 bytes in a frame from the server.
pub const TABLE_IN_A_FRAME: usize = 128;

/// What an hour with a hundred prices costs over the WebSocket, in bytes, once it is open.
pub const AN_HOUR_OF_NEWS: usize = 100 * 16;

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-8");
}

#[cfg(test)]
#[path = "../checks/05-8-what-news-costs.rs"]
mod checks;
