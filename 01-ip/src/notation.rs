//! Other ways to write an address: whole, and as a name in DNS.

use std::net::{IpAddr, Ipv6Addr};

use crate::subnet::Subnet;

/// An IPv6 address with no zero left out: `2001:0db8:0000:0000:0000:0000:0000:0001`. The short form is `Display`,
/// which writes as RFC 5952 says.
#[must_use]
pub fn whole(address: Ipv6Addr) -> String {
    address.segments().map(|hextet| format!("{hextet:04x}")).join(":")
}

/// The name under which DNS keeps the name of an address, with its parts turned round so that the owner of a
/// prefix owns everything below it: `10.0.168.192.in-addr.arpa` (RFC 1035, section 3.5), or nibble by nibble in
/// `ip6.arpa` (RFC 3596, section 2.5).
///
/// ```
/// let address = "192.168.0.10".parse().unwrap();
/// assert_eq!(ip::reverse_name(address), "10.0.168.192.in-addr.arpa");
/// ```
#[must_use]
pub fn reverse_name(address: IpAddr) -> String {
    let (mut labels, zone) = labels(address);
    labels.reverse();
    format!("{}.{zone}", labels.join("."))
}

/// The zone in which the names of a subnet's addresses stand. `None` if the prefix does not end where a label ends:
/// then it takes several zones, or the way of RFC 2317.
#[must_use]
pub fn reverse_zone(subnet: &Subnet) -> Option<String> {
    let bits_a_label = if subnet.network().is_ipv4() { 8 } else { 4 };
    if !subnet.prefix().is_multiple_of(bits_a_label) {
        return None;
    }
    let (mut labels, zone) = labels(subnet.network());
    labels.truncate(usize::from(subnet.prefix() / bits_a_label));
    labels.push(String::new());
    labels.reverse();
    labels.push(zone.to_owned());
    Some(labels.join(".").trim_start_matches('.').to_owned())
}

fn labels(address: IpAddr) -> (Vec<String>, &'static str) {
    match address {
        IpAddr::V4(address) => (
            address.octets().map(|octet| octet.to_string()).into(),
            "in-addr.arpa",
        ),
        IpAddr::V6(address) => {
            let nibbles = format!("{:032x}", address.to_bits());
            (nibbles.chars().map(String::from).collect(), "ip6.arpa")
        }
    }
}
