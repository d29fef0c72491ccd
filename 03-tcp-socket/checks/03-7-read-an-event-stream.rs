//! Judges exercise 03-7: the same events, cut in several ways.

use std::time::Duration;

use tcp_socket::{Deadline, ScriptedPeer};

use super::next_event;

/// More than any of the peers sends.
const MOST: usize = 6;

fn heard(title: &str, mut peer: ScriptedPeer) -> String {
    let deadline = Deadline::after(Duration::from_secs(1));
    let (mut pending, mut lines) = (Vec::new(), format!("{title}\n"));
    for _ in 0..MOST {
        match next_event(&mut peer, &mut pending, deadline) {
            Ok(Some(event)) => lines += &format!("  event: {}\n", event.escape_debug()),
            Ok(None) => return lines + "  the end\n",
            Err(error) => return lines + &format!("  error: {}\n", error.short()),
        }
    }
    lines
}

#[test]
fn hears_the_same_events_however_they_are_cut() {
    let events = b"data: KRW 71,200\n\ndata: KRW 71,300\n\n";
    let heard = [
        heard(
            "Each event in a piece of its own:",
            ScriptedPeer::new().gives_in_pieces(events, 18).closes(),
        ),
        heard("Both in one piece:", ScriptedPeer::new().gives(events).closes()),
        heard(
            "In pieces of 7 bytes:",
            ScriptedPeer::new().gives_in_pieces(events, 7).closes(),
        ),
        heard(
            "With a comment between them:",
            ScriptedPeer::new()
                .gives(&events[..18])
                .gives(b": still here\n\n")
                .gives(&events[18..])
                .closes(),
        ),
        heard(
            "Cut off in the middle of the second:",
            ScriptedPeer::new().gives(&events[..30]).closes(),
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("03-7-read-an-event-stream", heard);
    });
}
