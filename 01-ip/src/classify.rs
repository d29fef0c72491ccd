//! What an address is: the narrowest block that holds it decides (longest match, as in a routing table).
//!
//! Blocks are nested, never crossed: 192.0.0.9/32 lies in 192.0.0.0/24. So each family's blocks are sorted by
//! their first address, each knows the next wider block around it, and a look-up is a binary search followed by a
//! climb from the narrow to the wide.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;

use crate::bits::number;
use crate::block::{Block, Flag, Flags};
use crate::class::Class;
use crate::embedded::{Embedded, embedded};
use crate::multicast::{self, Scope};
use crate::{retired, special_purpose};

/// What an address is, and why.
#[derive(Clone, Copy, Debug)]
pub struct Classification {
    /// The address that was asked about.
    pub address: IpAddr,
    /// The narrowest block that holds it; `None` for an ordinary address, which no registry singles out.
    pub block: Option<&'static Block>,
    /// What may be done with it.
    pub flags: Flags,
    wider: Option<usize>,
}

/// Classifies an address by longest match over both IANA special-purpose registries, multicast, and the blocks
/// that RFC 4291 gave up.
///
/// ```
/// use ip::{Class, classify};
///
/// let found = classify("172.20.0.5".parse().unwrap());
/// assert_eq!(found.class(), Class::Private);
/// assert_eq!(found.block.unwrap().net.to_string(), "172.16.0.0/12");
/// assert!(!found.is_globally_reachable());
/// ```
#[must_use]
pub fn classify(address: IpAddr) -> Classification {
    let (index, number) = index_of(address);
    let entry = index.narrowest(number);
    let flags = match (multicast::scope(address), entry) {
        (Some(scope), _) => scope.flags(),
        (None, Some(entry)) => entry.block.flags,
        (None, None) => ORDINARY,
    };
    Classification {
        address,
        block: entry.map(|entry| entry.block),
        flags,
        wider: entry.and_then(|entry| entry.wider),
    }
}

/// An ordinary address may do everything, and no protocol treats it in a special way.
const ORDINARY: Flags = Flags::new([Flag::True, Flag::True, Flag::True, Flag::True, Flag::False]);

impl Classification {
    /// The kind of address, in one word.
    #[must_use]
    pub fn class(&self) -> Class {
        self.block.map_or(Class::GlobalUnicast, |block| block.class)
    }

    /// The registry's name for the block.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.block.map_or("Global Unicast", |block| block.name)
    }

    /// The documents that say so.
    #[must_use]
    pub fn rfc(&self) -> &'static str {
        match (self.block, self.address) {
            (Some(block), _) => block.rfc,
            (None, IpAddr::V4(_)) => "RFC 1122, Section 3.2.1.3",
            (None, IpAddr::V6(_)) => "RFC 4291, Section 2.4",
        }
    }

    /// A remark that the reader should not miss.
    #[must_use]
    pub fn note(&self) -> Option<&'static str> {
        match (self.block, self.address) {
            (Some(block), _) => block.note,
            (None, IpAddr::V6(address)) if address.segments()[0] >> 13 != 0b001 => Some(
                "Outside 2000::/3, the only part of IPv6 that IANA hands out; software must still treat it as global",
            ),
            _ => None,
        }
    }

    /// Whether a packet to this address may cross the Internet. "It depends" (Teredo, 6to4) counts as no.
    #[must_use]
    pub fn is_globally_reachable(&self) -> bool {
        self.flags.globally_reachable.is_true()
    }

    /// How far a packet may travel, if the address is a group's.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        multicast::scope(self.address)
    }

    /// The IPv4 address inside this IPv6 address, if it holds one.
    #[must_use]
    pub fn embedded(&self) -> Option<Embedded> {
        embedded(self.address)
    }

    /// The wider blocks around the one that decided, from the narrow to the wide: what they say is overridden.
    pub fn overridden(&self) -> impl Iterator<Item = &'static Block> + use<> {
        let (index, _) = index_of(self.address);
        std::iter::successors(self.wider, |&at| index.entries[at].wider).map(|at| index.entries[at].block)
    }
}

struct Entry {
    first: u128,
    last: u128,
    block: &'static Block,
    /// Where the next wider block around this one stands.
    wider: Option<usize>,
}

/// All blocks of one family, sorted by first address, the wide before the narrow.
struct Index {
    entries: Vec<Entry>,
}

impl Index {
    fn new(tables: &[&'static [Block]]) -> Self {
        let mut blocks: Vec<&'static Block> = tables.iter().copied().flatten().collect();
        blocks.sort_by_key(|block| block.net);
        let mut entries: Vec<Entry> = Vec::with_capacity(blocks.len());
        for block in blocks {
            let (first, last) = ends(block.net);
            let wider = entries.iter().rposition(|entry| entry.last >= last);
            entries.push(Entry {
                first,
                last,
                block,
                wider,
            });
        }
        Self { entries }
    }

    /// The last block that begins at or before the number; if it ends too early, the next wider one, and so on.
    fn narrowest(&self, number: u128) -> Option<&Entry> {
        let after = self.entries.partition_point(|entry| entry.first <= number);
        let mut entry = self.entries.get(after.checked_sub(1)?)?;
        while entry.last < number {
            entry = &self.entries[entry.wider?];
        }
        Some(entry)
    }
}

fn index_of(address: IpAddr) -> (&'static Index, u128) {
    static IPV4: LazyLock<Index> = LazyLock::new(|| Index::new(&[&special_purpose::IPV4, &multicast::IPV4]));
    static IPV6: LazyLock<Index> =
        LazyLock::new(|| Index::new(&[&special_purpose::IPV6, &multicast::IPV6, &retired::IPV6]));
    match address {
        IpAddr::V4(_) => (&IPV4, number(address)),
        IpAddr::V6(_) => (&IPV6, number(address)),
    }
}

fn ends(net: IpNet) -> (u128, u128) {
    (number(net.network()), number(net.broadcast()))
}
