//! The clients: each hears all events in its own way.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use tcp_socket::http::ResponseHead;
use tcp_socket::{Listener, TcpSocket};

use crate::news::{News, SIZE};
use crate::server;
use crate::wire::{Bill, Wire};

/// A step is a tenth of the time between two events.
const STEPS: u32 = 10;

/// How to hear of an event.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// Ask every so many steps.
    Polling { steps: u32, pause: Duration },
    /// Ask once for each event; the answer waits for it.
    LongPolling,
    /// Ask once for all.
    ServerSentEvents,
    /// Connect.
    Socket,
}

impl Way {
    pub(crate) fn all(every: Duration) -> [Self; 5] {
        let polling = |steps| Self::Polling {
            steps,
            pause: every * steps / STEPS,
        };
        [
            polling(STEPS),
            polling(1),
            Self::LongPolling,
            Self::ServerSentEvents,
            Self::Socket,
        ]
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Polling { pause, .. } => write!(f, "polling every {pause:?}"),
            Self::LongPolling => f.write_str("long polling"),
            Self::ServerSentEvents => f.write_str("server-sent events"),
            Self::Socket => f.write_str("a socket"),
        }
    }
}

type Heard = Result<(usize, Vec<Duration>), Box<dyn Error + Send + Sync>>;

/// Publishes the events, hears them all, and makes a line of the table of it.
pub(crate) fn hear_all(
    way: Way,
    events: usize,
    every: Duration,
) -> Result<String, Box<dyn Error + Send + Sync>> {
    let news = Arc::new(News::default());
    let listener = Listener::bind_address(([127, 0, 0, 1], 0).into())?;
    let server = listener.local_address();
    let bill = match way {
        Way::Socket => server::start_socket(listener, &news),
        _ => server::start(listener, &news),
    };
    let client = Client {
        wire: Wire::new(
            TcpSocket::connect_address(server, Duration::from_secs(5))?,
            Arc::clone(&bill),
        )?,
        server,
        news: Arc::clone(&news),
    };
    let (requests, delays) = match way {
        Way::Polling { steps, .. } => client.poll(events, every / STEPS, steps)?,
        _ => {
            thread::spawn(move || publish(&news, events, every / STEPS));
            match way {
                Way::LongPolling => client.poll_and_wait(events)?,
                Way::ServerSentEvents => client.listen_to_stream(events)?,
                _ => client.listen(events)?,
            }
        }
    };
    Ok(line(way, requests, &bill, delays))
}

/// The step of its period in which an event happens: now early, now late, so that nobody can be lucky.
fn moment(event: usize) -> usize {
    event * 7 % STEPS as usize
}

fn publish(news: &News, events: usize, step: Duration) {
    for event in 0..events {
        for now in 0..STEPS as usize {
            if now == moment(event) {
                news.publish();
            }
            thread::sleep(step);
        }
    }
}

struct Client {
    wire: Wire,
    server: SocketAddr,
    news: Arc<News>,
}

impl Client {
    /// Publishes and asks in turn, on one thread: so the count of requests does not depend on the machine's mood.
    fn poll(&self, events: usize, step: Duration, steps: u32) -> Heard {
        let (mut requests, mut delays) = (0, Vec::new());
        for now in 0..events * STEPS as usize {
            if now % STEPS as usize == moment(now / STEPS as usize) {
                self.news.publish();
            }
            thread::sleep(step);
            if (now + 1) % steps as usize == 0 {
                let known = delays.len();
                let answer = self.get(&format!("/events?after={known}"))?;
                requests += 1;
                delays.extend((known..known + answer.len() / SIZE).map(|event| self.news.age(event)));
            }
        }
        Ok((requests, delays))
    }

    fn poll_and_wait(&self, events: usize) -> Heard {
        let mut delays = Vec::new();
        for known in 0..events {
            self.get(&format!("/next?after={known}"))?;
            delays.push(self.news.age(known));
        }
        Ok((events, delays))
    }

    fn listen_to_stream(&self, events: usize) -> Heard {
        self.request("/stream")?;
        self.wire.hear_head()?;
        self.hear_pieces(events, "data: ".len() + SIZE + "\n\n".len(), 1)
    }

    fn listen(&self, events: usize) -> Heard {
        self.hear_pieces(events, SIZE, 0)
    }

    fn hear_pieces(&self, events: usize, size: usize, requests: usize) -> Heard {
        let mut delays = Vec::new();
        for event in 0..events {
            self.wire.hear(size)?;
            delays.push(self.news.age(event));
        }
        Ok((requests, delays))
    }

    fn request(&self, target: &str) -> Result<(), tcp_socket::Error> {
        let server = self.server;
        self.wire
            .say(&format!("GET {target} HTTP/1.1\r\nHost: {server}\r\n\r\n"))
    }

    /// One request, and its answer's text.
    fn get(&self, target: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
        self.request(target)?;
        let head = ResponseHead::parse(&self.wire.hear_head()?)?;
        let length = head.headers.get("Content-Length").unwrap_or("0").parse()?;
        Ok(self.wire.hear(length)?)
    }
}

fn line(way: Way, requests: usize, bill: &Bill, mut delays: Vec<Duration>) -> String {
    delays.sort();
    let median = delays[delays.len() / 2].as_secs_f64() * 1000.0;
    let bytes = bill.bytes.load(Ordering::Relaxed);
    let segments = bill.segments.load(Ordering::Relaxed);
    let an_event = bytes / delays.len();
    format!(
        "{:24}{requests:>9}{bytes:>8}{an_event:>10}{segments:>10}{:>14}",
        way.to_string(),
        format!("{median:.1} ms")
    )
}
