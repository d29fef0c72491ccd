//! Room 1. If nothing came, the wrong version says 0, whatever the reason: read on, wait or call again?

use std::io::Read;
use std::time::Duration;

use tcp_socket::{Deadline, Error, ScriptedPeer, Stream};

use crate::exhibit;

const TIMEOUT: Duration = Duration::from_millis(100);

fn wrong(stream: &mut impl Read, buffer: &mut [u8]) -> usize {
    stream.read(buffer).unwrap_or(0)
}

fn right(stream: &mut impl Stream, buffer: &mut [u8]) -> Result<usize, Error> {
    stream.pull(buffer, Deadline::after(TIMEOUT))
}

pub(crate) fn show() {
    for (deed, mut peer) in [
        ("closes in good order", ScriptedPeer::new().closes()),
        ("says nothing in time", ScriptedPeer::new()),
        ("drops the connection", ScriptedPeer::new().resets()),
    ] {
        let by_wrong = wrong(&mut peer.clone(), &mut [0; 64]);
        let by_right = match right(&mut peer, &mut [0; 64]) {
            Ok(0) => "0, the peer has closed",
            Ok(_) => "bytes",
            Err(error) => error.short(),
        };
        exhibit(&format!("a peer that {deed}"), by_wrong, by_right);
    }
}
