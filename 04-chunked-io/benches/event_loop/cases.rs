//! What is measured, and in which order: in each round every peer once, so that what disturbs one disturbs all.

use std::time::{Duration, Instant};

use chunked_io::c10k::{Lab, Load, Plan, Program};
use clap::ValueEnum;

use crate::Arguments;
use crate::figures;
use crate::peers::Peer;
use crate::table::{self, Samples};

const CROWD: usize = 10_000;
const GREAT_CROWD: usize = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Case {
    /// 100 connections, 64 bytes, one message on its way in each
    Echo,
    /// The same with 16 on their way
    Deep,
    /// 10,000 connections: opened, idle, and with one in a hundred active
    Crowd,
    /// 100,000 connections in six processes on one port
    GreatCrowd,
}

impl Case {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Echo => "Echo: 100 connections, 64 bytes, one on its way in each",
            Self::Deep => "Echo: 100 connections, 64 bytes, 16 on their way in each",
            Self::Crowd => "10,000 connections: opened at once, idle, then 100 of them active",
            Self::GreatCrowd => "100,000 connections: six server processes on one port, six of clients",
        }
    }
}

/// What one measurement of one peer gave. What a case does not measure stays empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    /// Echoes a second.
    pub(crate) rate: Option<f64>,
    /// Microseconds of the server's processor time for each.
    pub(crate) cost: Option<f64>,
    /// Of the time, the part in which the server had a processor: near 1 if it, and not the client, is what was measured.
    pub(crate) busy: Option<f64>,
    /// Milliseconds.
    pub(crate) p50: Option<f64>,
    /// Milliseconds.
    pub(crate) p99: Option<f64>,
    /// Bytes of an idle connection in the server.
    pub(crate) user: Option<f64>,
    /// Bytes of an idle connection in the kernel, for both ends.
    pub(crate) kernel: Option<f64>,
    /// Megabytes of all server processes, program code included, each page counted once.
    pub(crate) in_all: Option<f64>,
    /// The same as `ps` adds it up: the code that they share is counted for each of them.
    pub(crate) resident: Option<f64>,
    /// Seconds until all stood.
    pub(crate) opened: Option<f64>,
    /// Milliseconds in which 99 of 100 callers were let in.
    pub(crate) open_p99: Option<f64>,
    /// Callers that the kernel turned away.
    pub(crate) dropped: Option<f64>,
}

pub(crate) struct Bench {
    cases: Vec<Case>,
    peers: Vec<Peer>,
    rounds: usize,
    period: Duration,
}

impl Bench {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        let peers = match arguments.peers.as_slice() {
            [] if arguments.quick => Peer::value_variants()
                .iter()
                .filter(|peer| peer.is_bare())
                .copied()
                .collect(),
            [] => Peer::value_variants().to_vec(),
            some => some.to_vec(),
        };
        let cases = if arguments.only.is_empty() {
            Case::value_variants()
        } else {
            &arguments.only
        };
        let (rounds, seconds) = if arguments.quick { (1, 0.4) } else { (5, 1.5) };
        Self {
            cases: cases.to_vec(),
            peers,
            rounds: arguments.rounds.unwrap_or(rounds),
            period: Duration::from_secs_f64(arguments.seconds.unwrap_or(seconds)),
        }
    }

    pub(crate) fn run(&self) {
        let begin = Instant::now();
        ports::descriptors::raise_limit();
        println!(
            "{} rounds, {:?} each; server on one core, clients on another",
            self.rounds, self.period
        );
        let mut all = Vec::new();
        for case in &self.cases {
            let samples = self.measure(*case);
            table::print(*case, &samples);
            all.push((*case, samples));
        }
        figures::print(&all);
        println!("\nmeasured in {:.0} s", begin.elapsed().as_secs_f64());
    }

    /// All peers, in turn; each round begins with another one.
    fn measure(&self, case: Case) -> Vec<Samples> {
        let takes_part = |peer: &&Peer| case != Case::GreatCrowd || peer.takes_part_in_great_crowd();
        let peers: Vec<Peer> = self.peers.iter().filter(takes_part).copied().collect();
        let mut samples: Vec<Samples> = peers.iter().map(|peer| Samples::of(*peer)).collect();
        let count = samples.len();
        for round in 0..self.rounds {
            for turn in 0..count {
                let samples = &mut samples[(turn + round) % count];
                let sample = match case {
                    Case::Echo => echo(samples.peer, 1, self.period),
                    Case::Deep => echo(samples.peer, 16, self.period),
                    Case::Crowd => crowd(samples.peer, self.period),
                    Case::GreatCrowd => great_crowd(samples.peer),
                };
                samples.rounds.push(sample);
            }
        }
        samples
    }
}

fn echo(peer: Peer, depth: usize, period: Duration) -> Sample {
    let load = Load {
        active: 100,
        size: 64,
        depth,
    };
    let mut lab = start(peer, one_process_each(load.active));
    lab.open(load.active, |_, _| {}).unwrap();
    speak(&mut lab, load, period)
}

fn crowd(peer: Peer, period: Duration) -> Sample {
    let mut lab = start(peer, one_process_each(CROWD));
    let sample = hold(&mut lab, CROWD);
    let load = Load {
        active: CROWD / 100,
        size: 64,
        depth: 1,
    };
    let spoken = speak(&mut lab, load, period);
    Sample {
        user: sample.user,
        kernel: sample.kernel,
        opened: sample.opened,
        open_p99: sample.open_p99,
        dropped: sample.dropped,
        ..spoken
    }
}

fn great_crowd(peer: Peer) -> Sample {
    let plan = Plan {
        connections: GREAT_CROWD,
        servers: 6,
        clients: 6,
    };
    hold(&mut start(peer, plan), GREAT_CROWD)
}

fn one_process_each(connections: usize) -> Plan {
    Plan {
        connections,
        servers: 1,
        clients: 1,
    }
}

fn start(peer: Peer, plan: Plan) -> Lab {
    let name = peer.to_possible_value().unwrap().get_name().to_owned();
    let program = |arguments: &[&str]| Program {
        path: std::env::current_exe().unwrap(),
        arguments: arguments.iter().map(ToString::to_string).collect(),
    };
    let (server, clients) = if plan.servers == 1 {
        ("server", "clients")
    } else {
        ("anywhere", "anywhere")
    };
    let mut lab = Lab::start(plan, &program(&[server, &name]), &program(&[clients])).unwrap();
    lab.warm_up().unwrap();
    lab
}

/// Opens, has each connection speak once, and looks at what they cost when they are silent again.
fn hold(lab: &mut Lab, connections: usize) -> Sample {
    let before = lab.servers().memory();
    let opening = lab.open(connections, |_, _| {}).unwrap();
    lab.roll_call(connections).unwrap();
    let each = lab.servers().memory().each_since(before, connections);
    Sample {
        user: each.user.map(|bytes| bytes as f64),
        kernel: each.kernel.map(|bytes| bytes as f64),
        in_all: lab.servers().proportional().map(|bytes| bytes as f64 / 1e6),
        resident: lab.servers().resident().map(|bytes| bytes as f64 / 1e6),
        opened: Some(opening.took.as_secs_f64()),
        open_p99: Some(milliseconds(opening.latencies.percentile(990))),
        dropped: opening.dropped.map(|count| count as f64),
        ..Sample::default()
    }
}

fn speak(lab: &mut Lab, load: Load, period: Duration) -> Sample {
    // The first moments are not counted: caches and the processor's clock settle.
    lab.echo(load, period / 4).unwrap();
    let before = lab.servers().processor_time();
    let latencies = lab.echo(load, period).unwrap();
    let busy = lab
        .servers()
        .processor_time()
        .zip(before)
        .map(|(now, before)| now - before);
    let count = latencies.total() as f64;
    Sample {
        rate: Some(count / period.as_secs_f64()),
        cost: busy.map(|busy| busy.as_secs_f64() * 1e6 / count),
        busy: busy.map(|busy| busy.as_secs_f64() / period.as_secs_f64()),
        p50: Some(milliseconds(latencies.percentile(500))),
        p99: Some(milliseconds(latencies.percentile(990))),
        ..Sample::default()
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
