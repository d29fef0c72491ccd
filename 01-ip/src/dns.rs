//! DNS: asking for what stands under a name.
//!
//! [`resolve`](crate::resolve()) asks the operating system, which answers with addresses and tells no more. Here the
//! DNS is asked itself, by hickory-resolver (which was called trust-dns-resolver until 2023; the old name is
//! unmaintained, RUSTSEC-2025-0017). So one sees which records stand there and for how long, which server was
//! asked, and which of the many failures it was.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`look_up`](mod@look_up) | one question, one deadline; the only place with an async runtime |
//! | [`record`] | what stands under a name |
//! | [`trace`] | who was asked, when, and what came back |
//! | [`failure`] | name unknown, nothing of this kind, refused, silent, no server: five different things |

pub mod failure;
pub mod look_up;
pub mod record;
pub mod trace;

pub use failure::DnsError;
pub use look_up::{Answer, Question, configured_servers, look_up};
pub use record::{Record, RecordKind};
pub use trace::{Event, Happening};
