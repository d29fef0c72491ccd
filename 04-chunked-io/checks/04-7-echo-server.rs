//! Judges exercise 04-7: six clients, and what each of them and the server said. Pauses are charged to the deadline without
//! sleeping.

use std::time::Duration;

use tcp_socket::ScriptedPeer;

use super::serve;

fn conversation(title: &str, mut client: ScriptedPeer) -> String {
    let result = match serve(&mut client, Duration::from_secs(1)) {
        Ok(lines) => format!("{lines} lines"),
        Err(error) => error.to_string(),
    };
    format!("{title}\n{}result: {result}\n", client.transcript())
}

fn dribbles(bytes: &[u8]) -> ScriptedPeer {
    let pause = Duration::from_millis(400);
    let client = bytes.iter().fold(ScriptedPeer::new(), |client, byte| {
        client.pauses(pause).gives(&[*byte])
    });
    client.closes()
}

#[test]
fn only_whole_lines_go_back_and_nobody_holds_the_server() {
    let conversations = [
        conversation(
            "A line in two pieces:",
            ScriptedPeer::new().gives(b"HEL").gives(b"LO\n").closes(),
        ),
        conversation(
            "Two lines in one piece:",
            ScriptedPeer::new().gives(b"ONE\nTWO\n").closes(),
        ),
        conversation(
            "A client that takes two bytes at a time:",
            ScriptedPeer::new().gives(b"HELLO\n").takes(2).closes(),
        ),
        conversation("A byte every 400 ms:", dribbles(b"HELLO\n")),
        conversation(
            "A line without an end:",
            ScriptedPeer::new().gives(&[b'A'; 40]).closes(),
        ),
        conversation(
            "A client that leaves in the middle:",
            ScriptedPeer::new().gives(b"ONE\nTW").closes(),
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("04-7-echo-server", conversations);
    });
}
