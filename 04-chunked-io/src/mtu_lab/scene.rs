//! The scenes: path MTU discovery, the black hole that follows if its messages are dropped, and two ways out.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::ends::{LONG, SHORT};
use super::{LabError, Network};
use crate::mtu::IpVersion;

/// How long a scene may take that ends well. Probing waits for five timeouts, each twice as long as the last.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

/// The receiver's port. Its namespace is its own, and nobody else listens there.
const PORT: u16 = 4000;

/// What happens in the middle of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// The router says what fits (RFC 1191, section 3; RFC 8201, section 3), and the sender hears it.
    Discovery,
    /// The router's word is dropped on the way, as by a firewall that lets no ICMP through (RFC 2923, section 2.1).
    BlackHole,
    /// As before, but the sender looks for a size that passes (RFC 4821).
    Probing,
    /// As before, but the router lowers the MSS that the two ends announce to each other.
    Clamp,
}

impl Scene {
    /// All of them, in the order in which they explain each other.
    pub const ALL: [Self; 4] = [Self::Discovery, Self::BlackHole, Self::Probing, Self::Clamp];

    /// `discovery`, `black-hole`, `probing`, `clamp`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::BlackHole => "black-hole",
            Self::Probing => "probing",
            Self::Clamp => "clamp",
        }
    }

    /// The router's filter. It counts what the router says about packets that do not fit.
    #[must_use]
    pub fn rules(self) -> String {
        let verdict = if self == Self::Discovery { "accept" } else { "drop" };
        let clamp = if self == Self::Clamp { CLAMP } else { "" };
        format!(
            "table inet lab {{
  counter said {{ }}
  chain to_the_sender {{
    type filter hook output priority 0
    icmp type destination-unreachable counter name said {verdict}
    icmpv6 type packet-too-big counter name said {verdict}
  }}
{clamp}}}
"
        )
    }
}

/// The rule that rescues most home networks: the MSS in each SYN becomes what the narrower of the two links carries.
const CLAMP: &str = "  chain passing_through {
    type filter hook forward priority 0
    tcp flags syn tcp option maxseg size set rt mtu
  }
";

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which scene.
    pub scene: Scene,
    /// The path MTU and the bytes a segment that the sender's system told when the connection was open.
    pub opened: (Option<u64>, Option<u64>),
    /// The bytes a segment at the end.
    pub segment: Option<u64>,
    /// The path MTU that the sender's system has noted, if it has learnt one.
    pub noted_mtu: Option<u64>,
    /// How many bytes the sender's `send` has taken.
    pub taken: u64,
    /// How many bytes the receiver has pulled.
    pub arrived: u64,
    /// How often the router has said that a packet does not fit.
    pub said: u64,
    /// From the sender's first call to its last.
    pub time: Duration,
    /// What the sender's last call reported, if it failed.
    pub failure: Option<String>,
}

impl Seen {
    /// Whether everything arrived.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.arrived == (SHORT + LONG) as u64
    }
}

/// Builds a network, plays one scene in it, and removes it.
///
/// `tool` is the program that has [`ends::send`](super::ends::send) and [`ends::receive`](super::ends::receive) for
/// commands; `patience` is how long the black hole is looked at.
///
/// # Errors
///
/// [`LabError`]. A transfer that hangs is none: that is what is to be seen.
pub fn play(scene: Scene, ip: IpVersion, tool: &Path, patience: Duration) -> Result<Seen, LabError> {
    let network = Network::build(ip)?;
    network.filter(&scene.rules())?;
    network.probe(scene == Scene::Probing)?;
    let patience = if scene == Scene::BlackHole {
        patience
    } else {
        LONG_ENOUGH
    };
    let mut receiver = Receiver::start(&network, tool, patience)?;
    let sent = send(&network, tool, &receiver.address, patience)?;
    let arrived = receiver.report()?;
    let opened = (sent["path_mtu"].as_u64(), sent["segment"].as_u64());
    Ok(Seen {
        scene,
        opened,
        segment: sent["segment_at_the_end"].as_u64(),
        noted_mtu: network.noted_mtu()?,
        taken: sent["taken"].as_u64().unwrap_or(0),
        arrived: arrived["arrived"].as_u64().unwrap_or(0),
        said: network.counted("said")?,
        time: Duration::from_secs_f64(sent["seconds"].as_f64().unwrap_or(0.0).max(0.0)),
        failure: sent["failure"].as_str().map(str::to_owned),
    })
}

/// Runs the sender to its end, and returns its report.
fn send(network: &Network, tool: &Path, address: &str, patience: Duration) -> Result<Value, LabError> {
    let output = network
        .as_sender(tool)
        .args([
            "mtu-lab-send",
            address,
            "--timeout",
            &patience.as_secs_f64().to_string(),
        ])
        .output()
        .map_err(LabError::system("run the sender"))?;
    serde_json::from_slice(&output.stdout).map_err(|_| LabError::NoReport {
        end: "sender",
        said: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
    })
}

/// The receiver, which is stopped when nobody waits for it any more.
struct Receiver {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
}

impl Receiver {
    fn start(network: &Network, tool: &Path, patience: Duration) -> Result<Self, LabError> {
        let host = network.receiver_address();
        let address = if host.contains(':') {
            format!("[{host}]:{PORT}")
        } else {
            format!("{host}:{PORT}")
        };
        let mut child = network
            .as_receiver(tool)
            .args([
                "mtu-lab-receive",
                &address,
                "--timeout",
                &patience.as_secs_f64().to_string(),
            ])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(LabError::system("start the receiver"))?;
        let Some(out) = child.stdout.take() else {
            return Err(no_report("it has no output"));
        };
        let mut receiver = Self {
            child,
            out: BufReader::new(out),
            address,
        };
        // Its first line says that it listens.
        receiver.line()?;
        Ok(receiver)
    }

    fn line(&mut self) -> Result<String, LabError> {
        let mut line = String::new();
        self.out
            .read_line(&mut line)
            .map_err(LabError::system("read what the receiver says"))?;
        if line.is_empty() {
            Err(no_report("it ended early"))
        } else {
            Ok(line)
        }
    }

    /// Waits for its end, which its own patience brings.
    fn report(&mut self) -> Result<Value, LabError> {
        let mut report = String::new();
        self.out
            .read_to_string(&mut report)
            .map_err(LabError::system("read what the receiver says"))?;
        serde_json::from_str(&report).map_err(|_| no_report(&report))
    }
}

fn no_report(said: &str) -> LabError {
    let said = said.to_owned();
    LabError::NoReport {
        end: "receiver",
        said,
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
