//! Judges exercise 03-4: what the proxy was asked, what was made of its answer, and what is left for the tunnel's user.

use std::time::Duration;

use tcp_socket::{Deadline, ScriptedPeer, Stream};

use super::open_tunnel;

fn conversation(title: &str, mut peer: ScriptedPeer) -> String {
    let deadline = Deadline::after(Duration::from_secs(1));
    let opened = match open_tunnel(&mut peer, "git.example:22", deadline) {
        Ok(opened) => format!("{opened:?}"),
        Err(error) => format!("error: {}", error.short()),
    };
    let asked = peer.received().escape_ascii().to_string();
    let mut buffer = [0; 64];
    let left = match peer.pull(&mut buffer, deadline) {
        Ok(count) => format!("\"{}\"", buffer[..count].escape_ascii()),
        Err(error) => error.short().to_owned(),
    };
    format!("{title}\n  asked: {asked}\n  open_tunnel: {opened}\n  then comes: {left}\n")
}

#[test]
fn takes_the_head_and_not_a_byte_more() {
    let yes = b"HTTP/1.1 200 OK\r\n\r\n";
    let greeting = b"SSH-2.0-server\r\n";
    let conversations = [
        conversation(
            "The server waits to be spoken to:",
            ScriptedPeer::new().gives(yes).gives(greeting),
        ),
        conversation(
            "The server speaks first, and its greeting comes with the proxy's answer:",
            ScriptedPeer::new().gives(&[&yes[..], greeting].concat()),
        ),
        conversation(
            "The proxy's answer comes in two pieces:",
            ScriptedPeer::new()
                .gives(&yes[..12])
                .gives(&yes[12..])
                .gives(greeting),
        ),
        conversation(
            "The proxy refuses:",
            ScriptedPeer::new()
                .gives(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                .closes(),
        ),
        conversation(
            "There is no proxy:",
            ScriptedPeer::new().gives(b"220 mail.example\r\n").closes(),
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("03-4-open-a-tunnel", conversations);
    });
}
