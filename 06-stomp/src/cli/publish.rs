//! `06-stomp send` and `06-stomp subscribe`: both ends of a destination.

use std::io::Write;

use serde::Serialize;
use stomp::{AckMode, Command, Destination, Frame};
use tcp_socket::Deadline;

use super::access::{Broker, Stay};
use super::error::CliError;

pub(super) fn send(destination: &str, text: &str, persistent: bool, broker: &Broker) -> Result<(), CliError> {
    Destination::to_send(destination)?;
    let client = broker.connect()?;
    let mut frame = Frame::new(Command::Send)
        .with("destination", destination)
        .with("content-type", "text/plain");
    if persistent {
        frame.headers.push("persistent", "true");
    }
    client.ask(frame.with_body(text))?;
    Ok(client.disconnect()?)
}

/// What is printed of a subscription.
pub(super) struct Printed {
    pub(super) count: Option<usize>,
    pub(super) json: bool,
}

pub(super) fn subscribe(
    destination: &str,
    ack: AckMode,
    printed: &Printed,
    broker: &Broker,
    stay: &Stay,
) -> Result<(), CliError> {
    Destination::to_subscribe(destination)?;
    let client = broker.connect_and_stay(stay)?;
    let subscription = client.subscribe_with(destination, ack)?;
    anstream::eprintln!("subscribed to {destination} at {}", broker.url);
    let mut out = anstream::stdout().lock();
    for _ in 0..printed.count.unwrap_or(usize::MAX) {
        let message = subscription.next_within(Deadline::never())?;
        let line = if printed.json {
            as_json(&message)?
        } else {
            as_text(&message)
        };
        writeln!(out, "{line}")?;
        out.flush()?;
        // Not before it has been printed: if this program dies, somebody else gets the message.
        if ack != AckMode::Auto {
            match client.ack(&message) {
                // The broker will give the message again.
                Err(error) if error.is_passing() => {}
                acknowledged => acknowledged?,
            }
        }
    }
    Ok(client.disconnect()?)
}

/// A message for people: where it was sent to, and what it says.
fn as_text(message: &Frame) -> String {
    let destination = message.header("destination").unwrap_or_default();
    format!("{destination}  {}", printable(&message.text()))
}

/// A text from elsewhere, with everything escaped that could confuse a terminal.
pub(super) fn printable(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if character.is_control() && !matches!(character, '\n' | '\t') {
            plain.extend(character.escape_default());
        } else {
            plain.push(character);
        }
    }
    plain
}

#[derive(Serialize)]
struct Facts<'f> {
    destination: &'f str,
    message_id: &'f str,
    headers: Vec<(&'f str, &'f str)>,
    #[serde(flatten)]
    body: Body<'f>,
}

/// A body, as text or as hex digits.
#[derive(Serialize)]
pub(super) struct Body<'f> {
    /// If it is text.
    #[serde(rename = "body", skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'f str>,
    /// If it is not.
    #[serde(rename = "body_hex", skip_serializing_if = "Option::is_none")]
    pub(super) hex: Option<String>,
}

pub(super) fn body_facts(body: &[u8]) -> Body<'_> {
    let text = std::str::from_utf8(body).ok();
    let hex = || body.iter().map(|octet| format!("{octet:02x}")).collect();
    Body {
        text,
        hex: text.is_none().then(hex),
    }
}

/// A message for programs.
fn as_json(message: &Frame) -> Result<String, CliError> {
    let facts = Facts {
        destination: message.header("destination").unwrap_or_default(),
        message_id: message.header("message-id").unwrap_or_default(),
        headers: message.headers.iter().collect(),
        body: body_facts(&message.body),
    };
    Ok(serde_json::to_string(&facts).map_err(std::io::Error::from)?)
}
