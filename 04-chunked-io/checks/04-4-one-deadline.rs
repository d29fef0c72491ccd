//! Judges exercise 04-4: how long a peer that dribbles can hold `receive_within`. Its pauses are charged to the deadline
//! without sleeping.

use std::time::Duration;

use tcp_socket::ScriptedPeer;

use super::receive_within;

fn conversation(title: &str, pause: Duration) -> String {
    let mut peer = b"HELLO".iter().fold(ScriptedPeer::new(), |peer, byte| {
        peer.pauses(pause).gives(&[*byte])
    });
    let result = receive_within(&mut peer, &mut [0; 5], Duration::from_secs(1));
    let result = match result {
        Ok(count) => format!("{count} bytes, {} ms after the start", pause.as_millis() * 5),
        Err(error) => error.to_string(),
    };
    format!("{title}\n{}result: {result}\n", peer.transcript())
}

#[test]
fn gives_up_when_its_time_is_over() {
    let conversations = [
        conversation("A byte every 100 ms:", Duration::from_millis(100)),
        conversation("A byte every 400 ms:", Duration::from_millis(400)),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("04-4-one-deadline", conversations);
    });
}
