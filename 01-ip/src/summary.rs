//! Many subnets as few: what a router announces instead of a long list.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, IpSubnets, Ipv4Subnets, Ipv6Subnets};

use crate::subject::{SubjectError, parse_address};
use crate::subnet::Subnet;

/// The fewest subnets that hold exactly the same addresses, in their order, IPv4 first.
///
/// ```
/// use ip::{IpNet, Subnet, summarise};
///
/// let halves = ["10.0.1.0/24", "10.0.0.0/24"].map(|text| Subnet::from(text.parse::<IpNet>().unwrap()));
/// assert_eq!(summarise(&halves)[0].to_string(), "10.0.0.0/23");
/// ```
#[must_use]
pub fn summarise(subnets: &[Subnet]) -> Vec<Subnet> {
    let nets = subnets.iter().map(Subnet::net).collect();
    IpNet::aggregate(&nets).into_iter().map(Subnet::from).collect()
}

/// All addresses from the first to the last, both included: how people write what is no subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
}

/// Why a text is no range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// One end is no address.
    #[error(transparent)]
    End(#[from] SubjectError),
    /// No dash.
    #[error("{text:?} is no range: write its first and its last address with a dash between them")]
    NoDash {
        /// What was read.
        text: String,
    },
    /// The ends are of different families.
    #[error("a range lies in one family, and {first} and {last} are of two")]
    TwoFamilies {
        /// The first address.
        first: IpAddr,
        /// The last one.
        last: IpAddr,
    },
    /// It would run backwards.
    #[error("the range is empty: {first} comes after {last}")]
    Backwards {
        /// The first address.
        first: IpAddr,
        /// The last one.
        last: IpAddr,
    },
}

impl AddressRange {
    /// The range with these two ends.
    ///
    /// # Errors
    ///
    /// [`RangeError`] if the ends are of two families, or in the wrong order.
    pub fn new(first: IpAddr, last: IpAddr) -> Result<Self, RangeError> {
        match (first, last) {
            _ if first.is_ipv4() != last.is_ipv4() => Err(RangeError::TwoFamilies { first, last }),
            _ if first > last => Err(RangeError::Backwards { first, last }),
            _ => Ok(Self { first, last }),
        }
    }

    /// The fewest subnets that hold exactly these addresses (CIDR blocks, RFC 4632).
    ///
    /// ```
    /// let range: ip::AddressRange = "10.0.0.1-10.0.0.4".parse().unwrap();
    /// let blocks: Vec<String> = range.subnets().map(|block| block.to_string()).collect();
    /// assert_eq!(blocks, ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/32"]);
    /// ```
    pub fn subnets(&self) -> impl Iterator<Item = Subnet> + use<> {
        let blocks = match (self.first, self.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => IpSubnets::V4(Ipv4Subnets::new(first, last, 0)),
            (IpAddr::V6(first), IpAddr::V6(last)) => IpSubnets::V6(Ipv6Subnets::new(first, last, 0)),
            // `new` lets no such range be.
            _ => IpSubnets::V4(Ipv4Subnets::new([0, 0, 0, 1].into(), [0, 0, 0, 0].into(), 32)),
        };
        blocks.map(Subnet::from)
    }
}

impl FromStr for AddressRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let (first, last) = text.split_once('-').ok_or_else(|| RangeError::NoDash {
            text: text.to_owned(),
        })?;
        Self::new(parse_address(first.trim())?, parse_address(last.trim())?)
    }
}
