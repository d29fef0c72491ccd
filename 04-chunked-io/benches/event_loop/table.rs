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
    let columns = columns(case);
    let heads = columns.iter().map(|(head, ..)| (*head).to_owned());
    let mut rows = vec![
        ["", "share", "range"]
            .map(str::to_owned)
            .into_iter()
            .chain(heads)
            .collect(),
    ];
    rows.extend(all.iter().map(|samples| row(samples, &all[0], &columns)));
    print_markdown(&rows);
}

fn columns(case: Case) -> Vec<Column> {
    let echo: [Column; 5] = [
        ("echo/s", |sample| sample.rate, 0),
        ("µs of server", |sample| sample.cost, 2),
        ("busy", |sample| sample.busy, 2),
        ("p50 ms", |sample| sample.p50, 3),
        ("p99 ms", |sample| sample.p99, 3),
    ];
    let opened: [Column; 3] = [
        ("opened s", |sample| sample.opened, 3),
        ("open p99 ms", |sample| sample.open_p99, 2),
        ("dropped", |sample| sample.dropped, 0),
    ];
    let memory: [Column; 2] = [
        ("user B", |sample| sample.user, 0),
        ("kernel B", |sample| sample.kernel, 0),
    ];
    let processes: [Column; 2] = [
        ("in all MB", |sample| sample.in_all, 1),
        ("sum of RSS MB", |sample| sample.resident, 1),
    ];
    match case {
        Case::Echo | Case::Deep => echo.to_vec(),
        Case::Crowd => [&echo[..], &memory, &opened].concat(),
        Case::GreatCrowd => [&opened[..], &memory, &processes].concat(),
    }
}

/// The share of the first peer and the range, both of the first column; then the medians.
fn row(samples: &Samples, first: &Samples, columns: &[Column]) -> Vec<String> {
    let (_, pick, decimals) = columns[0];
    let share = samples.share_of(first, pick).unwrap_or(f64::NAN);
    let sorted = samples.sorted(pick);
    let range = match (sorted.first(), sorted.last()) {
        (Some(least), Some(most)) => format!("{least:.decimals$} to {most:.decimals$}"),
        _ => "-".to_owned(),
    };
    let medians = columns.iter().map(|(_, pick, decimals)| {
        let median = samples.median(*pick);
        median.map_or("-".to_owned(), |number| format!("{number:.decimals$}"))
    });
    let begin = [samples.peer.title().to_owned(), format!("{share:.3}"), range];
    begin.into_iter().chain(medians).collect()
}

/// A table as the book writes it; the first row is its head.
pub(crate) fn print_markdown(rows: &[Vec<String>]) {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    for (number, row) in rows.iter().enumerate() {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!(" {cell:<width$} |"));
        println!("|{}", cells.collect::<String>());
        if number == 0 {
            let rules = widths.iter().map(|width| format!(" {:-<width$} |", "---"));
            println!("|{}", rules.collect::<String>());
        }
    }
}
