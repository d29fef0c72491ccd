//! The conversation, drawn as it happens.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use websocket::figure::FrameCutter;
use websocket::web_socket::{Observer, Traffic};

/// The bytes of one direction: first an HTTP head, then frames.
#[derive(Default)]
struct Direction {
    head: Vec<u8>,
    head_is_over: bool,
    frames: FrameCutter,
}

/// Draws all traffic on standard error, where it does not mix with the messages.
pub(super) fn observer() -> Observer {
    let directions = Mutex::new((Direction::default(), Direction::default()));
    Observer::new(move |traffic| {
        let mut directions = directions.lock().unwrap_or_else(PoisonError::into_inner);
        let drawn = match traffic {
            Traffic::Sent(bytes) => draw("sent", "> ", &mut directions.0, bytes),
            Traffic::Received(bytes) => draw("received", "< ", &mut directions.1, bytes),
        };
        // The conversation goes on even if nobody watches any more.
        let _ = io::stderr().write_all(drawn.as_bytes());
    })
}

fn draw(what: &str, mark: &str, direction: &mut Direction, bytes: &[u8]) -> String {
    if direction.head_is_over {
        let figures = direction.frames.push(bytes);
        return figures
            .iter()
            .map(|figure| format!("{what}:\n{figure}\n"))
            .collect();
    }
    direction.head.extend_from_slice(bytes);
    direction.head_is_over = direction.head.ends_with(b"\r\n\r\n");
    head(mark, &String::from_utf8_lossy(bytes))
}

/// The lines of a head, each with a mark in front that says who speaks.
pub(super) fn head(mark: &str, text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", format!("{mark}{line}").trim_end()))
        .collect()
}
