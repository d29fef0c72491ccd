//! Exercise 04-2, one good answer.

use tcp_socket::{Deadline, Error, Stream};

/// Sends all of `bytes`.
pub fn send_everything(stream: &mut impl Stream, bytes: &[u8], deadline: Deadline) -> Result<(), Error> {
    let mut sent = 0;
    while sent < bytes.len() {
        sent += stream.send(&bytes[sent..], deadline)?;
    }
    Ok(())
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-2");
}

#[cfg(test)]
#[path = "../checks/04-2-send-the-rest.rs"]
mod checks;
