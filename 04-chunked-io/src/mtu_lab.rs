//! A path whose narrowest link lies in its middle, on one machine (Linux, as root).
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`network`] | three machines in a row, each a network namespace, and a link in the middle that carries less |
//! | [`scene`] | path MTU discovery, the black hole that follows if its messages are dropped, and two ways out |
//! | [`ends`] | the sender and the receiver, each a process in a namespace of its own |
//! | [`error`] | what the lab needs, and what can go wrong with it |
//!
//! ```text
//! sender  --- 1500 ---  router  --- 576 ---  receiver
//! ```
//!
//! Neither end is told of the narrow link: the sender has to find out, packet by packet (RFC 1191, RFC 8201).

pub mod ends;
pub mod error;
pub mod network;
pub mod scene;

pub use error::LabError;
pub use network::Network;
pub use scene::{Scene, Seen, play};
