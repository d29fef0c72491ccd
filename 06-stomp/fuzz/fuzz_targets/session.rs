//! Whatever a client says, by the short way or the long one, the broker answers with whole frames and does not panic.
#![no_main]

use std::sync::Arc;
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use stomp::{Broker, BrokerOptions, ConnectionId, Decoder, Limits, Output, Replies, Session, SessionOptions, Version};

/// What the broker says to a client that says this.
fn conversation(octets: &[u8], piece: usize, short_way: bool) -> Vec<u8> {
    let (now, id) = (Instant::now(), ConnectionId(1));
    let mut session = Session::new("s".to_owned(), Arc::new(SessionOptions::default()), now);
    let mut broker = Broker::new(BrokerOptions::default());
    let mut replies = Replies::new();
    session.receive(b"CONNECT\naccept-version:1.2\nhost:x\n\n\0", now);
    for piece in [&[] as &[u8]].into_iter().chain(octets.chunks(piece)) {
        session.receive(piece, now);
        loop {
            while short_way
                && let Some(send) = session.plain_send()
                && broker.publish(&send, &mut replies)
            {
                let length = send.length;
                session.skip(length);
            }
            broker.flush(&mut replies);
            replies.drain(..).for_each(|(_, reply)| session.deliver(reply));
            let Some(order) = session.next_order(now) else {
                break;
            };
            broker.handle(id, order, &mut replies);
            replies.drain(..).for_each(|(_, reply)| session.deliver(reply));
        }
    }
    let mut output = Output::default();
    session.take_output(&mut output, now);
    output.octets().to_vec()
}

/// The frames in what was said, which must be whole. Sorted: two subscriptions of one client may be told in another order.
fn frames(said: &[u8]) -> Vec<String> {
    let mut decoder = Decoder::new(Limits::default());
    decoder.set_version(Version::V1_2);
    decoder.push(said);
    let mut frames = Vec::new();
    while let Some(frame) = decoder.next_frame().expect("the broker says whole frames") {
        frames.push(format!("{frame:?}"));
    }
    assert!(!decoder.is_inside_frame());
    frames.sort_unstable();
    frames
}

fuzz_target!(|octets: &[u8]| {
    let [piece, octets @ ..] = octets else {
        return;
    };
    let piece = usize::from(*piece) + 1;
    let said = conversation(octets, piece, true);
    let (short, long) = (frames(&said), frames(&conversation(octets, piece, false)));
    assert_eq!(short, long, "both ways lead to the same");
});
