//! Judges exercise 04-1: the conversation of `receive_all` with a scripted peer, call by call.

use std::time::Duration;

use tcp_socket::{Deadline, ScriptedPeer};

use super::receive_all;

fn conversation(title: &str, mut peer: ScriptedPeer) -> String {
    let mut buffer = [b'.'; 10];
    let result = receive_all(&mut peer, &mut buffer, Deadline::after(Duration::from_secs(1)));
    let buffer = buffer.escape_ascii();
    format!(
        "{title}\n{}result: {result:?}, buffer: \"{buffer}\"\n",
        peer.transcript()
    )
}

#[test]
fn receives_until_the_buffer_is_full() {
    let conversations = [
        conversation(
            "Ten bytes that arrive in three pieces:",
            ScriptedPeer::new().gives(b"HEL").gives(b"LO W").gives(b"ORLD"),
        ),
        conversation(
            "A peer that closes after four:",
            ScriptedPeer::new().gives(b"HELL").closes(),
        ),
        conversation(
            "More than ten on the way:",
            ScriptedPeer::new().gives(b"HELLO WORLD!"),
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("04-1-receive-all", conversations);
    });
}
