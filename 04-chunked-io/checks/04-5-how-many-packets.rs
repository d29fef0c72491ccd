//! Judges exercise 04-5: five predictions, beside what the headers leave.

use chunked_io::mtu::{IpVersion, Link, Stack, Tunnel};

use super::{LAST, PACKETS, PACKETS_IN_A_TUNNEL, PACKETS_OVER_576, PAYLOAD};

/// How many packets 8 KiB take over such a link.
fn packets(mtu: u32, tunnel: Tunnel) -> Option<u64> {
    let stack = Stack::new(Link::Ethernet, mtu, tunnel, IpVersion::V4, true).ok()?;
    Some(stack.cut(8192).packets)
}

#[test]
fn counts_the_packets() {
    let stack = Stack::default();
    let cut = stack.cut(8192);
    // The key is what the step's own arithmetic says.
    assert_eq!((stack.payload(), cut.packets, cut.last), (1448, 6, 952));
    assert_eq!(
        (packets(1500, Tunnel::WireGuard), packets(576, Tunnel::None)),
        (Some(6), Some(16))
    );
    let conversations = format!(
        "a full packet carries {PAYLOAD} bytes of the stream\n\
         8192 bytes take {PACKETS} packets\n\
         the last of them carries {LAST}\n\
         through WireGuard they take {PACKETS_IN_A_TUNNEL}\n\
         over a link of 576 bytes they take {PACKETS_OVER_576}\n"
    );
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("04-5-how-many-packets", conversations);
    });
}
