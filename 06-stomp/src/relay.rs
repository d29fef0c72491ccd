//! Past one machine: clients come in here, and the broker is another one.
//!
//! One process holds as many clients as it has descriptors and processor for, and when it ends, all of them are gone. Real
//! engines such as RabbitMQ and ActiveMQ run on several machines. A relay stands before one: it speaks TCP, TLS
//! and WebSocket with clients, and for each of them it has *one* TCP connection with the broker. Every octet goes
//! through as it came, in both directions. So acknowledgements, receipts, transactions, durable messages and heart-beats are
//! between client and broker, and mean what they say.
//!
//! A relay that did more would have to lie. If it tried again, a message could arrive twice; if it kept messages while
//! the broker is away, a RECEIPT would no longer say that the broker has them. So it does three things only:
//!
//! - CONNECT is rewritten, if the broker is to see another user or virtual host than the client names.
//! - The client is told, with an ERROR, that the broker does not answer or was lost. It may then connect again.
//! - Whoever does not read makes the other side wait.
//!
//! | module | one idea |
//! | --- | --- |
//! | [`boundary`] | where frames end: only there can anything else be said |
//! | `greeting` | the CONNECT that the broker gets |
//! | `line` | the client's side of a session |
//! | `look_up` | where the broker is now |
//! | `upstream` | the broker's side |
//! | `inbox` | the way from one to the other |
//! | `window` | whoever does not read makes the other side wait |

pub mod boundary;
mod greeting;
mod inbox;
mod line;
mod look_up;
mod upstream;
mod window;

use std::sync::Arc;
use std::time::Duration;

use chunked_io::event_loop::{EventLoop, Handle, Settings, WhenFull};
use ports::Endpoint;

use crate::server::service::{Service, Waker, Wire};
use crate::{Error, Limits, ServerOptions};
use inbox::Inbox;
use line::RelayLine;
use look_up::LookUp;
use upstream::{ToUpstream, Upstream};
use window::WINDOW;

/// Which broker, and as whom.
#[derive(Debug, Clone)]
pub struct RelayOptions {
    /// Where the broker speaks STOMP over TCP. Its name is looked up for each session: it may move.
    pub broker: Endpoint,
    /// The user's name that the broker sees; `None` leaves the client's own.
    pub login: Option<String>,
    /// The password that the broker sees; `None` leaves the client's own.
    pub passcode: Option<String>,
    /// The virtual host that the broker sees; `None` leaves the client's own.
    pub host: Option<String>,
    /// How long the broker may take to answer a call.
    pub answer_time: Duration,
}

impl RelayOptions {
    /// A relay to this broker, which leaves CONNECT as it is.
    #[must_use]
    pub fn new(broker: Endpoint) -> Self {
        Self {
            broker,
            login: None,
            passcode: None,
            host: None,
            answer_time: Duration::from_secs(5),
        }
    }
}

/// The way to the broker, for all clients.
pub(crate) struct Relay {
    options: RelayOptions,
    look_up: LookUp,
    limits: Limits,
    closing_time: Duration,
    upstreams: EventLoop<ToUpstream>,
}

impl Relay {
    pub(crate) fn start(options: &RelayOptions, server: &ServerOptions) -> Result<Arc<Self>, Error> {
        let (broker, patience) = (options.broker.clone(), options.answer_time);
        let resolve = move || ip::resolve(broker.host(), broker.port(), patience);
        // A name that was mistyped is to be known before anybody calls.
        resolve().map_err(tcp_socket::Error::from)?;
        let settings = Settings {
            threads: 1,
            // The windows keep the queues far below this.
            queue_limit: 4 * WINDOW,
            when_full: WhenFull::Pause,
            closing_time: server.closing_time,
            ..Settings::default()
        };
        Ok(Arc::new(Self {
            options: options.clone(),
            look_up: LookUp::start(move || resolve().unwrap_or_default()),
            limits: server.session.limits.clone(),
            closing_time: server.closing_time,
            upstreams: EventLoop::outgoing(settings, |_| Upstream::default())?,
        }))
    }

    fn upstreams(&self) -> &Handle<ToUpstream> {
        self.upstreams.handle()
    }
}

impl Service for Relay {
    type Line = RelayLine;

    fn open(self: &Arc<Self>, waker: Waker, wire: &mut impl Wire) -> RelayLine {
        RelayLine::new(self, Inbox::new(waker), wire)
    }
}
