//! This machine: its interfaces, its gateways, and the way it would take.

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
    /// The system's name for it: `eth0`, `en0`.
    pub name: String,
    /// The network card's own address.
    pub mac: Option<Mac>,
    /// Its addresses, each with its prefix.
    pub nets: Vec<IpNet>,
    /// The routers to which it hands what is not for its own subnets.
    pub gateways: Vec<IpAddr>,
    /// The largest packet that it sends whole, in bytes.
    pub mtu: u32,
    /// Whether it is in use.
    pub is_up: bool,
    /// Whether it leads back to this machine.
    pub is_loopback: bool,
    /// Whether the system prefers it for destinations that no other route names.
    pub is_default: bool,
}

/// All interfaces of this machine, in the system's order.
///
/// # Errors
///
/// What the system said when it was asked.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let nets = getifs::interface_addrs()?;
    let gateways = getifs::gateway_addrs()?;
    let defaults = getifs::default_interfaces()?;
    let is_default = |index| {
        defaults
            .ipv4()
            .iter()
            .chain(defaults.ipv6())
            .any(|found| found.index() == index)
    };
    let interface = |found: &getifs::Interface| {
        let index = found.index();
        Interface {
            index,
            name: found.name().to_string(),
            mac: found.mac_addr().map(|mac| Mac(mac.octets())),
            nets: nets
                .iter()
                .filter(|net| net.index() == index)
                .map(getifs::IfNet::net)
                .collect(),
            gateways: gateways
                .iter()
                .filter(|gateway| gateway.index() == index)
                .map(getifs::IfAddr::addr)
                .collect(),
            mtu: found.mtu(),
            is_up: found.flags().contains(getifs::Flags::UP),
            is_loopback: found.flags().contains(getifs::Flags::LOOPBACK),
            is_default: is_default(index),
        }
    };
    let mut interfaces: Vec<Interface> = getifs::interfaces()?.iter().map(interface).collect();
    interfaces.sort_by_key(|interface| interface.index);
    Ok(interfaces)
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
