//! Judges exercise 01-1: a table of subnets, large and very small.

use std::fmt::Write;

use super::subnet;

#[test]
fn tells_network_broadcast_and_hosts_of_any_prefix() {
    let mut table = format!(
        "{:<18} {:<14} {:<16} {}\n",
        "address", "network", "broadcast", "hosts"
    );
    for (address, prefix) in [
        ([192, 168, 0, 10], 24),
        ([10, 1, 2, 3], 8),
        ([172, 16, 5, 4], 12),
        ([192, 168, 0, 10], 26),
        ([192, 168, 0, 10], 30),
        ([192, 168, 0, 10], 31),
        ([192, 168, 0, 10], 32),
        ([192, 168, 0, 10], 0),
    ] {
        let found = subnet(address.into(), prefix);
        let asked = format!("{}/{prefix}", std::net::Ipv4Addr::from(address));
        let broadcast = found
            .broadcast
            .map_or_else(|| "none".to_owned(), |address| address.to_string());
        let network = found.network.to_string();
        writeln!(table, "{asked:<18} {network:<14} {broadcast:<16} {}", found.hosts).unwrap();
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("01-1-subnet", table);
    });
}
