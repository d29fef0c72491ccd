//! Same subnet or through the gateway: the question before every packet.

use std::net::IpAddr;

use crate::bits::number;
use crate::classify::classify;
use crate::subnet::Subnet;
use crate::{Class, IpNet};

/// Where a host hands a packet, as its own address and mask tell (RFC 1122, section 3.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextHop {
    /// The host itself: the packet does not leave it.
    Itself,
    /// Straight to the destination, which is on the same link.
    SameSubnet,
    /// To all hosts of the link, or to a group of them: no gateway is asked.
    Everybody,
    /// To the router that knows the way.
    Gateway,
    /// The destination is of the other family; this address cannot send there.
    OtherFamily,
}

/// Where a host with this address and prefix hands a packet for `there`.
///
/// ```
/// use ip::{NextHop, next_hop};
///
/// let here = "192.168.0.10/24".parse().unwrap();
/// assert_eq!(next_hop(here, "192.168.0.77".parse().unwrap()), NextHop::SameSubnet);
/// assert_eq!(next_hop(here, "192.168.1.77".parse().unwrap()), NextHop::Gateway);
/// ```
#[must_use]
pub fn next_hop(here: IpNet, there: IpAddr) -> NextHop {
    let subnet = Subnet::from(here);
    match classify(there).class() {
        _ if here.addr().is_ipv4() != there.is_ipv4() => NextHop::OtherFamily,
        _ if here.addr() == there => NextHop::Itself,
        Class::Loopback => NextHop::Itself,
        Class::Multicast | Class::Broadcast => NextHop::Everybody,
        _ if subnet.broadcast() == Some(there) => NextHop::Everybody,
        Class::LinkLocal => NextHop::SameSubnet,
        _ if subnet.contains(there) => NextHop::SameSubnet,
        _ => NextHop::Gateway,
    }
}

/// The first bit in which two addresses differ, counted from 0; `None` if they are the same, or of two families.
#[must_use]
pub fn first_difference(one: IpAddr, other: IpAddr) -> Option<u32> {
    let unused = if one.is_ipv4() { 96 } else { 0 };
    let different = number(one) ^ number(other);
    let is_comparable = one.is_ipv4() == other.is_ipv4();
    (is_comparable && different != 0).then(|| different.leading_zeros() - unused)
}
