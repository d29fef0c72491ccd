//! A message as octets, and back: its MESSAGE frame, as STOMP 1.2 writes it. There is no format to invent.

use crate::codec::Decoder;
use crate::{Command, Destination, Limits, Message, Version};

/// Exchanges what is in `octets` for the record of a message.
pub(super) fn encode(message: &Message, octets: &mut Vec<u8>) {
    octets.clear();
    octets.extend_from_slice(b"MESSAGE\n");
    octets.extend_from_slice(message.shared_part(Version::V1_2));
}

/// The message in a record; `None` if it holds none.
pub(super) fn decode(number: u64, octets: &[u8]) -> Option<Message> {
    // It was within the limits of its day.
    let mut decoder = Decoder::new(Limits {
        headers: usize::MAX,
        head_bytes: usize::MAX,
        body_bytes: usize::MAX,
        ..Limits::default()
    });
    decoder.set_version(Version::V1_2);
    decoder.push(octets);
    let frame = decoder.next_frame().ok()??;
    if frame.command != Command::Message {
        return None;
    }
    let destination = Destination::to_send(frame.header("destination")?).ok()?;
    let id = frame.header("message-id")?.to_owned();
    Some(Message::with_id(id, number, destination, frame))
}
