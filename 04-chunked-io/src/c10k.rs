//! Ten thousand connections at once: the question of Dan Kegel's "C10K problem", put to real sockets.
//!
//! A server in a process of its own, a crowd of clients in others, and the numbers that tell engines apart: what a
//! connection costs in memory, how long it waits to be let in, and how many echoes come back how fast.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`engine`] | the servers to compare: a thread a connection, the event loop, tokio |
//! | [`clients`] | the clients of one process |
//! | [`latency`] | counts of how long answers took, and their percentiles |
//! | [`memory`] | what a process and the kernel use |
//! | [`plan`] | how many processes it takes, with the descriptors that each may have |
//! | [`part`] | one of those processes: it takes orders on its standard input, and reports on its output |
//! | [`lab`] | all of them together |

pub mod clients;
pub mod engine;
pub mod lab;
pub mod latency;
pub mod memory;
pub mod part;
pub mod plan;

pub use clients::{Clients, ClientsError, Load};
pub use engine::Engine;
pub use lab::{Lab, LabError, Opening};
pub use latency::Latencies;
pub use part::Program;
pub use plan::Plan;
