//! Step 2 of the course: what a port is, and which one a URL means without saying so.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`port`] | a port is a 16-bit number, and nothing else |
//! | [`range`] | system, user and dynamic ports (RFC 6335) |
//! | [`service`] | the names of ports, both ways, who says so, and what became of them |
//! | [`scheme`] | the default ports of URL schemes |
//! | [`host`] | a name or an address in its normal form |
//! | [`endpoint`] | host, port and path of a URL or of `host:port`, with the hidden port brought to light |
//! | [`ssh`] | the same for a command: `ssh HOST -p PORT` |
//! | [`machine`] | the ports that this machine lends to clients, guards and keeps back |
//! | [`socket_table`] | who listens here, and which connections hold a port |
//! | [`reach`] | from where a server can be reached: a question about its address |
//! | [`conflict`] | the same port twice: trials with real sockets; [`cause`]: who is in the way |
//! | [`client_ports`] | the four numbers of a connection, and how many a client can have; [`descriptors`] |
//! | [`scan`](mod@scan) | open, closed, filtered: knocking at ports, and at whose; [`port_list`]: which |
//! | [`meaning`] | telling a number, a name and a place apart |

#![forbid(unsafe_code)]

mod authority;
pub mod cause;
pub mod client_ports;
pub mod conflict;
pub mod descriptors;
pub mod endpoint;
pub mod host;
pub mod machine;
pub mod meaning;
pub mod port;
pub mod port_list;
pub mod range;
pub mod reach;
pub mod scan;
pub mod scheme;
pub mod service;
pub mod socket_table;
pub mod ssh;

pub use endpoint::{Endpoint, EndpointError};
pub use machine::Machine;
pub use meaning::{Meaning, MeaningError};
pub use port::{Port, PortError};
pub use range::PortRange;
pub use reach::Reach;
pub use scheme::default_port;
pub use service::{Protocol, Registry, Service};
