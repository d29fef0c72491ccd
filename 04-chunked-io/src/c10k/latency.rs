//! Latencies: how long each of very many answers took, and which share of them was faster than that.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Within one power of two, latencies are told apart in this many classes: to three percent.
const CLASSES: u64 = 32;

/// Counts latencies by size instead of keeping each: a million of them take no more room than ten.
///
/// The same idea as Gil Tene's `HdrHistogram`. Two of them can be added, so each client process counts its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(usize, u64)>", into = "Vec<(usize, u64)>")]
pub struct Latencies {
    counts: Vec<u64>,
    total: u64,
}

impl Latencies {
    /// Notes one answer.
    pub fn record(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.add(class_of(nanoseconds), 1);
    }

    /// Adds what another process has counted.
    pub fn merge(&mut self, other: &Self) {
        for (class, count) in other.filled() {
            self.add(class, count);
        }
    }

    fn add(&mut self, class: usize, count: u64) {
        if class >= self.counts.len() {
            self.counts.resize(class + 1, 0);
        }
        self.counts[class] += count;
        self.total += count;
    }

    /// How many were noted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The latency that `per_mille` of a thousand answers did not exceed: 500 is the median, 990 is called p99.
    ///
    /// Zero if none was noted.
    #[must_use]
    pub fn percentile(&self, per_mille: u64) -> Duration {
        let rank = (self.total * per_mille).div_ceil(1000).max(1);
        let mut below = 0;
        let class = self.filled().find(|(_, count)| {
            below += count;
            below >= rank
        });
        class.map_or(Duration::ZERO, |(class, _)| {
            Duration::from_nanos(upper_end(class))
        })
    }

    /// How many took at least this long, to three percent.
    #[must_use]
    pub fn at_least(&self, latency: Duration) -> u64 {
        let first = class_of(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
        self.counts.iter().skip(first).sum()
    }

    fn filled(&self) -> impl Iterator<Item = (usize, u64)> {
        let classes = self.counts.iter().copied().enumerate();
        classes.filter(|(_, count)| *count > 0)
    }
}

impl From<Vec<(usize, u64)>> for Latencies {
    fn from(filled: Vec<(usize, u64)>) -> Self {
        let mut latencies = Self::default();
        // From a pipe: a class that cannot be is not made room for.
        for (class, count) in filled
            .into_iter()
            .filter(|(class, _)| *class <= class_of(u64::MAX))
        {
            latencies.add(class, count);
        }
        latencies
    }
}

impl From<Latencies> for Vec<(usize, u64)> {
    fn from(latencies: Latencies) -> Self {
        latencies.filled().collect()
    }
}

/// Small values have a class each; above, every power of two is cut in [`CLASSES`] equal parts.
fn class_of(value: u64) -> usize {
    let shift = value.checked_ilog2().unwrap_or(0).saturating_sub(CLASSES.ilog2());
    let class = u64::from(shift) * CLASSES + (value >> shift);
    usize::try_from(class).unwrap_or(usize::MAX)
}

/// The largest value of a class.
fn upper_end(class: usize) -> u64 {
    let class = class as u64;
    let shift = (class / CLASSES).saturating_sub(1);
    ((class - shift * CLASSES + 1) << shift).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{class_of, upper_end};

    proptest! {
        #[test]
        fn a_value_is_told_to_three_percent(value: u64) {
            let shown = upper_end(class_of(value));
            prop_assert!(shown >= value);
            prop_assert!(shown - value <= value / 32);
            prop_assert!(class_of(shown) == class_of(value));
        }
    }
}
