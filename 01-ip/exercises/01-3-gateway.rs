//! Exercise 01-3: neighbour or gateway.
//!
//! Before every packet a host asks: is the other end in my subnet? `next_hop` answers it for the networks that most people
//! have at home. Run it with `cargo ex 01-3`: where does it send the packet the wrong way?

use std::net::Ipv4Addr;

/// To whom the host `here`, in a subnet of `prefix` bits, hands a packet for `there`.
pub fn next_hop(here: Ipv4Addr, prefix: u32, gateway: Ipv4Addr, there: Ipv4Addr) -> Ipv4Addr {
    let network = |address: Ipv4Addr| address.octets()[..3].to_vec();
    if prefix == 24 && network(here) == network(there) {
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
