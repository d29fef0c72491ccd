//! Room 3. The wrong version is the standard library's `read_exact`: "no guarantees are provided about the contents of the
//! buffer" if it fails, its documentation says, and it tells no count either.

use std::error::Error;
use std::io::Read;
use std::time::Duration;

use chunked_io::pull_exact;
use tcp_socket::ScriptedPeer;

use crate::exhibit;

const TIMEOUT: Duration = Duration::from_secs(1);

fn wrong(stream: &mut impl Read, buffer: &mut [u8]) -> Result<(), String> {
    stream.read_exact(buffer).map_err(|error| error.to_string())
}

fn right(stream: &mut ScriptedPeer, buffer: &mut [u8]) -> Result<(), String> {
    pull_exact(stream, buffer, TIMEOUT).map_err(|error| error.to_string())
}

pub(crate) fn show() -> Result<(), Box<dyn Error>> {
    for (what, peer) in [
        (
            "a peer that sends 7 bytes of 10 and closes",
            ScriptedPeer::new().gives(b"PRICE 1").closes(),
        ),
        (
            "a peer that sends 7 bytes of 10 and resets",
            ScriptedPeer::new().gives(b"PRICE 1").resets(),
        ),
    ] {
        let said = |result: Result<(), String>| result.err().unwrap_or_else(|| "done".to_owned());
        let wrong = said(wrong(&mut peer.clone(), &mut [0; 10]));
        let right = said(right(&mut peer.clone(), &mut [0; 10]));
        exhibit(what, wrong, right);
    }
    Ok(())
}
