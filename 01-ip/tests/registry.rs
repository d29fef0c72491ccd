//! The crate's tables against IANA's own text: every row, every cell, and the addresses at and around its ends.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::IpAddr;

use ip::{Block, Flag, REGISTRY_DATE, bits, classify, special_purpose};
use ipnet::IpNet;

/// One row of a registry's CSV, with the footnote marks taken off.
struct Row {
    net: IpNet,
    name: String,
    rfc: String,
    allocated: String,
    terminated: Option<String>,
    flags: [Flag; 5],
    has_footnote: bool,
}

/// Reads a registry; a cell with two blocks becomes two rows.
fn registry(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for record in csv::Reader::from_reader(text.as_bytes()).records() {
        let record = record.unwrap();
        let cells: Vec<&str> = record.iter().collect();
        for block in cells[0].split(", ") {
            rows.push(Row {
                net: without_footnote(block).parse().unwrap(),
                name: cells[1].to_owned(),
                rfc: plain_rfc(cells[2]),
                allocated: cells[3].to_owned(),
                terminated: Some(cells[4].to_owned()).filter(|date| date != "N/A"),
                flags: std::array::from_fn(|column| flag(cells[5 + column])),
                has_footnote: cells
                    .iter()
                    .enumerate()
                    .any(|(column, cell)| column != 2 && cell.contains(" [")),
            });
        }
    }
    rows
}

fn without_footnote(cell: &str) -> &str {
    cell.split(" [").next().unwrap()
}

fn flag(cell: &str) -> Flag {
    match without_footnote(cell) {
        "True" => Flag::True,
        "False" => Flag::False,
        "N/A" => Flag::NotApplicable,
        "" => Flag::Unstated,
        other => panic!("a flag that no registry has: {other:?}"),
    }
}

/// `[RFC8880][RFC7050], Section 2.2` becomes `RFC 8880, RFC 7050, Section 2.2`.
fn plain_rfc(cell: &str) -> String {
    let one_line = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    let listed = one_line
        .replace("] [", "], [")
        .replace("][", "], [")
        .replace(['[', ']'], "");
    listed.replace("RFC", "RFC ").replace("RFC  ", "RFC ")
}

fn ipv4_registry() -> Vec<Row> {
    registry(include_str!("data/iana-ipv4-special.csv"))
}

fn ipv6_registry() -> Vec<Row> {
    registry(include_str!("data/iana-ipv6-special.csv"))
}

fn assert_same(table: &[Block], registry: &[Row]) {
    assert_eq!(table.len(), registry.len());
    for (block, row) in table.iter().zip(registry) {
        assert_eq!(block.net, row.net);
        assert_eq!(block.name, row.name, "{}", row.net);
        assert_eq!(block.rfc, row.rfc, "{}", row.net);
        assert_eq!(block.allocated, Some(row.allocated.as_str()), "{}", row.net);
        assert_eq!(block.terminated, row.terminated.as_deref(), "{}", row.net);
        assert_eq!(
            block.flags.named().map(|(_, flag)| flag),
            row.flags,
            "{}",
            row.net
        );
        assert_eq!(block.note.is_some(), row.has_footnote, "footnote of {}", row.net);
    }
}

#[test]
fn the_ipv4_table_is_the_registry_cell_by_cell() {
    assert_same(&special_purpose::IPV4, &ipv4_registry());
}

#[test]
fn the_ipv6_table_is_the_registry_cell_by_cell() {
    assert_same(&special_purpose::IPV6, &ipv6_registry());
}

#[test]
fn the_date_of_the_registries_is_stated() {
    assert_eq!(REGISTRY_DATE, "2025-10-09");
}

/// The narrowest of the registry's blocks that holds the address, found the slow and obvious way.
fn narrowest(registry: &[Row], address: IpAddr) -> Option<&Row> {
    registry
        .iter()
        .filter(|row| row.net.contains(&address))
        .max_by_key(|row| row.net.prefix_len())
}

fn same_family(address: IpAddr, number: u128) -> IpAddr {
    match address {
        IpAddr::V4(_) => IpAddr::V4(u32::try_from(number).unwrap().into()),
        IpAddr::V6(_) => IpAddr::V6(number.into()),
    }
}

/// The first and last address of each block and the two just outside, where there are any.
fn ends(registry: &[Row]) -> Vec<IpAddr> {
    let mut ends = Vec::new();
    for row in registry {
        let (first, last) = (row.net.network(), row.net.broadcast());
        let largest = if first.is_ipv4() {
            u32::MAX.into()
        } else {
            u128::MAX
        };
        ends.extend([first, last]);
        ends.extend(
            bits::number(first)
                .checked_sub(1)
                .map(|before| same_family(first, before)),
        );
        let after = bits::number(last)
            .checked_add(1)
            .filter(|&after| after <= largest);
        ends.extend(after.map(|after| same_family(first, after)));
    }
    ends
}

fn assert_ends(registry: &[Row]) {
    for address in ends(registry) {
        let found = classify(address);
        match narrowest(registry, address) {
            Some(row) => {
                // ::/96 was given up and stands in no registry; :: and ::1 inside it do.
                assert_eq!(found.block.map(|block| block.net), Some(row.net), "{address}");
                assert_eq!(found.name(), row.name, "{address}");
                assert_eq!(found.rfc(), row.rfc, "{address}");
                assert_eq!(found.flags.named().map(|(_, flag)| flag), row.flags, "{address}");
            }
            None => {
                let registry_block = registry
                    .iter()
                    .any(|row| found.block.is_some_and(|block| block.net == row.net));
                assert!(!registry_block, "{address} lies in no block of the registry");
            }
        }
    }
}

#[test]
fn every_ipv4_block_begins_and_ends_where_the_registry_says() {
    assert_ends(&ipv4_registry());
}

#[test]
fn every_ipv6_block_begins_and_ends_where_the_registry_says() {
    assert_ends(&ipv6_registry());
}

#[test]
fn wider_rows_are_listed_from_the_narrow_to_the_wide() {
    for registry in [ipv4_registry(), ipv6_registry()] {
        for row in &registry {
            let address = row.net.network();
            let mut wider: Vec<IpNet> = registry
                .iter()
                .map(|row| row.net)
                .filter(|net| net.contains(&address))
                .collect();
            wider.sort_by_key(|net| std::cmp::Reverse(net.prefix_len()));
            let found: Vec<IpNet> = classify(address)
                .overridden()
                .map(|block| block.net)
                .filter(|net| net.to_string() != "::/96")
                .collect();
            assert_eq!(found, wider[1..], "{address}");
        }
    }
}
