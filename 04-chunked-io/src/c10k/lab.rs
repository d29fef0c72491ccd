//! The lab: servers and clients in processes of their own, and one hand that gives them orders.

use std::io;
use std::iter::Sum;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::clients::Load;
use super::latency::Latencies;
use super::memory::{self, Memory};
use super::part::{Order, Part, Program, Report};
use super::plan::{Plan, TooFewDescriptors};

/// What can go wrong in the lab.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// It would take more descriptors than there are.
    #[error(transparent)]
    TooFewDescriptors(#[from] TooFewDescriptors),
    /// A process could not be started.
    #[error("cannot start {}: {source}", program.display())]
    Start {
        /// Its program.
        program: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// A process has ended before it was told to.
    #[error("one of the lab's processes ended early ({0}); was it stopped, or is the memory used up?")]
    Gone(io::Error),
    /// A process says what failed.
    #[error("{0}")]
    Failed(String),
}

/// How the opening of connections went.
#[derive(Debug, Clone)]
pub struct Opening {
    /// From the first connect to the last connection that stood.
    pub took: Duration,
    /// How long each of them took.
    pub latencies: Latencies,
    /// How many callers the kernel turned away because the server's queue was full; they came again a second later. Of
    /// the whole machine, and only where the system tells it.
    pub dropped: Option<u64>,
}

/// Servers and clients.
#[derive(Debug)]
pub struct Lab {
    plan: Plan,
    address: SocketAddr,
    servers: Servers,
    clients: Vec<Part>,
}

impl Lab {
    /// Starts the processes. Those of `server` call [`part::be_server`](super::part::be_server), those of `client`
    /// [`part::be_clients`](super::part::be_clients).
    ///
    /// # Errors
    ///
    /// [`LabError::Start`]; [`LabError::Failed`] if a server cannot listen.
    pub fn start(plan: Plan, server: &Program, client: &Program) -> Result<Self, LabError> {
        let mut address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut servers = Vec::new();
        for _ in 0..plan.servers {
            let mut part = Part::start(server)?;
            let shared = plan.servers > 1;
            part.order(&Order::Listen {
                port: address.port(),
                shared,
            })?;
            // The first server's port is the port of all.
            if let Report::Listening(listening) = part.report()? {
                address = listening;
            }
            servers.push(part);
        }
        let clients = (0..plan.clients)
            .map(|_| Part::start(client))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            plan,
            address,
            servers: Servers(servers),
            clients,
        })
    }

    /// Where the servers listen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens a few connections, echoes on them and closes them, so that what each process needs once is there before
    /// anything is measured.
    ///
    /// # Errors
    ///
    /// As [`Lab::open`] and [`Lab::echo`].
    pub fn warm_up(&mut self) -> Result<(), LabError> {
        let few = self.plan.connections.min(8 * self.plan.servers);
        self.open(few, |_, _| {})?;
        self.roll_call(few)?;
        self.close()
    }

    /// Opens `count` connections as fast as possible. `progress` hears how many there are, and may look at the servers.
    ///
    /// # Errors
    ///
    /// [`LabError::Failed`] if the server refuses or ports give out, [`LabError::Gone`] if a process ended.
    pub fn open(
        &mut self,
        count: usize,
        mut progress: impl FnMut(usize, &Servers),
    ) -> Result<Opening, LabError> {
        let dropped_before = memory::dropped_callers();
        let begin = Instant::now();
        let of_each = self.plan.connections.div_ceil(self.plan.clients);
        for (number, client) in self.clients.iter_mut().enumerate() {
            client.order(&Order::Open {
                server: self.address,
                first: number * of_each,
                count: self.plan.share(count, number),
            })?;
        }
        let mut latencies = Latencies::default();
        let mut open = vec![0; self.clients.len()];
        let mut at_work: Vec<usize> = (0..self.clients.len()).collect();
        while !at_work.is_empty() {
            let mut still = Vec::new();
            for number in at_work {
                match self.clients[number].report()? {
                    Report::Opened(more) => {
                        open[number] = self.plan.share(count, number);
                        latencies.merge(&more);
                    }
                    Report::Opening(count) => {
                        open[number] = count;
                        still.push(number);
                    }
                    other => return Err(unexpected(&other)),
                }
                progress(open.iter().sum(), &self.servers);
            }
            at_work = still;
        }
        let took = begin.elapsed();
        let dropped = memory::dropped_callers()
            .zip(dropped_before)
            .map(|(now, before)| now - before);
        Ok(Opening {
            took,
            latencies,
            dropped,
        })
    }

    /// One message on each of the first `count` connections, and its echo: proof that the server holds them.
    ///
    /// # Errors
    ///
    /// As [`Lab::echo`].
    pub fn roll_call(&mut self, count: usize) -> Result<(), LabError> {
        let load = Load {
            active: count,
            size: 64,
            depth: 1,
        };
        self.echo(load, Duration::ZERO).map(|_| ())
    }

    /// Echoes for `period`, and returns how long each echo took.
    ///
    /// # Errors
    ///
    /// [`LabError::Failed`] if the server drops a connection or falls silent, [`LabError::Gone`] if a process ended.
    pub fn echo(&mut self, load: Load, period: Duration) -> Result<Latencies, LabError> {
        let milliseconds = u64::try_from(period.as_millis()).unwrap_or(u64::MAX);
        for (number, client) in self.clients.iter_mut().enumerate() {
            let active = self.plan.share(load.active, number);
            let load = Load { active, ..load };
            client.order(&Order::Echo { load, milliseconds })?;
        }
        let mut latencies = Latencies::default();
        for client in &mut self.clients {
            match client.report()? {
                Report::Echoed(more) => latencies.merge(&more),
                other => return Err(unexpected(&other)),
            }
        }
        Ok(latencies)
    }

    /// Ends all connections.
    ///
    /// # Errors
    ///
    /// [`LabError::Gone`] if a process ended.
    pub fn close(&mut self) -> Result<(), LabError> {
        for client in &mut self.clients {
            client.order(&Order::Close)?;
        }
        for client in &mut self.clients {
            client.report()?;
        }
        Ok(())
    }

    /// The processes that serve.
    #[must_use]
    pub fn servers(&self) -> &Servers {
        &self.servers
    }
}

/// The processes that serve, seen from outside.
#[derive(Debug)]
pub struct Servers(Vec<Part>);

impl Servers {
    /// What they, and the kernel of this machine, use now.
    #[must_use]
    pub fn memory(&self) -> Memory {
        Memory {
            user: self.sum(memory::of_process),
            kernel: memory::of_kernel(),
        }
    }

    /// All of them that is in memory, program code included, in bytes. What they share with each other or with other
    /// processes is divided among these, so nothing is counted twice.
    #[must_use]
    pub fn proportional(&self) -> Option<u64> {
        self.sum(memory::proportional)
    }

    /// The same, with what they share counted for each of them.
    #[must_use]
    pub fn resident(&self) -> Option<u64> {
        self.sum(memory::resident)
    }

    /// The time for which they have had a processor.
    #[must_use]
    pub fn processor_time(&self) -> Option<Duration> {
        self.sum(memory::processor_time)
    }

    fn sum<T: Sum>(&self, ask: fn(u32) -> Option<T>) -> Option<T> {
        self.0.iter().map(|server| ask(server.id())).sum()
    }
}

fn unexpected(report: &Report) -> LabError {
    LabError::Failed(format!(
        "a process of the lab gave another answer than was asked for: {report:?}"
    ))
}
