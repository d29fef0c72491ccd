//! Judges exercise 03-1: what happened on the wire, call by call, and what `ask` made of it.

use std::time::Duration;

use tcp_socket::{Deadline, ScriptedPeer};

use super::ask;

fn conversation(title: &str, mut peer: ScriptedPeer) -> String {
    let deadline = Deadline::after(Duration::from_secs(1));
    let result = match ask(&mut peer, "time?\n", deadline) {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => format!("error: {error}"),
    };
    format!("{title}\n{}ask: {result}\n", peer.transcript())
}

#[test]
fn tells_data_close_silence_and_failure_apart() {
    let late = Duration::from_secs(2);
    let conversations = [
        conversation("A peer that answers:", ScriptedPeer::new().gives(b"12:30\n")),
        conversation("A peer that closes in good order:", ScriptedPeer::new().closes()),
        conversation(
            "A peer that answers after two seconds, when only one was allowed:",
            ScriptedPeer::new().pauses(late).gives(b"12:30\n"),
        ),
        conversation("A peer that resets the connection:", ScriptedPeer::new().resets()),
        conversation(
            "A peer that does not even read the question:",
            ScriptedPeer::new().takes(0),
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("03-1-ask", conversations);
    });
}
