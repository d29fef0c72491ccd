//! This machine: its interfaces, its gateways, the resolvers that it asks, and the way it would take.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use ipnet::IpNet;

use crate::eui64::Mac;

/// A place where this machine is plugged into a network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// The system's number for it; the zone of a link-local address (RFC 4007).
    pub index: u32,
    /// The system's name for it: `eth0`, `en0`, or what Windows shows to people.
    pub name: String,
    /// The network card's own address.
    pub mac: Option<Mac>,
    /// Its addresses, each with its prefix.
    pub nets: Vec<IpNet>,
    /// The routers to which it hands what is not for its own subnets.
    pub gateways: Vec<IpAddr>,
    /// The largest packet that it sends whole, in bytes.
    pub mtu: Option<u32>,
    /// Whether it is in use.
    pub is_up: bool,
    /// Whether it leads back to this machine.
    pub is_loopback: bool,
    /// Whether the system prefers it for destinations that no other route names.
    pub is_default: bool,
    resolvers: Vec<IpAddr>,
}

/// All interfaces of this machine, in the system's order.
#[must_use]
pub fn interfaces() -> Vec<Interface> {
    let mut interfaces: Vec<Interface> = netdev::get_interfaces()
        .into_iter()
        .map(Interface::from)
        .collect();
    interfaces.sort_by_key(|interface| interface.index);
    interfaces
}

impl From<netdev::Interface> for Interface {
    fn from(found: netdev::Interface) -> Self {
        let (is_up, is_loopback) = (found.is_up(), found.is_loopback());
        let v4 = found.ipv4.into_iter().map(IpNet::V4);
        let v6 = found.ipv6.into_iter().map(IpNet::V6);
        let gateways = found.gateway.map_or_else(Vec::new, |gateway| {
            let v4 = gateway.ipv4.into_iter().map(IpAddr::V4);
            let v6 = gateway.ipv6.into_iter().map(IpAddr::V6);
            v4.chain(v6).collect()
        });
        Self {
            index: found.index,
            // On Windows the name is a number in braces; people know the friendly one.
            name: found
                .friendly_name
                .filter(|_| cfg!(windows))
                .unwrap_or(found.name),
            mac: found
                .mac_addr
                .map(|mac| Mac(mac.octets()))
                .filter(|mac| *mac != Mac([0; 6])),
            nets: v4.chain(v6).collect(),
            gateways,
            mtu: found.mtu,
            is_up,
            is_loopback,
            is_default: found.default,
            resolvers: found.dns_servers,
        }
    }
}

/// The DNS servers that these interfaces were told to ask, each once.
#[must_use]
pub fn resolvers(interfaces: &[Interface]) -> Vec<IpAddr> {
    let mut resolvers: Vec<IpAddr> = Vec::new();
    for &resolver in interfaces.iter().flat_map(|interface| &interface.resolvers) {
        if !resolvers.contains(&resolver) {
            resolvers.push(resolver);
        }
    }
    resolvers
}

/// The address that this machine would send from.
///
/// A UDP socket is connected to the destination: the system looks the route up and picks the source (RFC 6724), and no
/// packet leaves. With a zone (the number of an interface), an IPv6 destination is meant on that link.
///
/// # Errors
///
/// What the system said; most often that it has no route there, or no address of this family.
pub fn source_address(destination: IpAddr, zone: u32) -> io::Result<IpAddr> {
    let any: IpAddr = match destination {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    // Any port will do; 9 is "discard".
    let mut target = SocketAddr::new(destination, 9);
    if let SocketAddr::V6(target) = &mut target {
        target.set_scope_id(zone);
    }
    socket.connect(target)?;
    Ok(socket.local_addr()?.ip())
}

/// The interface that has this address, and the address with its prefix.
#[must_use]
pub fn interface_of(interfaces: &[Interface], source: IpAddr) -> Option<(&Interface, IpNet)> {
    interfaces.iter().find_map(|interface| {
        let net = interface.nets.iter().find(|net| net.addr() == source)?;
        Some((interface, *net))
    })
}
