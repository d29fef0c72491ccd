//! Step 4 of the course: one call may move less than you asked, so repeat until it is done.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`send`] | [`send_all`]: repeat `send` until every byte has left |
//! | [`pull`] | [`pull_exact`], [`pull_until`], [`pull_to_end`]: repeat `pull` until a message is whole |
//! | [`error`] | what went wrong, and how many bytes had moved by then |

#![forbid(unsafe_code)]

pub mod error;
pub mod pull;
pub mod send;

pub use error::Error;
pub use pull::{pull_exact, pull_to_end, pull_until};
pub use send::send_all;
