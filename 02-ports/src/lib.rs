//! Step 2 of the course: what a port is, and which one a URL means without saying so.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`endpoint`] | host, port and path of a URL or of `host:port`, with the hidden port brought to light |

#![forbid(unsafe_code)]

pub mod endpoint;

pub use endpoint::{Endpoint, EndpointError, default_port};
