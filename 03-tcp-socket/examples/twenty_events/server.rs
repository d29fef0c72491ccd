//! The server: an HTTP server with three ways to hear the news, and a port where a caller just listens.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;
use std::thread;

use tcp_socket::Listener;
use tcp_socket::http::{RequestHead, ResponseHead};

use crate::news::News;
use crate::wire::{Bill, Wire};

const PAGE: &str = "<!doctype html><title>News</title><pre id=news></pre>
<script>new EventSource('/stream').onmessage = event => news.append(event.data + '\\n')</script>
";

type Served = Result<(), Box<dyn Error + Send + Sync>>;

/// Serves HTTP, a thread for each connection, and returns the bill of all of them.
pub(crate) fn start(listener: Listener, news: &Arc<News>) -> Arc<Bill> {
    start_with(listener, news, answer_requests)
}

/// Serves callers of the bare socket: they get every event, and need not ask.
pub(crate) fn start_socket(listener: Listener, news: &Arc<News>) -> Arc<Bill> {
    start_with(listener, news, |wire, news| {
        for known in 0.. {
            wire.say(&news.next(known))?;
        }
        Ok(())
    })
}

fn start_with(listener: Listener, news: &Arc<News>, serve: fn(&Wire, &News) -> Served) -> Arc<Bill> {
    let bill = Arc::new(Bill::default());
    let (news, shared) = (Arc::clone(news), Arc::clone(&bill));
    thread::spawn(move || {
        while let Ok(socket) = listener.accept() {
            let (news, bill) = (Arc::clone(&news), Arc::clone(&shared));
            // A caller who hangs up ends this, and nobody minds.
            thread::spawn(move || serve(&Wire::new(socket, bill)?, &news));
        }
    });
    bill
}

/// One request after the other, until the caller has no more.
fn answer_requests(wire: &Wire, news: &News) -> Served {
    loop {
        let head = wire.hear_head()?;
        if head.is_empty() {
            return Ok(());
        }
        let request = RequestHead::parse(&head)?;
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let known: usize = query.strip_prefix("after=").unwrap_or("0").parse().unwrap_or(0);
        match path {
            "/" => wire.say(&whole("text/html", PAGE))?,
            // Polling: what there is, and be it nothing.
            "/events" => wire.say(&match news.since(known).concat() {
                nothing if nothing.is_empty() => ResponseHead::new(204).to_string(),
                events => whole("text/plain", &events),
            })?,
            // Long polling: the answer waits until there is something to tell.
            "/next" => wire.say(&whole("text/plain", &news.next(known)))?,
            // Server-sent events: an answer without an end (the HTML standard, section 9.2).
            "/stream" => return stream(wire, news, known),
            _ => wire.say(&ResponseHead::new(404).with("Content-Length", "0").to_string())?,
        }
    }
}

fn stream(wire: &Wire, news: &News, known: usize) -> Served {
    wire.say(
        &ResponseHead::new(200)
            .with("Content-Type", "text/event-stream")
            .to_string(),
    )?;
    for known in known.. {
        wire.say(&format!("data: {}\n\n", news.next(known)))?;
    }
    Ok(())
}

/// An answer that leaves the connection open for the next request.
fn whole(content_type: &str, body: &str) -> String {
    let head = ResponseHead::new(200).with("Content-Type", content_type);
    let mut text = head.with("Content-Length", &body.len().to_string()).to_string();
    // Writing to a string cannot fail.
    let _ = text.write_str(body);
    text
}
