//! Judges exercise 03-3: how long a dribbling peer can hold `pull_line`.

use std::time::Duration;

use tcp_socket::ScriptedPeer;

use super::pull_line;

fn conversation(title: &str, mut peer: ScriptedPeer) -> String {
    let result = match pull_line(&mut peer, Duration::from_secs(1)) {
        Ok(line) => format!("{line:?}"),
        Err(error) => format!("error: {}", error.short()),
    };
    format!("{title}\n{}pull_line: {result}\n", peer.transcript())
}

#[test]
fn gives_up_when_the_time_is_up() {
    let dribble = |pause: Duration| {
        let drop = |peer: ScriptedPeer, byte: &u8| peer.pauses(pause).gives(&[*byte]);
        b"12:30\n".iter().fold(ScriptedPeer::new(), drop)
    };
    let conversations = [
        conversation(
            "A peer that answers at once:",
            ScriptedPeer::new().gives(b"12:30\n"),
        ),
        conversation(
            "A byte every 100 ms, with a second for the line:",
            dribble(Duration::from_millis(100)),
        ),
        conversation(
            "A byte every 400 ms, with a second for the line:",
            dribble(Duration::from_millis(400)),
        ),
        conversation(
            "A peer that closes too early:",
            ScriptedPeer::new().gives(b"12").closes(),
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("03-3-one-deadline", conversations);
    });
}
