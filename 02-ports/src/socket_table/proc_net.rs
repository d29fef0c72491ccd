//! Linux's own table: `/proc/net/tcp` and its three siblings (`man 5 proc_net`).
//!
//! A line is a socket: `0: 0100007F:1F90 00000000:0000 0A …`, that is a number, the local end, the remote end and
//! the state, in hexadecimal. An address is written as 32-bit words in this machine's byte order.

#[cfg(target_os = "linux")]
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Entry, State};
use crate::service::Protocol;

/// Every socket in the four files, with its process from `owned` where that knows it.
#[cfg(target_os = "linux")]
pub(super) fn read(owned: &[Entry]) -> Vec<Entry> {
    const FILES: [(&str, Protocol); 4] = [
        ("/proc/net/tcp", Protocol::Tcp),
        ("/proc/net/tcp6", Protocol::Tcp),
        ("/proc/net/udp", Protocol::Udp),
        ("/proc/net/udp6", Protocol::Udp),
    ];
    let mut entries = Vec::new();
    for (path, protocol) in FILES {
        // A kernel without IPv6 has only two of them.
        let text = std::fs::read_to_string(path).unwrap_or_default();
        entries.extend(text.lines().filter_map(|line| entry(line, protocol)));
    }
    // A busy server has tens of thousands of connections: looking through all of `owned` for each would take minutes.
    let mut owners = HashMap::new();
    for known in owned {
        owners
            .entry((known.protocol, known.local, known.state))
            .or_insert(&known.process);
    }
    for entry in &mut entries {
        let owner = owners.get(&(entry.protocol, entry.local, entry.state));
        entry.process = owner.and_then(|process| (*process).clone());
    }
    entries
}

/// One line; the head of the table is none.
fn entry(line: &str, protocol: Protocol) -> Option<Entry> {
    let words: Vec<&str> = line.split_ascii_whitespace().take(4).collect();
    let [_, local, remote, state] = words[..] else {
        return None;
    };
    let remote = socket_address(remote)?;
    let state = match (protocol, u8::from_str_radix(state, 16).ok()?) {
        (Protocol::Udp, _) if remote.port() == 0 => State::Datagram,
        (Protocol::Tcp, 0x0A) => State::Listening,
        (Protocol::Tcp, 0x06) => State::TimeWait,
        _ => State::Connection,
    };
    Some(Entry {
        protocol,
        local: socket_address(local)?,
        remote: (remote.port() != 0).then_some(remote),
        state,
        process: None,
    })
}

/// `0100007F:1F90` is 127.0.0.1:8080 on a little-endian machine.
fn socket_address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let words: Vec<[u8; 4]> = address
        .as_bytes()
        .chunks(8)
        .map(|digits| {
            Some(
                u32::from_str_radix(str::from_utf8(digits).ok()?, 16)
                    .ok()?
                    .to_ne_bytes(),
            )
        })
        .collect::<Option<_>>()?;
    let ip: IpAddr = match words[..] {
        [word] => Ipv4Addr::from(word).into(),
        [..] => Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?).into(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

// What the kernel wrote on another day can only be tested from here.
#[cfg(all(test, target_endian = "little"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Local end, remote end and state.
    fn read(line: &str) -> Option<(String, Option<String>, State)> {
        let entry = entry(line, Protocol::Tcp)?;
        Some((
            entry.local.to_string(),
            entry.remote.map(|remote| remote.to_string()),
            entry.state,
        ))
    }

    #[test]
    fn a_line_is_a_socket() {
        let listener = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 29463";
        let ended =
            "   5: 0100007F:1F90 0100007F:A001 06 00000000:00000000 03:00000B6C 00000000     0        0 0 3";
        let sixth = "   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0";
        let end = |text: &str| text.to_owned();
        assert_eq!(
            read(listener),
            Some((end("127.0.0.1:8080"), None, State::Listening))
        );
        assert_eq!(
            read(ended),
            Some((
                end("127.0.0.1:8080"),
                Some(end("127.0.0.1:40961")),
                State::TimeWait
            ))
        );
        assert_eq!(read(sixth), Some((end("[::1]:22"), None, State::Listening)));
    }

    #[test]
    fn the_head_of_the_table_is_no_socket() {
        let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
        assert_eq!(entry(head, Protocol::Tcp), None);
    }

    proptest! {
        #[test]
        fn no_line_makes_the_reader_panic(line in "[0-9A-F:]{0,3} [0-9A-Fé]{0,40}:[0-9A-F]{0,5} ?[0-9A-F:]{0,14} [0-9A-F]{0,3}") {
            let _ = entry(&line, Protocol::Tcp);
        }
    }
}
