//! Step 1 of the course: what an IP address is, and how a name becomes one.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`subject`] | text becomes an address, an address with a prefix, or a name; [`fault`]: why it does not |
//! | [`classify`](mod@classify) | what an address is: the narrowest block that holds it |
//! | [`special_purpose`] | the two IANA registries, row by row; [`block`] is a row, [`class`] its kind in one word |
//! | [`multicast`] | groups of hosts, and how far a packet to them travels |
//! | [`retired`] | IPv6 blocks that were given up |
//! | [`embedded`](mod@embedded) | IPv4 addresses inside IPv6 addresses |
//! | [`subnet`] | mask, network, broadcast, hosts |
//! | [`split`], [`summary`] | cut a subnet, join subnets, take one out; ranges; [`count`]: how many |
//! | [`next_hop`](mod@next_hop) | same subnet, or through the gateway? |
//! | [`notation`], [`eui64`] | an address written whole, as a name in DNS, from a network card's address |
//! | [`nat64`], [`ipv6_ready`] | how a machine without IPv4 reaches an IPv4 host, and when it cannot |
//! | [`bits`] | an address as its bits, and which of them mean what |
//! | [`machine`] | this machine's interfaces and gateways, and the way it would take |
//! | [`resolve`](mod@resolve) | a name, and the addresses that the operating system knows for it |
//! | [`dns`] | what stands in DNS under a name, who was asked, and why there was no answer (feature `dns`) |

#![forbid(unsafe_code)]

pub mod bits;
pub mod block;
pub mod class;
pub mod classify;
pub mod count;
#[cfg(feature = "dns")]
pub mod dns;
pub mod embedded;
pub mod eui64;
pub mod fault;
pub mod ipv6_ready;
pub mod machine;
pub mod multicast;
pub mod nat64;
pub mod next_hop;
pub mod notation;
pub mod resolve;
pub mod retired;
pub mod special_purpose;
pub mod split;
pub mod subject;
pub mod subnet;
pub mod summary;

pub use ipnet::IpNet;

pub use block::{Block, Flag, Flags};
pub use class::Class;
pub use classify::{Classification, classify};
pub use count::PowerOfTwo;
pub use embedded::{Embedded, embedded, possibly_embedded};
pub use eui64::{Mac, MacError};
pub use ipv6_ready::{Readiness, Unready, literal_readiness, name_readiness};
pub use multicast::Scope;
pub use nat64::{Nat64Error, Nat64Prefix};
pub use next_hop::{NextHop, next_hop};
pub use notation::{reverse_name, reverse_zone};
pub use resolve::{ResolveError, resolve};
pub use special_purpose::REGISTRY_DATE;
pub use split::SplitError;
pub use subject::{Subject, SubjectError, parse_address};
pub use subnet::{Position, Subnet};
pub use summary::{AddressRange, RangeError, summarise};
