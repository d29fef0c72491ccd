//! Judges exercise 01-3: packets from hosts in subnets of several sizes.

use std::net::Ipv4Addr;

use super::next_hop;

#[test]
fn a_neighbour_is_reached_directly_and_all_others_through_the_gateway() {
    let packets: [(&str, u32, &str, &str); 9] = [
        ("192.168.0.10", 24, "192.168.0.1", "192.168.0.77"),
        ("192.168.0.10", 24, "192.168.0.1", "192.168.1.77"),
        ("192.168.0.10", 16, "192.168.0.1", "192.168.1.77"),
        ("10.1.2.3", 8, "10.0.0.1", "10.200.0.1"),
        ("10.1.2.3", 8, "10.0.0.1", "11.0.0.1"),
        ("192.168.0.10", 26, "192.168.0.1", "192.168.0.63"),
        ("192.168.0.10", 26, "192.168.0.1", "192.168.0.64"),
        ("172.16.5.4", 12, "172.16.0.1", "172.31.9.9"),
        ("192.0.2.7", 0, "192.0.2.1", "8.8.8.8"),
    ];
    let rows = packets.map(|(here, prefix, gateway, there)| {
        let address = |text: &str| text.parse::<Ipv4Addr>().unwrap();
        let hop = next_hop(address(here), prefix, address(gateway), address(there));
        let how = if hop == address(there) {
            "directly"
        } else {
            "through the gateway"
        };
        format!("{:<16} to {there:<13} {how}\n", format!("{here}/{prefix}"))
    });
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("01-3-gateway", rows.concat());
    });
}
