//! A pull ends in four ways, and each asks for something else.

use std::time::Duration;

use tcp_socket::{Deadline, Error, ScriptedPeer, Stream};

fn main() {
    let patience = Duration::from_secs(1);
    let peers = [
        ("answers", ScriptedPeer::new().gives(b"12:30\n")),
        ("closes in good order", ScriptedPeer::new().closes()),
        ("says nothing", ScriptedPeer::new().pauses(2 * patience)),
        ("drops the connection", ScriptedPeer::new().resets()),
    ];
    for (deed, mut peer) in peers {
        let mut buffer = [0; 64];
        let advice = match peer.pull(&mut buffer, Deadline::after(patience)) {
            Ok(0) => "nothing more will come: close your end too",
            Ok(_) => "use the bytes, and pull for the rest",
            Err(Error::TimedOut { .. }) => "wait longer or give up: the answer may still come",
            Err(_) => "the connection is gone, and what was under way with it: connect again",
        };
        println!("A peer that {deed}:\n  {}  {advice}", peer.transcript());
    }
}
