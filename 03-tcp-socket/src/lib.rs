//! Step 3 of the course: a TCP socket, and the three calls that it lives by.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`deadline`] | how long an operation may take, from its first call to its last |
//! | [`stream`] | what every stream of bytes can do: `send` some, `pull` some |
//! | [`socket`] | [`TcpSocket`]: connect, send and pull, one system call each |
//! | [`options`] | when small pieces leave, what closing does, who notices that the peer has vanished |
//! | [`happy_eyeballs`] | which of a name's addresses to try, and when (RFC 8305) |
//! | [`listener`] | [`Listener`]: the server's end, which waits for callers |
//! | [`trace`] | [`Traced`]: the conversation as it happens, a line for each call |
//! | [`script`] | [`ScriptedPeer`]: a peer that misbehaves on demand, for tests and exercises |
//! | [`http`] | the head of an HTTP message, for what stands on sockets without being one |
//! | [`tunnel`] | a CONNECT proxy, and a client that goes through it |
//! | [`crowd`] | a thread for each connection, and how far that goes |
//! | [`limits`] | what a server runs out of, how much there is of it here, and how to get more |
//! | [`error`] | everything that can go wrong, told apart |

#![forbid(unsafe_code)]

mod attempts;
pub mod crowd;
pub mod deadline;
pub mod error;
pub mod happy_eyeballs;
pub mod http;
pub mod limits;
pub mod listener;
pub mod options;
pub mod script;
pub mod socket;
pub mod stream;
pub mod trace;
pub mod tunnel;

pub use deadline::Deadline;
pub use error::{Call, Error};
pub use listener::{ListenOptions, Listener};
pub use options::KeepAlive;
pub use script::{LivePeer, ScriptedPeer};
pub use socket::TcpSocket;
pub use stream::Stream;
pub use trace::Traced;
