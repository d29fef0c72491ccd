//! The one frame that a relay reads and writes anew: CONNECT.

use super::RelayOptions;
use crate::{Command, Fault, Frame, Version, encode};

/// The octets of the CONNECT frame that the broker gets in place of the client's.
pub(super) fn greeting(connect: &Frame, options: &RelayOptions) -> Result<Vec<u8>, Fault> {
    let command = connect.command;
    if !matches!(command, Command::Connect | Command::Stomp) {
        return Err(Fault::NotConnected { command });
    }
    if !connect.body.is_empty() {
        return Err(Fault::BodyNotAllowed { command });
    }
    let ours = [
        ("login", &options.login),
        ("passcode", &options.passcode),
        ("host", &options.host),
    ];
    // ActiveMQ takes spaces off a name: ` login` must not get past us.
    let bare = |name: &str| {
        name.trim_matches(|c: char| c.is_whitespace() || c.is_control())
            .to_owned()
    };
    let is_ours = |name: &str| {
        ours.iter()
            .any(|(our, value)| *our == bare(name) && value.is_some())
    };
    let mut rewritten = Frame::new(command);
    for (name, value) in connect.headers.iter().filter(|(name, _)| !is_ours(name)) {
        rewritten.headers.push(name, value);
    }
    for (name, value) in ours {
        if let Some(value) = value {
            rewritten.headers.push(name, value);
        }
    }
    let mut octets = Vec::new();
    // Before a version is agreed on, the rules are those of 1.0. The client's own headers came by them.
    encode(&rewritten, Version::V1_0, &mut octets).map_err(|_| Fault::NoBroker)?;
    Ok(octets)
}
