//! Judges exercise 06-5: an afternoon at the exchange, with two clients and a publisher.

use stomp::{Decoder, Frame, Limits, Version};

use super::TinyBroker;

/// Who the numbers are.
const NAMES: [&str; 3] = ["ann", "bob", "exchange"];

/// What is said, as a student could type it.
const FRAMES: [(&str, &str); 13] = [
    ("ann", "CONNECT\naccept-version:1.2\nhost:x\n\n"),
    ("ann", "SUBSCRIBE\nid:0\ndestination:/topic/gold\n\n"),
    ("bob", "SUBSCRIBE\nid:0\ndestination:/topic/gold\nreceipt:r1\n\n"),
    ("bob", "SUBSCRIBE\nid:1\ndestination:/topic/oil\n\n"),
    ("exchange", "SEND\ndestination:/topic/gold\n\n2,650"),
    ("exchange", "SEND\ndestination:/topic/oil\n\n71"),
    ("exchange", "SEND\ndestination:/topic/tin\nreceipt:r2\n\n30"),
    ("bob", "UNSUBSCRIBE\nid:0\n\n"),
    ("exchange", "SEND\ndestination:/topic/gold\nreceipt:r3\n\n2,651"),
    ("ann", "SEND\ndestination:/topic/oil\n\nI sell"),
    ("bob", "DISCONNECT\nreceipt:bye\n\n"),
    ("exchange", "SEND\ndestination:/topic/oil\n\n72"),
    ("exchange", "SEND\ndestination:/topic/gold\n\n2,652"),
];

fn frame(text: &str) -> Frame {
    let mut decoder = Decoder::new(Limits::default());
    decoder.set_version(Version::V1_2);
    decoder.push(format!("{text}\0").as_bytes());
    decoder.next_frame().unwrap().unwrap()
}

/// A frame on one line; its headers in the order of the alphabet, so that any order of saying them is right.
fn shown(frame: &Frame) -> String {
    let mut headers: Vec<String> = frame
        .headers
        .iter()
        .map(|(name, value)| format!(" {name}:{value}"))
        .collect();
    headers.sort();
    let body = match frame.text().as_ref() {
        "" => String::new(),
        body => format!(" \"{body}\""),
    };
    format!("{}{}{body}", frame.command, headers.concat())
}

#[test]
fn gives_each_message_to_those_who_asked_for_it() {
    let mut broker = TinyBroker::default();
    let mut conversations = String::new();
    for (name, text) in FRAMES {
        let client = NAMES.iter().position(|known| *known == name).unwrap();
        let frame = frame(text);
        conversations += &format!("{name} says: {}\n", shown(&frame));
        for (to, reply) in broker.handle(u32::try_from(client).unwrap(), &frame) {
            let to = NAMES[usize::try_from(to).unwrap()];
            conversations += &format!("  {to} hears: {}\n", shown(&reply));
        }
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("06-5-tiny-broker", conversations);
    });
}
