//! What stands under a name.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hickory_resolver::proto::rr::{self, RecordType};

/// The kinds of record that an application meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// An IPv4 address (RFC 1035).
    A,
    /// An IPv6 address (RFC 3596).
    Aaaa,
    /// Another name for the same thing.
    Cname,
    /// The name of an address.
    Ptr,
    /// Who takes mail for this name.
    Mx,
    /// Text: proofs of ownership, mail policies.
    Txt,
    /// The servers of a zone.
    Ns,
    /// The start of a zone, and for how long "no such name" may be remembered.
    Soa,
    /// Host and port of a service (RFC 2782).
    Srv,
}

impl RecordKind {
    const ALL: [(Self, &'static str, RecordType); 9] = [
        (Self::A, "A", RecordType::A),
        (Self::Aaaa, "AAAA", RecordType::AAAA),
        (Self::Cname, "CNAME", RecordType::CNAME),
        (Self::Ptr, "PTR", RecordType::PTR),
        (Self::Mx, "MX", RecordType::MX),
        (Self::Txt, "TXT", RecordType::TXT),
        (Self::Ns, "NS", RecordType::NS),
        (Self::Soa, "SOA", RecordType::SOA),
        (Self::Srv, "SRV", RecordType::SRV),
    ];

    pub(super) fn record_type(self) -> RecordType {
        let row = Self::ALL.into_iter().find(|(kind, _, _)| *kind == self);
        row.map_or(RecordType::ANY, |(_, _, record_type)| record_type)
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = Self::ALL.into_iter().find(|(kind, _, _)| kind == self);
        out.pad(row.map_or("?", |(_, text, _)| text))
    }
}

/// A text that names no kind of record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no kind of record: A, AAAA, CNAME, PTR, MX, TXT, NS, SOA or SRV")]
pub struct UnknownKind {
    /// What was read.
    pub text: String,
}

impl FromStr for RecordKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let row = Self::ALL
            .into_iter()
            .find(|(_, name, _)| name.eq_ignore_ascii_case(text));
        row.map(|(kind, _, _)| kind).ok_or_else(|| UnknownKind {
            text: text.to_owned(),
        })
    }
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name that it stands under; in a chain of CNAMEs not the one that was asked for.
    pub name: String,
    /// Its kind: `A`, `CNAME`.
    pub kind: String,
    /// For how many seconds it may be remembered.
    pub ttl: u32,
    /// What it says, without control characters: the text comes from a stranger.
    pub data: String,
    /// The address, if it is one.
    pub address: Option<IpAddr>,
}

impl From<&rr::Record> for Record {
    fn from(record: &rr::Record) -> Self {
        Self {
            name: harmless(&record.name.to_string()),
            kind: record.record_type().to_string(),
            ttl: record.ttl,
            data: harmless(&record.data.to_string()),
            address: record.data.ip_addr(),
        }
    }
}

/// The text with its control characters written out, so that no terminal obeys them.
fn harmless(text: &str) -> String {
    let shown = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    text.chars().map(shown).collect()
}
