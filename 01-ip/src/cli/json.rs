//! Everything about one address, for programs: one object a line, with names that stay.

use std::io::{self, Write};
use std::net::IpAddr;

use ip::{Classification, Subnet, bits, classify};
use serde::Serialize;

use super::Found;

#[derive(Serialize)]
struct Facts<'a> {
    input: &'a str,
    address: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'a str>,
    version: u8,
    #[serde(flatten)]
    kind: Kind,
    overrides: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedded: Option<Inside>,
    bits: String,
    subnet: SubnetFacts,
}

/// What a classification says. `null` stands where the registry says N/A or nothing.
#[derive(Serialize)]
struct Kind {
    block: Option<String>,
    name: &'static str,
    rfc: &'static str,
    source: Option<bool>,
    destination: Option<bool>,
    forwardable: Option<bool>,
    globally_reachable: Option<bool>,
    reserved_by_protocol: Option<bool>,
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
}

#[derive(Serialize)]
struct Inside {
    embedding: &'static str,
    address: IpAddr,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Serialize)]
struct SubnetFacts {
    network: String,
    mask: IpAddr,
    wildcard: IpAddr,
    first_host: IpAddr,
    last_host: IpAddr,
    hosts: u128,
    broadcast: Option<IpAddr>,
}

pub(crate) fn write(out: &mut impl Write, found: &Found<'_>) -> io::Result<()> {
    let classification = classify(found.address);
    let facts = Facts {
        input: found.input,
        address: found.address,
        zone: found.zone.as_deref(),
        version: if found.address.is_ipv4() { 4 } else { 6 },
        kind: Kind::from(&classification),
        overrides: classification
            .overridden()
            .map(|block| block.net.to_string())
            .collect(),
        embedded: classification.embedded().map(|inside| Inside {
            embedding: inside.embedding.word(),
            address: inside.address.into(),
            kind: Kind::from(&classify(inside.address.into())),
        }),
        bits: bits::binary(found.address),
        subnet: Subnet::from(found.net.unwrap_or_else(|| found.address.into())).into(),
    };
    serde_json::to_writer(&mut *out, &facts)?;
    writeln!(out)
}

impl From<&Classification> for Kind {
    fn from(found: &Classification) -> Self {
        Self {
            block: found.block.map(|block| block.net.to_string()),
            name: found.name(),
            rfc: found.rfc(),
            source: found.flags.source.known(),
            destination: found.flags.destination.known(),
            forwardable: found.flags.forwardable.known(),
            globally_reachable: found.flags.globally_reachable.known(),
            reserved_by_protocol: found.flags.reserved_by_protocol.known(),
            class: found.class().word(),
            scope: found.scope().map(ip::Scope::word),
        }
    }
}

impl From<Subnet> for SubnetFacts {
    fn from(subnet: Subnet) -> Self {
        Self {
            network: subnet.net().to_string(),
            mask: subnet.mask(),
            wildcard: subnet.wildcard(),
            first_host: subnet.first_host(),
            last_host: subnet.last_host(),
            hosts: subnet.hosts(),
            broadcast: subnet.broadcast(),
        }
    }
}
