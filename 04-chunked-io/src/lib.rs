//! Step 4 of the course: one call may move less than you asked, so repeat until it is done.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`send`] | [`send_all`]: repeat `send` until every byte has left |
//! | [`pull`] | [`pull_exact`], [`pull_until`], [`pull_to_end`]: repeat `pull` until a message is whole |
//! | [`adapter`] | [`IoStream`]: every stream must loop, so the same loops for files and pipes |
//! | [`framing`] | how messages are found again in a stream that has no boundaries |
//! | [`arrivals`] | the sizes in which a stream really arrives |
//! | [`mtu`] | into how many packets a number of bytes is cut, and what the headers cost |
//! | [`mtu_lab`] | a path with a narrow link in its middle: discovery, the black hole and the rescue |
//! | [`path`] | the path's MTU and the connection's MSS, as the system tells them |
//! | [`transfer`] | a file goes over: named, moved, verified, stored or resumed |
//! | [`event_loop`] | [`EventLoop`]: ten thousand connections on one thread |
//! | [`c10k`] | ten thousand connections at once, and what each costs |
//! | [`error`] | what went wrong, and how many bytes had moved by then |

#![forbid(unsafe_code)]

pub mod adapter;
pub mod arrivals;
pub mod c10k;
pub mod error;
pub mod event_loop;
pub mod framing;
pub mod mtu;
pub mod mtu_lab;
pub mod path;
pub mod pull;
pub mod send;
pub mod transfer;

pub use adapter::IoStream;
pub use error::Error;
pub use event_loop::{EventLoop, Protocol};
pub use path::PathFacts;
pub use pull::{pull_exact, pull_to_end, pull_until};
pub use send::send_all;
pub use transfer::{OutgoingFile, Progress, TransferError, Transferred, receive_file, send_file};
