//! DDNS: a name whose address changes while you watch, and how long the world remembers the old one.

mod client;
mod server;
mod tsig;

use std::cell::Cell;
use std::error::Error;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::{Resolver, TokioResolver};

use ip::dns::{Question, RecordKind, look_up};

use client::Update;
use server::{Zone, now};
use tsig::Key;

/// For how many seconds an answer may be remembered.
const TTL: u32 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    show(&mut io::stdout().lock())
}

pub(crate) fn show(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let zone = Name::from_ascii("home.test.")?;
    let key = Key::new("camera-key.", "known to the camera and to the server")?;
    let questions = Arc::new(AtomicUsize::new(0));
    let server = Zone::new(&zone, key.clone(), Arc::clone(&questions)).serve()?;
    writeln!(
        out,
        "{zone} is served on {server}; its answers may be remembered for {TTL} s\n"
    )?;

    let name = Name::from_ascii("camera.home.test.")?;
    let at = |address: [u8; 4]| Update {
        zone: zone.clone(),
        name: name.clone(),
        address: address.into(),
        ttl: TTL,
    };
    writeln!(
        out,
        "the camera is at 192.0.2.10, and says so with an update (RFC 2136):"
    )?;
    writeln!(
        out,
        "  its own key       {}",
        at([192, 0, 2, 10]).send(server, &key, now())?
    )?;
    let world = World::new(server, name.clone(), questions)?;
    let (old, first) = (world.ask(out)?, Instant::now());
    world.ask(out)?;

    let thief = at([203, 0, 113, 66]);
    writeln!(
        out,
        "\na thief would like to be the camera, at 203.0.113.66 (RFC 8945):"
    )?;
    let unknown = Key::new("thief-key.", "nobody knows this one")?;
    writeln!(
        out,
        "  a key of his own  {}",
        thief.send(server, &unknown, now())?
    )?;
    let guessed = Key::new("camera-key.", "a guess")?;
    writeln!(
        out,
        "  a guessed secret  {}",
        thief.send(server, &guessed, now())?
    )?;
    let an_hour_ago = now().saturating_sub(3600);
    writeln!(
        out,
        "  an old recording  {}",
        at([192, 0, 2, 1]).send(server, &key, an_hour_ago)?
    )?;
    world.ask_the_server(out)?;

    writeln!(out, "\nthe camera moves to 198.51.100.20:")?;
    writeln!(
        out,
        "  its own key       {}",
        at([198, 51, 100, 20]).send(server, &key, now())?
    )?;
    world.ask_the_server(out)?;
    world.ask(out)?;
    world.wait_for_another_than(old)?;
    writeln!(
        out,
        "\n{:.1} s after the first question:",
        first.elapsed().as_secs_f64()
    )?;
    world.ask(out)?;
    Ok(())
}

/// Somebody far away, with a resolver that remembers.
struct World {
    runtime: tokio::runtime::Runtime,
    resolver: TokioResolver,
    server: SocketAddr,
    name: Name,
    /// How many questions have reached the server, and how many of them have been told about.
    questions: Arc<AtomicUsize>,
    told: Cell<usize>,
}

impl World {
    fn new(server: SocketAddr, name: Name, questions: Arc<AtomicUsize>) -> Result<Self, Box<dyn Error>> {
        let mut connection = ConnectionConfig::udp();
        connection.port = server.port();
        let servers = vec![NameServerConfig::new(server.ip(), true, vec![connection])];
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let resolver = Resolver::builder_with_config(config, TokioRuntimeProvider::default()).build()?;
        Ok(Self {
            runtime,
            resolver,
            server,
            name,
            questions,
            told: Cell::new(0),
        })
    }

    /// Where is the camera? Tells also whether the server had to be asked since the last time.
    fn ask(&self, out: &mut dyn Write) -> Result<IpAddr, Box<dyn Error>> {
        let address = self.look_up()?;
        let asked = self.questions.load(Ordering::Relaxed);
        let whence = match asked - self.told.replace(asked) {
            0 => "remembered: nobody was asked",
            _ => "the server was asked",
        };
        writeln!(out, "  the world sees    {address:<13}  {whence}")?;
        Ok(address)
    }

    /// Asks past the memory, as `01-ip dns NAME --server SERVER` does.
    fn ask_the_server(&self, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
        let timeout = Duration::from_secs(5);
        let question = Question {
            name: self.name.to_string(),
            kind: RecordKind::A,
            server: Some(self.server),
            timeout,
        };
        let records = look_up(&question).records?;
        self.told.set(self.questions.load(Ordering::Relaxed));
        let addresses: Vec<&str> = records.iter().map(|record| record.data.as_str()).collect();
        writeln!(out, "  the server says   {}", addresses.join(" and "))?;
        Ok(())
    }

    fn look_up(&self) -> Result<IpAddr, Box<dyn Error>> {
        let found = self
            .runtime
            .block_on(self.resolver.ipv4_lookup(self.name.clone()))?;
        let address = found.answers().iter().find_map(|record| record.data.ip_addr());
        address.ok_or_else(|| format!("{} has no address", self.name).into())
    }

    fn wait_for_another_than(&self, old: IpAddr) -> Result<(), Box<dyn Error>> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.look_up()? == old {
            if Instant::now() > deadline {
                return Err(
                    format!("{} is still at {old}, though its time to live is over", self.name).into(),
                );
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}
