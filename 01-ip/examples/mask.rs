//! A mask is ones, then zeros. AND keeps the bits under the ones: the network.

use std::net::Ipv4Addr;

fn main() {
    let address = Ipv4Addr::new(192, 168, 0, 10).to_bits();
    let mask = u32::MAX << (32 - 24);

    let network = address & mask;
    let broadcast = network | !mask;

    println!("address    {:032b}  {}", address, Ipv4Addr::from_bits(address));
    println!("mask       {:032b}  {}", mask, Ipv4Addr::from_bits(mask));
    println!("network    {:032b}  {}", network, Ipv4Addr::from_bits(network));
    println!(
        "broadcast  {:032b}  {}",
        broadcast,
        Ipv4Addr::from_bits(broadcast)
    );
}
