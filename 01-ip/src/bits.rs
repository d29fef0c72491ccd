//! An address as its bits, and which of them mean what.

use std::net::IpAddr;

use crate::block::Block;
use crate::classify::Classification;

/// What a bit is for. Its letter stands under it in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// `n`: fixed by the block that a registry set aside, or the network's if there is no such block.
    Network,
    /// `s`: tells this subnet from the others of the block.
    Subnet,
    /// `h`: tells this host from the others of the subnet.
    Host,
}

impl Part {
    /// `n`, `s` or `h`.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Network => 'n',
            Self::Subnet => 's',
            Self::Host => 'h',
        }
    }
}

/// One line of a picture: 32 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The same bits as the address writes them: `192.168.0.10`, `2001:0db8`.
    pub label: String,
    /// The bits, with the address's own separators: `11000000.10101000.00000000.00001010`.
    pub bits: String,
    /// Under each bit the letter of its part; the separators as above.
    pub letters: String,
}

/// How the bits of an address divide into network, subnet and host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    network: u8,
    prefix: u8,
}

impl Division {
    /// The division by the block that decided the class and by the prefix of the subnet, as far as either is known.
    /// Without a prefix everything after the block counts as host. `None` if neither is known.
    #[must_use]
    pub fn new(classification: &Classification, prefix: Option<u8>) -> Option<Self> {
        let block = classification.block.map(|block| block.net.prefix_len());
        let prefix = prefix.or(block)?;
        let network = block.filter(|&network| network <= prefix).unwrap_or(prefix);
        Some(Self { network, prefix })
    }

    /// What the bit with this index (0 is the first) is for.
    #[must_use]
    pub fn part(&self, index: u8) -> Part {
        match index {
            index if index < self.network => Part::Network,
            index if index < self.prefix => Part::Subnet,
            _ => Part::Host,
        }
    }

    /// Whether the network part is this block's, rather than the subnet's own prefix.
    #[must_use]
    pub fn is_fixed_by(&self, block: &Block) -> bool {
        self.network == block.net.prefix_len()
    }

    /// The parts that occur, in their order.
    #[must_use]
    pub fn parts(&self, address: IpAddr) -> Vec<Part> {
        let mut parts: Vec<Part> = (0..width(address)).map(|index| self.part(index)).collect();
        parts.dedup();
        parts
    }
}

/// The address as the one number that it is: 32 bits of it, or 128.
#[must_use]
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// All bits of an address: `11000000.10101000.00000000.00001010`; IPv6 in hextets, with colons.
#[must_use]
pub fn binary(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => join(address.octets().map(|octet| format!("{octet:08b}")), "."),
        IpAddr::V6(address) => join(address.segments().map(|hextet| format!("{hextet:016b}")), ":"),
    }
}

/// The bits of an address, 32 a line, each with the letter of its part below: one line for IPv4, four for IPv6.
/// Where the division is not known, the letters are blank.
#[must_use]
pub fn picture(address: IpAddr, division: Option<Division>) -> Vec<Line> {
    let bits = binary(address);
    let mut index = 0;
    let letters: String = bits
        .chars()
        .map(|bit| match bit {
            '0' | '1' => {
                index += 1;
                division.map_or(' ', |division| division.part(index - 1).letter())
            }
            separator => separator,
        })
        .collect();
    match address {
        IpAddr::V4(address) => vec![Line {
            label: address.to_string(),
            bits,
            letters,
        }],
        IpAddr::V6(address) => address
            .segments()
            .chunks_exact(2)
            .zip(halves(&bits).zip(halves(&letters)))
            .map(|(pair, (bits, letters))| Line {
                label: format!("{:04x}:{:04x}", pair[0], pair[1]),
                bits,
                letters,
            })
            .collect(),
    }
}

/// Two hextets at a time.
fn halves(text: &str) -> impl Iterator<Item = String> {
    let hextets: Vec<&str> = text.split(':').collect();
    let pairs: Vec<String> = hextets.chunks(2).map(|pair| pair.join(":")).collect();
    pairs.into_iter()
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn join<const N: usize>(pieces: [String; N], separator: &str) -> String {
    pieces.join(separator)
}
