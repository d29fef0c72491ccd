//! Exercise 03-1: ask, and know what kind of silence you got.
//!
//! `ask` sends a question and pulls the answer, one call each. The caller has to act differently on each outcome: read
//! the text, hang up too, or wait longer. Run it against the scripted peer (`cargo ex 03-1`), and
//! compare what happened on the wire with what `ask` made of it.

use tcp_socket::{Deadline, Error, Stream};

/// What became of a question.
#[derive(Debug)]
pub enum Answer {
    /// The peer said something.
    Text(String),
    /// The peer closed its end in good order: no answer will come any more.
    Closed,
    /// The peer said nothing in time: the answer may still come.
    Silent,
}

/// Sends `question` and pulls one answer of up to 64 bytes. A connection that broke is an error.
pub fn ask(stream: &mut impl Stream, question: &str, deadline: Deadline) -> Result<Answer, Error> {
    stream.send(question.as_bytes(), deadline)?;
    let mut buffer = [0; 64];
    match stream.pull(&mut buffer, deadline) {
        Ok(count) => Ok(Answer::Text(
            String::from_utf8_lossy(&buffer[..count]).into_owned(),
        )),
        Err(_) => Ok(Answer::Closed),
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 03-1");
}

#[cfg(test)]
#[path = "../checks/03-1-ask.rs"]
mod checks;
