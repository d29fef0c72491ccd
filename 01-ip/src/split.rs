//! One bit more in the prefix cuts a subnet in two; one bit less joins it with its neighbour.

use ipnet::IpNet;

use crate::count::PowerOfTwo;
use crate::subnet::Subnet;

/// Why a subnet cannot be cut so, or joined so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// The pieces would be larger than the whole.
    #[error("{whole} cannot be split into /{prefix}: the pieces of a /{} have longer prefixes", whole.prefix_len())]
    TooShort {
        /// What was to be cut.
        whole: IpNet,
        /// The prefix of the pieces.
        prefix: u8,
    },
    /// There are not so many bits.
    #[error("{whole} cannot be split into /{prefix}: its addresses have {} bits", whole.max_prefix_len())]
    TooLong {
        /// What was to be cut.
        whole: IpNet,
        /// The prefix of the pieces.
        prefix: u8,
    },
    /// A supernet has a shorter prefix, or the same.
    #[error("/{prefix} is no supernet of {part}: a supernet's prefix is not longer than /{}", part.prefix_len())]
    NotWider {
        /// What was to be widened.
        part: IpNet,
        /// The prefix of the whole.
        prefix: u8,
    },
}

impl Subnet {
    /// All pieces that have this longer prefix, in their order.
    ///
    /// ```
    /// use ip::{IpNet, Subnet};
    ///
    /// let lan = Subnet::from("10.0.0.0/24".parse::<IpNet>().unwrap());
    /// let halves: Vec<String> = lan.split(25).unwrap().map(|half| half.to_string()).collect();
    /// assert_eq!(halves, ["10.0.0.0/25", "10.0.0.128/25"]);
    /// ```
    ///
    /// # Errors
    ///
    /// [`SplitError`] if the prefix is shorter than the subnet's own, or longer than an address.
    pub fn split(&self, prefix: u8) -> Result<impl Iterator<Item = Self> + use<>, SplitError> {
        let whole = self.net();
        match whole.subnets(prefix) {
            Ok(pieces) => Ok(pieces.map(Self::from)),
            Err(_) if prefix < whole.prefix_len() => Err(SplitError::TooShort { whole, prefix }),
            Err(_) => Err(SplitError::TooLong { whole, prefix }),
        }
    }

    /// How many pieces a longer prefix gives.
    #[must_use]
    pub fn pieces(&self, prefix: u8) -> PowerOfTwo {
        PowerOfTwo::new(prefix.saturating_sub(self.prefix()))
    }

    /// The wider subnet with this shorter prefix around it.
    ///
    /// # Errors
    ///
    /// [`SplitError::NotWider`] if the prefix is longer than the subnet's own.
    pub fn supernet(&self, prefix: u8) -> Result<Self, SplitError> {
        let part = self.net();
        if prefix > part.prefix_len() {
            return Err(SplitError::NotWider { part, prefix });
        }
        let whole = IpNet::new(part.addr(), prefix);
        whole
            .map(Self::from)
            .map_err(|_| SplitError::NotWider { part, prefix })
    }

    /// What is left when another subnet is taken out: the other half at each cut on the way down to it.
    #[must_use]
    pub fn without(&self, other: &Self) -> Vec<Self> {
        if other.net().contains(&self.net()) {
            return Vec::new();
        }
        if !self.net().contains(&other.net()) {
            return vec![*self];
        }
        let mut rest = Vec::new();
        let mut around = *self;
        while around != *other {
            let Ok(halves) = around.split(around.prefix() + 1) else {
                break;
            };
            let (mut with, without): (Vec<Self>, Vec<Self>) =
                halves.partition(|half| half.net().contains(&other.net()));
            rest.extend(without);
            match with.pop() {
                Some(half) => around = half,
                None => break,
            }
        }
        rest.sort_by_key(Self::net);
        rest
    }
}
