//! Client ports, shown on loopback; and the cliff, on request.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use ports::client_ports::{FourTuple, connect_from, hold_callers, open_many};
use ports::conflict::{Options, bind};
use ports::{Machine, descriptors};
use serde::Serialize;

use super::{BOLD, Stop, failed, write_json};

#[derive(Serialize)]
struct Facts {
    local: String,
    remote: String,
}

impl From<FourTuple> for Facts {
    fn from(four: FourTuple) -> Self {
        Self {
            local: four.local.to_string(),
            remote: four.remote.to_string(),
        }
    }
}

/// A few connections, and the four numbers of each.
pub(super) fn show(json: bool, out: &mut impl Write) -> io::Result<()> {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = server.local_addr()?;
    let clients = [
        TcpStream::connect(address)?,
        TcpStream::connect(address)?,
        TcpStream::connect(address)?,
    ];
    if json {
        let facts = |client: &TcpStream| write_json(&Facts::from(FourTuple::of(client)?), out);
        return clients.iter().try_for_each(facts);
    }
    writeln!(out, "{BOLD}Three clients of one server{BOLD:#}")?;
    for client in &clients {
        let four = FourTuple::of(client)?;
        writeln!(out, "  {}  ->  {}", four.local, four.remote)?;
    }
    writeln!(
        out,
        "  The server's end is the same each time. The client's port tells them apart."
    )?;
    one_port_twice(out)?;
    how_many(out)
}

/// One client port can serve two connections, if they go to two servers.
fn one_port_twice(out: &mut impl Write) -> io::Result<()> {
    let one = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    // Port 0 lets the system choose; from then on the same port is asked for.
    let first = connect_from(0, one.local_addr()?)?;
    let client = first.local_addr()?;
    writeln!(out)?;
    writeln!(out, "{BOLD}One client port, two servers{BOLD:#}")?;
    writeln!(out, "  {client}  ->  {}  ok", one.local_addr()?)?;
    for server in [other.local_addr()?, one.local_addr()?] {
        let said =
            connect_from(client.port(), server).map_or_else(|error| error.to_string(), |_| "ok".to_owned());
        writeln!(out, "  {client}  ->  {server}  {said}")?;
    }
    writeln!(
        out,
        "  Not the port has to be free, but the four numbers together."
    )
}

fn how_many(out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    writeln!(out, "{BOLD}How many?{BOLD:#}")?;
    if let Some(lent) = Machine::ask().ephemeral {
        let count = lent.len();
        writeln!(
            out,
            "  This machine lends the ports {} to {}: {count} connections",
            lent.start(),
            lent.end()
        )?;
        writeln!(
            out,
            "  from one of its addresses to one port of one server, and no more."
        )?;
    }
    writeln!(
        out,
        "  A server has no such limit: each caller brings an address and a port of its own."
    )?;
    writeln!(
        out,
        "  A server runs out of descriptors ({} here) and memory first.",
        descriptors::raise_limit()
    )?;
    writeln!(out)?;
    writeln!(
        out,
        "Next: 02-ports client-ports --cliff opens connections until the even ports are used up (Linux)."
    )
}

#[derive(Serialize)]
struct PaceFacts {
    connections: usize,
    microseconds_each: f64,
}

/// Opens `count` connections, or as many as it takes to use up the even ports, and some beyond.
pub(super) fn cliff(count: Option<usize>, json: bool, out: &mut impl Write) -> Result<(), Stop> {
    const STEP: usize = 500;
    const SPARE: usize = 50;
    let edge = Machine::ask().ephemeral.map_or(16_384, |lent| lent.len()) / 2;
    let count = count.unwrap_or(edge + 2 * STEP);
    let limit = descriptors::raise_limit();
    if limit < count + SPARE {
        return Err(failed(&format!(
            "{count} connections need as many descriptors, and this system gives a process {limit}: raise the limit \
             (ulimit -n), or ask for fewer (the cliff lies at {edge})"
        )));
    }
    let server = Holder::start()
        .map_err(|error| failed(&format!("cannot start a server beside this one: {error}")))?;
    if !json {
        writeln!(out, "{BOLD}connections  each connect took{BOLD:#}")?;
    }
    let report = |pace: ports::client_ports::Pace| {
        if json {
            let facts = PaceFacts {
                connections: pace.connections,
                microseconds_each: pace.each.as_secs_f64() * 1e6,
            };
            return write_json(&facts, out);
        }
        writeln!(out, "{:>11}  {:.1?}", pace.connections, pace.each)
    };
    let result = open_many(server.address, count, STEP.min(count), report);
    result.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Stop::Output(error),
        _ => failed(&format!("no more connections to {}: {error}", server.address)),
    })
}

/// A second process that holds the other ends: both ends in one process would need twice the descriptors.
struct Holder {
    child: Child,
    address: SocketAddr,
}

impl Holder {
    fn start() -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["client-ports", "--hold"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let address = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { child, address })
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The end of its input ends it; waiting for it leaves no zombie behind.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The second process: tells its address, and holds every caller until its input ends.
pub(super) fn hold(out: &mut impl Write) -> io::Result<()> {
    // The standard library's queue of 128 callers would overflow, and a caller who finds it full waits for a second.
    const QUEUE: i32 = 4096;
    let socket = bind((Ipv4Addr::LOCALHOST, 0).into(), Options::default())?;
    socket.listen(QUEUE)?;
    let server: TcpListener = socket.into();
    writeln!(out, "{}", server.local_addr()?)?;
    out.flush()?;
    descriptors::raise_limit();
    thread::spawn(move || hold_callers(&server));
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
