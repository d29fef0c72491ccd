//! Step 6 of the course: publish and subscribe, with STOMP 1.0, 1.1 and 1.2.
//!
//! STOMP is the Simple (or Streaming) Text Oriented Messaging Protocol. One side of it is a text that can be typed
//! by hand, the other a broker that brings each message from whoever sends to whoever subscribed.
//!
//! The protocol, which does no I/O:
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`frame`] | a command, headers and a body |
//! | [`version`] | three versions, and how both sides agree on one |
//! | [`escape`] | how a header carries the octets that would end it |
//! | [`codec`] | between a frame and its octets, however those are cut |
//! | [`limits`] | how much a peer may ask for |
//! | [`heart_beat`] | how each side knows that the other is still there |
//! | [`session`] | the server's side of one connection: octets in, orders out |
//! | [`transactions`] | all of it, or nothing |
//! | [`request`] | what a session asks of the broker, and what the broker answers |
//! | [`destination`] | topics, queues and wildcards |
//! | [`message`] | a message, and its delivery to each subscriber |
//! | [`broker`] | the one owner of all destinations |
//! | [`users`] | who may connect, and what each may read and write |
//! | [`store`] | what a broker has promised to keep, on a disk |
//! | [`fan`] | messages for many, encoded once |
//! | [`fault`] | what a client can do wrong, and what its ERROR frame says |
//! | [`client`] | the client's side of one connection: frames in, octets out |
//! | [`output`] | what waits to be written |
//! | [`figure`] | a frame drawn octet by octet |
//!
//! And what brings it to life:
//!
//! | module | what it teaches |
//! | --- | --- |
//! | [`server`] | the broker on real sockets: event loops for TCP and WebSocket, with TLS or without |
//! | [`relay`] | past one machine: clients come in here, and the broker is another one |
//! | [`blocking`] | [`Client`]: connect, subscribe, send, one call each |
//! | [`quotes`] | simulated prices, with a seed |
//! | [`chat`] | a room is a topic |
//! | [`reconnect`] | calling a lost broker again, not all at once |
//! | [`error`] | what can go wrong between a program and a broker |

#![forbid(unsafe_code)]

pub mod blocking;
pub mod broker;
pub mod chat;
pub mod client;
pub mod codec;
pub mod destination;
pub mod error;
pub mod escape;
pub mod fan;
pub mod fault;
pub mod figure;
pub mod frame;
pub mod heart_beat;
pub mod limits;
pub mod message;
pub mod output;
pub mod quotes;
pub mod reconnect;
pub mod relay;
pub mod request;
pub mod server;
pub mod session;
pub mod store;
pub mod transactions;
mod transport;
pub mod users;
pub mod version;

pub use blocking::{Changes, Client, ClientOptions, Subscription, Transaction};
pub use broker::{Broker, BrokerOptions, ConnectionId, Replies};
pub use codec::{DecodeError, Decoder, EncodeError, encode};
pub use destination::{Destination, DestinationError};
pub use error::Error;
pub use fan::Fan;
pub use fault::Fault;
pub use frame::{Command, Frame, Headers};
pub use heart_beat::HeartBeat;
pub use limits::Limits;
pub use message::{Delivery, Message};
pub use output::Output;
pub use reconnect::{Change, Reconnect};
pub use relay::RelayOptions;
pub use request::{AckMode, Order, Reply, Request};
pub use server::{Counts, LoopbackUrls, Server, ServerOptions, SlowSubscriber};
pub use session::{Session, SessionOptions};
pub use store::{Store, StoreError};
pub use users::{User, Users, UsersError};
pub use version::Version;
