//! Exercise 04-5: how many packets?
//!
//! "Not more than about 8K is sent or received at a time." Here are five predictions from that sentence. Predict again, with
//! pencil and paper: Ethernet's MTU is 1500 bytes, IPv4's header has 20, TCP's 20 more, and its timestamps 12. Then
//! let yourself be judged (`cargo ex 04-5`), and look at `cargo 04-chunked-io mtu 8K`.

/// The bytes of the stream that one full packet carries.
pub const PAYLOAD: u32 = 8192;

/// The packets that 8 KiB take, which are 8192 bytes.
pub const PACKETS: u64 = 1;

/// The bytes of the stream in the last of them.
pub const LAST: u64 = 8192;

/// The packets that they take through a WireGuard tunnel, which needs 80 bytes of each packet.
pub const PACKETS_IN_A_TUNNEL: u64 = 1;

/// The packets that they take if a link on the way carries 576 bytes at most, and the sender has found out.
pub const PACKETS_OVER_576: u64 = 15;

fn main() {
    println!("This exercise is judged by its check: cargo ex 04-5");
}

#[cfg(test)]
#[path = "../checks/04-5-how-many-packets.rs"]
mod checks;
