//! Exercise 01-3, one good answer.

use std::net::Ipv4Addr;

/// To whom the host `here`, in a subnet of `prefix` bits, hands a packet for `there`.
pub fn next_hop(here: Ipv4Addr, prefix: u32, gateway: Ipv4Addr, there: Ipv4Addr) -> Ipv4Addr {
    // A shift by 32 would be no shift at all on some machines, so Rust asks what to do instead.
    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
    if here.to_bits() & mask == there.to_bits() & mask {
        there
    } else {
        gateway
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 01-3");
}

#[cfg(test)]
#[path = "../checks/01-3-gateway.rs"]
mod checks;
