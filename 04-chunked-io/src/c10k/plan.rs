//! How many processes it takes to hold so many connections.

use crate::c10k::Engine;

/// What a process has open besides its connections: standard streams, a listener, the poller.
const RESERVE: usize = 64;

/// With more processes than this the answer is another limit, not another process.
const MOST_PROCESSES: usize = 12;

/// A process with a thread for each connection ends at some 16,000 of them on Linux: each takes four of the 65,530
/// pieces of memory that a process may have (`vm.max_map_count`), and then the next thread cannot begin.
const THREADS: usize = 14_000;

/// The processes of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many connections are to be held.
    pub connections: usize,
    /// The processes that serve. More than one share a port, and the kernel deals the callers out to them.
    pub servers: usize,
    /// The processes that call.
    pub clients: usize,
}

/// There are not enough descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{connections} connections take as many descriptors in the server and again in the clients, and a process may have \
     {limit} here; raise the limit (`ulimit -n`), or ask for {possible} connections or fewer"
)]
pub struct TooFewDescriptors {
    /// How many were asked for.
    pub connections: usize,
    /// What one process may have open.
    pub limit: usize,
    /// How many could be held with that.
    pub possible: usize,
}

impl Plan {
    /// Divides the connections among processes that may have `limit` descriptors each.
    ///
    /// # Errors
    ///
    /// [`TooFewDescriptors`] says how many connections could be held.
    pub fn new(connections: usize, engine: Engine, limit: usize) -> Result<Self, TooFewDescriptors> {
        let a_client = limit.saturating_sub(RESERVE);
        let a_server = match engine {
            Engine::Threads => a_client.min(THREADS),
            Engine::EventLoop | Engine::Tokio => a_client,
        };
        // The kernel deals by chance, so some of several servers get more than their share.
        let a_sharer = a_server - a_server / 10;
        let possible = if cfg!(target_os = "linux") {
            a_sharer * MOST_PROCESSES
        } else {
            a_server
        };
        if connections > possible {
            return Err(TooFewDescriptors {
                connections,
                limit,
                possible,
            });
        }
        let servers = if connections <= a_server {
            1
        } else {
            connections.div_ceil(a_sharer)
        };
        let clients = connections.div_ceil(a_client.max(1)).max(1);
        Ok(Self {
            connections,
            servers,
            clients,
        })
    }

    /// The share of `total` that the client with this number takes.
    pub(super) fn share(&self, total: usize, client: usize) -> usize {
        total / self.clients + usize::from(client < total % self.clients)
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, TooFewDescriptors};
    use crate::c10k::Engine;

    fn processes(connections: usize, engine: Engine) -> (usize, usize) {
        let plan = Plan::new(connections, engine, 20_000).unwrap();
        (plan.servers, plan.clients)
    }

    #[test]
    fn one_process_a_side_does_until_its_descriptors_end() {
        assert_eq!(processes(1, Engine::EventLoop), (1, 1));
        assert_eq!(processes(19_936, Engine::EventLoop), (1, 1));
        #[cfg(target_os = "linux")]
        assert_eq!(processes(100_000, Engine::EventLoop), (6, 6));
        #[cfg(target_os = "linux")]
        assert_eq!(processes(18_000, Engine::Threads), (2, 1));
    }

    #[test]
    fn too_few_descriptors_are_counted() {
        let TooFewDescriptors { possible, .. } = Plan::new(10_000, Engine::EventLoop, 256).unwrap_err();
        assert!(Plan::new(possible, Engine::EventLoop, 256).is_ok());
        assert!(Plan::new(possible + 1, Engine::EventLoop, 256).is_err());
        assert!(Plan::new(1, Engine::EventLoop, 3).is_err());
    }

    #[test]
    fn the_clients_shares_are_the_whole() {
        for total in [0, 1, 5, 6, 100_000] {
            let plan = Plan {
                connections: total,
                servers: 1,
                clients: 6,
            };
            assert_eq!(
                (0..6).map(|client| plan.share(total, client)).sum::<usize>(),
                total
            );
        }
    }
}
