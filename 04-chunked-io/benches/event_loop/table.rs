//! Medians and ranges.

use crate::cases::{Case, Sample};
use crate::peers::Peer;

/// All that one peer gave in one case.
pub(crate) struct Samples {
    pub(crate) peer: Peer,
    pub(crate) rounds: Vec<Sample>,
}

/// One number of a sample.
pub(crate) type Pick = fn(&Sample) -> Option<f64>;

impl Samples {
    pub(crate) fn of(peer: Peer) -> Self {
        Self {
            peer,
            rounds: Vec::new(),
        }
    }

    /// The numbers of all rounds, the smallest first.
    fn sorted(&self, pick: Pick) -> Vec<f64> {
        let mut numbers: Vec<f64> = self.rounds.iter().filter_map(pick).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        numbers
    }

    pub(crate) fn median(&self, pick: Pick) -> Option<f64> {
        median(self.sorted(pick))
    }

    /// The worst of all rounds.
    pub(crate) fn most(&self, pick: Pick) -> Option<f64> {
        self.sorted(pick).last().copied()
    }

    /// The median of what it did in each round, as a share of what `other` did in the same round.
    pub(crate) fn share_of(&self, other: &Self, pick: Pick) -> Option<f64> {
        let pairs = self.rounds.iter().zip(&other.rounds);
        let mut shares: Vec<f64> = pairs
            .filter_map(|(own, other)| Some(pick(own)? / pick(other)?))
            .collect();
        shares.sort_unstable_by(f64::total_cmp);
        median(shares)
    }
}

fn median(sorted: Vec<f64>) -> Option<f64> {
    sorted.get(sorted.len() / 2).copied()
}

/// A column: its head, its number, how many decimals.
type Column = (&'static str, Pick, usize);

/// Prints what a case measured, a line for each peer.
pub(crate) fn print(case: Case, all: &[Samples]) {
    println!("\n{}\n", case.title());
    let columns: &[Column] = match case {
        Case::Echo | Case::Deep => &[
            ("echo/s", |sample| sample.rate, 0),
            ("µs of server", |sample| sample.cost, 2),
            ("busy", |sample| sample.busy, 2),
            ("p50 ms", |sample| sample.p50, 3),
            ("p99 ms", |sample| sample.p99, 3),
        ],
        Case::Crowd => &[
            ("echo/s", |sample| sample.rate, 0),
            ("µs of server", |sample| sample.cost, 2),
            ("busy", |sample| sample.busy, 2),
            ("p50 ms", |sample| sample.p50, 3),
            ("p99 ms", |sample| sample.p99, 3),
            ("user B", |sample| sample.user, 0),
            ("kernel B", |sample| sample.kernel, 0),
            ("opened s", |sample| sample.opened, 3),
            ("open p99 ms", |sample| sample.open_p99, 2),
            ("dropped", |sample| sample.dropped, 0),
        ],
        Case::GreatCrowd => &[
            ("opened s", |sample| sample.opened, 2),
            ("open p99 ms", |sample| sample.open_p99, 2),
            ("dropped", |sample| sample.dropped, 0),
            ("resident MB", |sample| sample.resident, 1),
            ("user B", |sample| sample.user, 0),
            ("kernel B", |sample| sample.kernel, 0),
        ],
    };
    print!("  {:<18}", "");
    for (head, ..) in columns {
        print!(" {head:>14}");
    }
    println!(" {:>8} {:>20}", "share", "range");
    for samples in all {
        print_line(samples, &all[0], columns);
    }
}

/// The medians; then, of the first column, the share of the first peer and the range.
fn print_line(samples: &Samples, first: &Samples, columns: &[Column]) {
    print!("  {:<18}", samples.peer.title());
    for (_, pick, decimals) in columns {
        let median = samples.median(*pick);
        let text = median.map_or("-".to_owned(), |number| format!("{number:.decimals$}"));
        print!(" {text:>14}");
    }
    let (_, pick, decimals) = columns[0];
    let share = samples.share_of(first, pick).unwrap_or(f64::NAN);
    let sorted = samples.sorted(pick);
    let range = match (sorted.first(), sorted.last()) {
        (Some(least), Some(most)) => format!("{least:.decimals$} to {most:.decimals$}"),
        _ => "-".to_owned(),
    };
    println!(" {share:>8.3} {range:>20}");
}
