//! An IPv4 address is one number of 32 bits; four octets are only how people write it.

use std::net::Ipv4Addr;

fn main() {
    let address = Ipv4Addr::new(192, 168, 0, 10);
    let number = address.to_bits();

    println!("{:?}", address.octets());
    println!("{number}");
    println!("{number:#010x}");
    println!("{}", Ipv4Addr::from_bits(number + 1));
}
