//! How long is the way from an address to its block? Ours beside a linear scan and a trie, on the same tables.
//!
//! Run it with `cargo bench -p ip`. One item is one address.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use ip::{Block, IpNet, classify, multicast, retired, special_purpose};
use ipnet::{Ipv4Net, Ipv6Net};
use prefix_trie::PrefixMap;

fn main() {
    divan::main();
}

const COUNT: usize = 10_000;

/// Numbers that look random and are the same in every run (the generator of Knuth's MMIX).
fn numbers() -> impl Iterator<Item = u64> {
    let next = |&state: &u64| {
        Some(
            state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407),
        )
    };
    std::iter::successors(Some(1), next)
}

/// Addresses from all over: most of them in no block, as in a log file.
fn ipv4_addresses() -> Vec<Ipv4Addr> {
    let high_half = |number: u64| u32::try_from(number >> 32).unwrap_or(0);
    numbers()
        .take(COUNT)
        .map(|number| Ipv4Addr::from_bits(high_half(number)))
        .collect()
}

/// Half of them in 2000::/3, half from the blocks.
fn ipv6_addresses() -> Vec<Ipv6Addr> {
    let blocks: Vec<u128> = blocks(false)
        .map(|block| ip::bits::number(block.net.network()))
        .collect();
    let address = |(index, number): (usize, u64)| match index % 2 {
        0 => 0x2 << 124 | u128::from(number) << 60,
        _ => blocks[index / 2 % blocks.len()] | u128::from(number >> 32),
    };
    numbers()
        .take(COUNT)
        .enumerate()
        .map(address)
        .map(Ipv6Addr::from_bits)
        .collect()
}

fn blocks(v4: bool) -> impl Iterator<Item = &'static Block> {
    let v4_tables = special_purpose::IPV4.iter().chain(&multicast::IPV4);
    let v6_tables = special_purpose::IPV6
        .iter()
        .chain(&multicast::IPV6)
        .chain(&retired::IPV6);
    v4_tables
        .chain(v6_tables)
        .filter(move |block| block.net.network().is_ipv4() == v4)
}

#[divan::bench]
fn ipv4_ours(bencher: Bencher<'_, '_>) {
    let addresses = ipv4_addresses();
    bencher.counter(ItemsCount::new(COUNT)).bench(|| {
        addresses
            .iter()
            .filter(|&&address| classify(address.into()).block.is_some())
            .count()
    });
}

#[divan::bench]
fn ipv4_linear(bencher: Bencher<'_, '_>) {
    let addresses = ipv4_addresses();
    let blocks: Vec<(Ipv4Net, &Block)> = blocks(true)
        .filter_map(|block| Some((v4(block.net)?, block)))
        .collect();
    bencher.counter(ItemsCount::new(COUNT)).bench(|| {
        let narrowest = |address: &&Ipv4Addr| {
            let holders = blocks.iter().filter(|(net, _)| net.contains(*address));
            holders.max_by_key(|(net, _)| net.prefix_len()).is_some()
        };
        addresses.iter().filter(narrowest).count()
    });
}

#[divan::bench]
fn ipv4_trie(bencher: Bencher<'_, '_>) {
    static TRIE: LazyLock<PrefixMap<Ipv4Net, &Block>> = LazyLock::new(|| {
        blocks(true)
            .filter_map(|block| Some((v4(block.net)?, block)))
            .collect()
    });
    let addresses = ipv4_addresses();
    bencher.counter(ItemsCount::new(COUNT)).bench(|| {
        addresses
            .iter()
            .filter(|&&address| TRIE.get_lpm(&Ipv4Net::from(address)).is_some())
            .count()
    });
}

#[divan::bench]
fn ipv6_ours(bencher: Bencher<'_, '_>) {
    let addresses = ipv6_addresses();
    bencher.counter(ItemsCount::new(COUNT)).bench(|| {
        addresses
            .iter()
            .filter(|&&address| classify(address.into()).block.is_some())
            .count()
    });
}

#[divan::bench]
fn ipv6_linear(bencher: Bencher<'_, '_>) {
    let addresses = ipv6_addresses();
    let blocks: Vec<(Ipv6Net, &Block)> = blocks(false)
        .filter_map(|block| Some((v6(block.net)?, block)))
        .collect();
    bencher.counter(ItemsCount::new(COUNT)).bench(|| {
        let narrowest = |address: &&Ipv6Addr| {
            let holders = blocks.iter().filter(|(net, _)| net.contains(*address));
            holders.max_by_key(|(net, _)| net.prefix_len()).is_some()
        };
        addresses.iter().filter(narrowest).count()
    });
}

#[divan::bench]
fn ipv6_trie(bencher: Bencher<'_, '_>) {
    static TRIE: LazyLock<PrefixMap<Ipv6Net, &Block>> = LazyLock::new(|| {
        blocks(false)
            .filter_map(|block| Some((v6(block.net)?, block)))
            .collect()
    });
    let addresses = ipv6_addresses();
    bencher.counter(ItemsCount::new(COUNT)).bench(|| {
        addresses
            .iter()
            .filter(|&&address| TRIE.get_lpm(&Ipv6Net::from(address)).is_some())
            .count()
    });
}

fn v4(net: IpNet) -> Option<Ipv4Net> {
    match net {
        IpNet::V4(net) => Some(net),
        IpNet::V6(_) => None,
    }
}

fn v6(net: IpNet) -> Option<Ipv6Net> {
    match net {
        IpNet::V6(net) => Some(net),
        IpNet::V4(_) => None,
    }
}
