//! Judges exercise 01-7: the table of RFC 6052, section 2.4.

use std::net::Ipv6Addr;

use ip::Nat64Prefix;

use super::embed;

#[test]
fn the_host_192_0_2_33_is_where_rfc_6052_puts_it() {
    let prefixes = [
        "2001:db8::/32",
        "2001:db8:100::/40",
        "2001:db8:122::/48",
        "2001:db8:122:300::/56",
        "2001:db8:122:344::/64",
        "2001:db8:122:344::/96",
        "64:ff9b::/96",
    ];
    let mut octets = String::new();
    for prefix in prefixes {
        let (address, length) = prefix.split_once('/').unwrap();
        let address: Ipv6Addr = address.parse().unwrap();
        let address = Ipv6Addr::from(embed(address.octets(), length.parse().unwrap(), [192, 0, 2, 33]));
        octets += &format!("{prefix:<22} {address}\n");
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("01-7-embed", octets);
    });
}

/// So that the key is right: step 1's own answer is the same.
#[test]
fn step_1_puts_it_where_the_key_says() {
    let key = include_str!("answers/01-7-embed.snap");
    for line in key.lines().filter(|line| line.contains("::/")) {
        let (prefix, address) = line.split_once(' ').unwrap();
        let prefix: Nat64Prefix = prefix.parse().unwrap();
        assert_eq!(prefix.embed([192, 0, 2, 33].into()).to_string(), address.trim());
    }
}
