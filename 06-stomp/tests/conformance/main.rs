//! Every MUST and SHOULD of the three specifications that a server can keep or break, in raw frames, named by section
//! and run over both transports.
//!
//! Against another broker than ours: `CONFORMANCE_TCP=stomp://HOST:PORT CONFORMANCE_WS=ws://HOST:PORT/PATH cargo test -p stomp
//! --test conformance`. `rabbitmq.txt` lists where RabbitMQ differs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

/// Each case becomes a test over TCP and a test over WebSocket, with a broker of its own.
macro_rules! cases {
    ($($(#[$doc:meta])* fn $name:ident($broker:ident) $body:block)*) => {
        $(
            $(#[$doc])*
            mod $name {
                #[allow(unused_imports, reason = "not every case needs all of it")]
                use super::*;

                fn case($broker: &crate::common::Broker) $body

                #[test]
                fn over_tcp() {
                    case(&crate::broker(crate::common::Transport::Tcp));
                }

                #[test]
                fn over_web_socket() {
                    case(&crate::broker(crate::common::Transport::WebSocket));
                }
            }
        )*
    };
}

mod v1_0;
mod v1_1;
mod v1_2_client_frames;
mod v1_2_connecting;
mod v1_2_frames;
mod v1_2_server_frames;

/// A broker with small limits, so that a test can reach them, and quick heart-beats. (Or somebody else's.)
fn broker(transport: common::Transport) -> common::Broker {
    if let Some(broker) = common::Broker::of_others(transport) {
        return broker;
    }
    let mut options = stomp::ServerOptions::default();
    let limits = &mut options.session.limits;
    (limits.headers, limits.head_bytes, limits.body_bytes) = (20, 4 * 1024, 64 * 1024);
    limits.connect_time = std::time::Duration::from_millis(200);
    options.session.heart_beat = stomp::HeartBeat {
        can: std::time::Duration::from_millis(40),
        wants: std::time::Duration::from_millis(40),
    };
    common::Broker::start(transport, options)
}
