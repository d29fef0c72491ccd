//! Step 1 of the course: what an IP address is, and how a name becomes one.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`resolve`] | a name, and the addresses that the operating system knows for it |

#![forbid(unsafe_code)]

pub mod resolve;

pub use resolve::{ResolveError, resolve};
