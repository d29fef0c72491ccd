//! Room 1. The wrong version pulls once, and takes what comes for all that was asked for.

use std::error::Error;
use std::time::Duration;

use chunked_io::pull_exact;
use tcp_socket::{Deadline, ScriptedPeer, Stream};

use crate::exhibit;

const TIMEOUT: Duration = Duration::from_secs(1);

fn wrong(stream: &mut impl Stream, message: &mut [u8; 10]) -> Result<(), tcp_socket::Error> {
    stream.pull(message, Deadline::after(TIMEOUT))?;
    Ok(())
}

fn right(stream: &mut impl Stream, message: &mut [u8; 10]) -> Result<(), chunked_io::Error> {
    pull_exact(stream, message, TIMEOUT)
}

pub(crate) fn show() -> Result<(), Box<dyn Error>> {
    let peer = ScriptedPeer::new().gives(b"PRICE").gives(b" 100\n");
    let (mut by_wrong, mut by_right) = ([b'.'; 10], [b'.'; 10]);
    wrong(&mut peer.clone(), &mut by_wrong)?;
    right(&mut peer.clone(), &mut by_right)?;
    exhibit(
        "a peer whose 10 bytes come in two pieces",
        format!("done, \"{}\"", by_wrong.escape_ascii()),
        format!("done, \"{}\"", by_right.escape_ascii()),
    );
    Ok(())
}
