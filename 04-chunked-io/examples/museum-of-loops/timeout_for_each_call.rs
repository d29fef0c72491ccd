//! Room 4. The wrong version gives each call a timeout, as `set_read_timeout` and `read_exact` do together. A peer that
//! dribbles, a byte before each timeout, holds it as long as it likes. (The scripted peer's pauses are charged to the deadline, so
//! nobody has to wait for them here.)

use std::error::Error;
use std::time::Duration;

use chunked_io::pull_exact;
use tcp_socket::{Deadline, ScriptedPeer, Stream};

use crate::exhibit;

const TIMEOUT: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(90);

fn wrong(stream: &mut impl Stream, buffer: &mut [u8]) -> Result<(), tcp_socket::Error> {
    let mut pulled = 0;
    while pulled < buffer.len() {
        match stream.pull(&mut buffer[pulled..], Deadline::after(TIMEOUT))? {
            0 => break,
            count => pulled += count,
        }
    }
    Ok(())
}

fn right(stream: &mut impl Stream, buffer: &mut [u8]) -> Result<(), chunked_io::Error> {
    pull_exact(stream, buffer, TIMEOUT)
}

pub(crate) fn show() -> Result<(), Box<dyn Error>> {
    let message = b"as long as I like";
    let dribble = |peer: ScriptedPeer, byte: &u8| peer.pauses(PAUSE).gives(&[*byte]);
    let peer = message.iter().fold(ScriptedPeer::new(), dribble);
    let mut buffer = [0; 17];

    let by_wrong = match wrong(&mut peer.clone(), &mut buffer) {
        Ok(()) => format!("done, after {:.1?} with a timeout of {TIMEOUT:?}", PAUSE * 17),
        Err(error) => error.to_string(),
    };
    let by_right = match right(&mut peer.clone(), &mut buffer) {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("timed out after {TIMEOUT:?}, with {} byte", error.moved()),
    };
    exhibit("a peer that sends 17 bytes, one every 90 ms", by_wrong, by_right);
    Ok(())
}
