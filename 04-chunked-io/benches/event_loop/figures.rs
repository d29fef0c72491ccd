//! The figures that the event loop is to reach, and whether it did.

use crate::cases::Case;
use crate::peers::Peer;
use crate::table::{Pick, Samples};

/// One line of the table: a number of each peer, and what it should be for ours.
struct Figure<'a> {
    what: &'static str,
    number: Number<'a>,
    bound: Bound,
    unit: &'static str,
    decimals: usize,
}

/// What is taken from the samples of a peer.
type Number<'a> = Box<dyn Fn(&Samples) -> Option<f64> + 'a>;

#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// Prints a line for each figure, with what was measured beside what is to be reached.
pub(crate) fn print(all: &[(Case, Vec<Samples>)]) {
    println!("\nTo reach\n");
    println!(
        "  {:<50} {:>10} {:>10} {:>8}   beside",
        "", "to reach", "measured", ""
    );
    for (case, samples) in all {
        for figure in figures(*case, samples) {
            figure.print(samples);
        }
    }
}

/// The figures of a case.
fn figures(case: Case, all: &[Samples]) -> Vec<Figure<'_>> {
    let rate: Pick = |sample| sample.rate;
    let median = |pick: Pick| Box::new(move |samples: &Samples| samples.median(pick));
    let figure = |what, number, bound, unit, decimals| Figure {
        what,
        number,
        bound,
        unit,
        decimals,
    };
    match case {
        Case::Echo | Case::Deep => {
            let what = match case {
                Case::Echo => "echo, share of bare epoll",
                _ => "echo with 16 on their way, share of bare epoll",
            };
            let share = Box::new(move |samples: &Samples| samples.share_of(all.first()?, rate));
            vec![figure(what, share, Bound::AtLeast(0.97), "", 3)]
        }
        Case::Crowd => {
            let mio = all.iter().find(|samples| samples.peer == Peer::Mio);
            let share = Box::new(move |samples: &Samples| samples.share_of(mio?, rate));
            let dropped = Box::new(|samples: &Samples| samples.most(|sample| sample.dropped));
            vec![
                figure(
                    "10,000 idle: user memory of each",
                    median(|sample| sample.user),
                    Bound::AtMost(250.0),
                    " B",
                    0,
                ),
                figure(
                    "10,000, 100 active: share of bare mio",
                    share,
                    Bound::AtLeast(0.97),
                    "",
                    3,
                ),
                figure(
                    "10,000, 100 active: p99",
                    median(|sample| sample.p99),
                    Bound::AtMost(1.0),
                    " ms",
                    2,
                ),
                figure(
                    "10,000 opened: p99",
                    median(|sample| sample.open_p99),
                    Bound::AtMost(10.0),
                    " ms",
                    2,
                ),
                figure(
                    "10,000 opened: dropped, in the worst round",
                    dropped,
                    Bound::AtMost(0.0),
                    "",
                    0,
                ),
            ]
        }
        Case::GreatCrowd => vec![
            figure(
                "100,000 in six processes: memory of all",
                median(|sample| sample.resident),
                Bound::AtMost(25.0),
                " MB",
                1,
            ),
            figure(
                "100,000 in six processes: opened",
                median(|sample| sample.opened),
                Bound::AtMost(3.0),
                " s",
                2,
            ),
        ],
    }
}

impl Figure<'_> {
    fn print(&self, all: &[Samples]) {
        let (mut own, mut beside) = (None, Vec::new());
        for samples in all {
            match (self.number)(samples) {
                number if samples.peer == Peer::EventLoop => own = number,
                Some(number) => beside.push(format!("{} {}", samples.peer.title(), self.text(number))),
                None => {}
            }
        }
        let (sign, bound) = match self.bound {
            Bound::AtLeast(bound) => ("≥", bound),
            Bound::AtMost(bound) => ("≤", bound),
        };
        let verdict = own.map_or("-", |number| {
            if self.bound.holds(number) {
                "reached"
            } else {
                "MISSED"
            }
        });
        println!(
            "  {:<50} {:>10} {:>10} {verdict:>8}   {}",
            self.what,
            format!("{sign} {bound}{}", self.unit),
            own.map_or("-".to_owned(), |number| self.text(number)),
            beside.join(", ")
        );
    }

    fn text(&self, number: f64) -> String {
        format!("{number:.*}{}", self.decimals, self.unit)
    }
}

impl Bound {
    fn holds(self, number: f64) -> bool {
        match self {
            Self::AtLeast(bound) => number >= bound,
            Self::AtMost(bound) => number <= bound,
        }
    }
}
