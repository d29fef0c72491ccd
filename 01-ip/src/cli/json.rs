//! Everything about one address, for programs: one object a line, with names that stay.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};

use ip::{
    Classification, Embedded, IpNet, Nat64Prefix, Scope, Subnet, bits, classify, possibly_embedded,
    reverse_name,
};
use serde::Serialize;

use super::what::Found;

#[derive(Serialize)]
struct Facts<'a> {
    input: &'a str,
    address: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'a str>,
    version: u8,
    #[serde(flatten)]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedded: Option<Inside>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    possibly_embedded: Vec<Perhaps>,
    bits: String,
    reverse_name: String,
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
    allocated: Option<&'static str>,
    terminated: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    overrides: Vec<String>,
}

#[derive(Serialize)]
struct Inside {
    embedding: &'static str,
    address: IpAddr,
    #[serde(flatten)]
    kind: Kind,
}

/// An IPv4 address that is inside if the network's NAT64 has this prefix.
#[derive(Serialize)]
struct Perhaps {
    prefix: String,
    address: Ipv4Addr,
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
        embedded: classification.embedded().map(Inside::from),
        possibly_embedded: possibly_embedded(found.address)
            .into_iter()
            .map(Perhaps::from)
            .collect(),
        bits: bits::binary(found.address),
        reverse_name: reverse_name(found.address),
        subnet: Subnet::from(found.net.unwrap_or_else(|| found.address.into())).into(),
    };
    serde_json::to_writer(&mut *out, &facts)?;
    writeln!(out)
}

impl From<Embedded> for Inside {
    fn from(inside: Embedded) -> Self {
        Self {
            embedding: inside.embedding.word(),
            address: inside.address.into(),
            kind: Kind::from(&classify(inside.address.into())),
        }
    }
}

impl From<(Nat64Prefix, Ipv4Addr)> for Perhaps {
    fn from((prefix, address): (Nat64Prefix, Ipv4Addr)) -> Self {
        Self {
            prefix: prefix.to_string(),
            address,
        }
    }
}

/// Writes a million objects a second: without the fields that only say the address in another way, and with what
/// depends on the block alone put into words once and kept.
#[derive(Default)]
pub(crate) struct Stream {
    kinds: HashMap<(Option<IpNet>, Option<Scope>, bool), String>,
}

impl Stream {
    /// The same object as `write`'s, up to `embedded`.
    pub(crate) fn write(&mut self, out: &mut impl Write, found: &Found<'_>) -> io::Result<()> {
        let (address, is_v4) = (found.address, found.address.is_ipv4());
        out.write_all(b"{\"input\":")?;
        serde_json::to_writer(&mut *out, found.input)?;
        write!(out, ",\"address\":\"{address}\",")?;
        if let Some(zone) = &found.zone {
            write!(out, "\"zone\":{},", serde_json::to_string(zone)?)?;
        }
        write!(out, "\"version\":{},", if is_v4 { 4 } else { 6 })?;
        let classification = classify(address);
        out.write_all(self.kind(&classification)?.as_bytes())?;
        if let Some(inside) = classification.embedded() {
            write!(
                out,
                ",\"embedded\":{}",
                serde_json::to_string(&Inside::from(inside))?
            )?;
        }
        out.write_all(b"}\n")
    }

    /// The members of [`Kind`], without braces.
    fn kind(&mut self, found: &Classification) -> io::Result<&str> {
        let key = (
            found.block.map(|block| block.net),
            found.scope(),
            found.address.is_ipv4(),
        );
        match self.kinds.entry(key) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(free) => {
                let object = serde_json::to_string(&Kind::from(found))?;
                Ok(free.insert(object.trim_start_matches('{').trim_end_matches('}').to_owned()))
            }
        }
    }
}

/// A subnet alone.
pub(crate) fn write_subnet(out: &mut impl Write, subnet: Subnet) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &SubnetFacts::from(subnet))?;
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
            allocated: found.block.and_then(|block| block.allocated),
            terminated: found.block.and_then(|block| block.terminated),
            scope: found.scope().map(Scope::word),
            overrides: found.overridden().map(|block| block.net.to_string()).collect(),
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
