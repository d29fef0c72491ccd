//! Judges exercise 04-2: the conversation of `send_everything` with a scripted peer, and what the peer has in the end.

use std::time::Duration;

use tcp_socket::{Deadline, ScriptedPeer};

use super::send_everything;

fn conversation(title: &str, mut peer: ScriptedPeer) -> String {
    let bill = b"PAY 5 EURO;";
    let result = send_everything(&mut peer, bill, Deadline::after(Duration::from_secs(1)));
    let result = result.map_err(|error| error.to_string());
    format!(
        "{title}\n{}result: {result:?}\nthe peer has received: \"{}\"\n",
        peer.transcript(),
        peer.received().escape_ascii()
    )
}

#[test]
fn sends_each_byte_once() {
    let conversations = [
        conversation("A peer that has room for all:", ScriptedPeer::new()),
        conversation(
            "A peer that has room for four, then for five, then for all:",
            ScriptedPeer::new().takes(4).takes(5),
        ),
        conversation(
            "A peer that stops reading:",
            ScriptedPeer::new().takes(4).takes(0),
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("04-2-send-the-rest", conversations);
    });
}
