//! The figures that the event loop is to reach, and whether it did.

use clap::ValueEnum;

use crate::cases::Case;
use crate::peers::Peer;
use crate::table::{self, Pick, Samples};

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
    let peers: Vec<Peer> = Peer::value_variants()
        .iter()
        .copied()
        .filter(|peer| *peer != Peer::EventLoop)
        .collect();
    let heads = ["", "to reach", Peer::EventLoop.title(), ""].into_iter();
    let heads = heads.chain(peers.iter().map(|peer| peer.title()));
    let mut rows = vec![heads.map(str::to_owned).collect()];
    for (case, samples) in all {
        rows.extend(
            figures(*case, samples)
                .iter()
                .map(|figure| figure.row(samples, &peers)),
        );
    }
    table::print_markdown(&rows);
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
            let (what, the_same) = match case {
                Case::Echo => (
                    "echo, share of bare epoll",
                    "the same, for each second of the server's processor",
                ),
                _ => (
                    "echo with 16 on their way, share of bare epoll",
                    "the same, for each second of its processor",
                ),
            };
            // If the clients are the slower end, all servers echo as much, and only this tells them apart.
            let per_second: Pick = |sample| sample.cost.map(f64::recip);
            let thrift = Box::new(move |samples: &Samples| samples.share_of(all.first()?, per_second));
            let share = Box::new(move |samples: &Samples| samples.share_of(all.first()?, rate));
            vec![
                figure(what, share, Bound::AtLeast(0.97), "", 3),
                figure(the_same, thrift, Bound::AtLeast(0.97), "", 3),
            ]
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
                "100,000 in six processes: memory in all",
                median(|sample| sample.in_all),
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
    fn row(&self, all: &[Samples], peers: &[Peer]) -> Vec<String> {
        let number = |peer: Peer| (self.number)(all.iter().find(|samples| samples.peer == peer)?);
        let own = number(Peer::EventLoop);
        let (sign, bound) = match self.bound {
            Bound::AtLeast(bound) => ("≥", bound),
            Bound::AtMost(bound) => ("≤", bound),
        };
        let verdict = own.map_or("-", |number| {
            if self.bound.holds(number) {
                "reached"
            } else {
                "missed"
            }
        });
        let begin = [
            self.what.to_owned(),
            format!("{sign} {bound}{}", self.unit),
            self.text(own),
            verdict.to_owned(),
        ];
        begin
            .into_iter()
            .chain(peers.iter().map(|peer| self.text(number(*peer))))
            .collect()
    }

    fn text(&self, number: Option<f64>) -> String {
        number.map_or("-".to_owned(), |number| {
            format!("{number:.*}{}", self.decimals, self.unit)
        })
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
