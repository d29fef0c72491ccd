//! Same subnet or through the gateway? Every host asks this before every packet, and the mask answers.

use std::net::Ipv4Addr;

fn main() {
    let here = Ipv4Addr::new(192, 168, 0, 10).to_bits();
    let mask = u32::MAX << (32 - 24);

    for there in [Ipv4Addr::new(192, 168, 0, 77), Ipv4Addr::new(192, 168, 1, 77)] {
        if there.to_bits() & mask == here & mask {
            println!("{there}: same subnet, ask on this link who has it (ARP)");
        } else {
            println!("{there}: another subnet, send it to the gateway");
        }
    }
}
