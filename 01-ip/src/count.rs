//! How many: a count of addresses or subnets is always a power of two, up to 2^128, which no integer of Rust holds.

use std::fmt;

/// Two to some power from 0 to 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PowerOfTwo {
    exponent: u8,
}

impl PowerOfTwo {
    /// 2^exponent; more than 128 is taken as 128, since no address has more bits.
    pub(crate) fn new(exponent: u8) -> Self {
        Self {
            exponent: exponent.min(128),
        }
    }

    /// The exponent: the number of free bits.
    #[must_use]
    pub fn exponent(self) -> u8 {
        self.exponent
    }

    /// The number itself, unless it is 2^128.
    #[must_use]
    pub fn get(self) -> Option<u128> {
        1_u128.checked_shl(self.exponent.into())
    }
}

impl fmt::Display for PowerOfTwo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Some(number) => number.fmt(out),
            None => out.pad("340282366920938463463374607431768211456"),
        }
    }
}
