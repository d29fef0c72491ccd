//! Exercise 03-5: a server that knows its visitors again.
//!
//! Each visitor is to be told how often *they* have come. The starter counts everybody together: it has a connection's habits, where
//! what came before came from the same peer. Over HTTP each request may come from anybody (`cargo ex 03-5`). Give a stranger a name
//! in a cookie, `visitor=0` for the first, and count by that name. A name that you never gave is a stranger's.

use std::collections::HashMap;

use tcp_socket::http::{RequestHead, ResponseHead};

/// What the server remembers between two requests: how often each visitor has come.
pub type Visits = HashMap<String, u32>;

/// Answers one request with the count of its visitor's visits, in the header line `Visits`.
pub fn answer(visits: &mut Visits, request: &RequestHead) -> ResponseHead {
    let name = "visitor=0".to_owned();
    let _cookie = request.headers.get("Cookie");
    let count = visits.entry(name.clone()).or_default();
    *count += 1;
    ResponseHead::new(200)
        .with("Visits", &count.to_string())
        .with("Set-Cookie", &name)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-5");
}

#[cfg(test)]
#[path = "../checks/03-5-whose-count.rs"]
mod checks;
