//! Step 5 of the course: a stream of bytes becomes messages in both directions (RFC 6455).
//!
//! The protocol does no I/O: it owns no socket, no thread and no clock. Bytes go in and events come out, commands
//! go in and bytes come out, and one machine plays both roles. Around it stands a thin blocking shell.
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`url`] | `ws://` and `wss://`: where a connection leads |
//! | [`http`] | the head of an HTTP message, read within a bound |
//! | [`handshake`] | the opening handshake: an HTTP request that asks to leave HTTP, and the answer |
//! | [`refusal`] | why a server says no, in HTTP |
//! | [`resource`] | a page, its script, a few numbers, for whoever asks for them at the same port |
//! | [`extension`] | the grammar of extensions in the handshake |
//! | [`frame`] | the header of a frame, bit by bit |
//! | [`figure`] | a frame as the RFC draws it, with its own bits |
//! | [`mask`] | why and how a client scrambles what it sends |
//! | [`message`] | messages out of frames, text checked as it comes |
//! | [`prepared`] | one message for many connections, encoded once |
//! | [`close`] | the closing handshake: codes and reasons |
//! | [`deflate`] | permessage-deflate: messages compressed (RFC 7692) |
//! | [`violation`] | every way to break the protocol, with its close code and section |
//! | [`connection`] | the state machine of one connection, for both roles |
//! | [`tls`] | the same stream of bytes, encrypted, with a server that proves who it is |
//! | [`wire`] | TCP, or TLS on it: what carries the bytes |
//! | [`ConnectOptions`] | the client's side of the opening: proxy, TLS, login, redirects |
//! | [`AcceptOptions`] | the server's side of it: who may, and who not |
//! | [`web_socket`] | a connection on a socket: blocking `send` and `recv`, and two halves for two threads |
//! | [`delegate`], [`callbacks`] | the styles of two well-known libraries: a thread in the background that calls you |
//! | [`server`] | a thread a connection |
//! | [`event_server`] | thousands of connections on one thread |
//! | [`load`] | many connections that ask much of a server, and a clock |
//! | [`error`] | what can go wrong with a connection, told apart |

#![forbid(unsafe_code)]

mod accept;
pub mod callbacks;
pub mod close;
mod connect;
pub mod connection;
pub mod deflate;
pub mod delegate;
pub mod error;
pub mod event_server;
pub mod extension;
pub mod figure;
pub mod frame;
pub mod handshake;
pub mod http;
pub mod load;
pub mod mask;
pub mod message;
pub mod prepared;
pub mod refusal;
pub mod resource;
pub mod server;
mod storage;
pub mod tls;
pub mod url;
pub mod violation;
pub mod web_socket;
pub mod wire;

pub use accept::AcceptOptions;
pub use close::{Close, CloseCode};
pub use connect::{ConnectOptions, Login};
pub use connection::{Connection, Event, Options, Role};
pub use error::Error;
pub use event_server::EventServer;
pub use handshake::accept_key;
pub use message::{Kind, Message};
pub use prepared::Prepared;
pub use refusal::Refusal;
pub use resource::Resource;
pub use server::serve;
pub use violation::Violation;
pub use web_socket::{Receiver, Sender, SocketOptions, WebSocket};
pub use wire::Wire;
