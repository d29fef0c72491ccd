//! Three machines in a row, each a network namespace of this one, and a link in the middle that carries less.
//!
//! A network namespace has interfaces, addresses, routes and filters of its own; a pair of `veth` interfaces is a cable
//! between two of them. What is done here is what one would type as root: the commands stand in the code as lines.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::process::{self, Child, ChildStdin, Command, Stdio};

use super::LabError;
use crate::mtu::IpVersion;

/// The programs that build the lab.
const PROGRAMS: [&str; 4] = ["ip", "nft", "ethtool", "sysctl"];

/// The MTU of the link between the sender and the router, in bytes: Ethernet's.
pub const WIDE: u32 = 1500;

/// The MTU of the link between the router and the receiver: the least that every IPv4 host must be able to take in
/// (RFC 791, section 3.1), and the least that an IPv6 link may have (RFC 8200, section 5).
#[must_use]
pub fn narrow(ip: IpVersion) -> u32 {
    match ip {
        IpVersion::V4 => 576,
        IpVersion::V6 => 1280,
    }
}

/// A sender, a router and a receiver. They are gone when this is dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct Network {
    ip: IpVersion,
    sender: String,
    router: String,
    receiver: String,
    /// Waits until its standard input ends, and removes the namespaces.
    janitor: Child,
    /// That input. The system closes it even if this process is killed.
    at_work: Option<ChildStdin>,
}

impl Network {
    /// Builds it.
    ///
    /// # Errors
    ///
    /// [`LabError::OtherSystem`], [`LabError::Missing`] or [`LabError::NotAllowed`] before anything is changed;
    /// [`LabError::Command`] if a step fails.
    pub fn build(ip: IpVersion) -> Result<Self, LabError> {
        if !cfg!(target_os = "linux") {
            return Err(LabError::OtherSystem);
        }
        let programs = missing(&path());
        if !programs.is_empty() {
            return Err(LabError::Missing { programs });
        }
        // The names hold for one process: two labs may run at once.
        let [sender, router, receiver] =
            ["sender", "router", "receiver"].map(|role| format!("mtu-lab-{}-{role}", process::id()));
        let (janitor, at_work) = start_janitor([&sender, &router, &receiver])?;
        let network = Self {
            ip,
            sender,
            router,
            receiver,
            janitor,
            at_work: Some(at_work),
        };
        network.make_namespaces()?;
        network.lay_cables()?;
        network.give_addresses()?;
        network.forward()?;
        Ok(network)
    }

    /// Whoever may make the first one may do the rest.
    fn make_namespaces(&self) -> Result<(), LabError> {
        match run(&format!("ip netns add {}", self.sender)) {
            Err(LabError::Command { line, said }) => return Err(LabError::NotAllowed { line, said }),
            result => result?,
        }
        run(&format!("ip netns add {}", self.router))?;
        run(&format!("ip netns add {}", self.receiver))
    }

    /// Two cables. The router's end of the second one carries less; the receiver's own end does not know that.
    fn lay_cables(&self) -> Result<(), LabError> {
        let Self {
            sender,
            router,
            receiver,
            ..
        } = self;
        if self.ip == IpVersion::V6 {
            for namespace in [sender, router, receiver] {
                // Each address is used at once: nobody else can have it (RFC 4862, section 5.4, would have us wait).
                run(&format!(
                    "ip netns exec {namespace} sysctl -q -w net.ipv6.conf.default.accept_dad=0"
                ))?;
            }
        }
        run(&format!(
            "ip link add eth0 netns {sender} type veth peer name wide netns {router}"
        ))?;
        run(&format!(
            "ip link add eth0 netns {receiver} type veth peer name narrow netns {router}"
        ))?;
        run(&format!("ip -n {router} link set narrow mtu {}", narrow(self.ip)))?;
        for (namespace, interface) in self.interfaces() {
            // A virtual cable would carry packets of 64 KiB, because no hardware has to: cutting is left to it.
            run(&format!(
                "ip netns exec {namespace} ethtool -K {interface} tso off gso off gro off tx off"
            ))?;
            run(&format!("ip -n {namespace} link set {interface} up"))?;
        }
        Ok(())
    }

    fn give_addresses(&self) -> Result<(), LabError> {
        for ((namespace, interface), host) in self.interfaces().into_iter().zip(self.hosts()) {
            let length = if self.ip == IpVersion::V4 { 24 } else { 64 };
            run(&format!(
                "ip -n {namespace} address add {host}/{length} dev {interface}"
            ))?;
        }
        let [_, left, right, _] = self.hosts();
        run(&format!("ip -n {} route add default via {left}", self.sender))?;
        run(&format!("ip -n {} route add default via {right}", self.receiver))
    }

    fn forward(&self) -> Result<(), LabError> {
        let forwarding = match self.ip {
            IpVersion::V4 => "net.ipv4.ip_forward=1",
            IpVersion::V6 => "net.ipv6.conf.all.forwarding=1",
        };
        run(&format!(
            "ip netns exec {} sysctl -q -w {forwarding}",
            self.router
        ))?;
        self.probe(false)
    }

    fn interfaces(&self) -> [(&str, &str); 4] {
        [
            (&self.sender, "eth0"),
            (&self.router, "wide"),
            (&self.router, "narrow"),
            (&self.receiver, "eth0"),
        ]
    }

    /// The addresses of those interfaces: private ones (RFC 1918, RFC 4193), seen by nobody outside.
    fn hosts(&self) -> [&'static str; 4] {
        match self.ip {
            IpVersion::V4 => ["10.4.1.2", "10.4.1.1", "10.4.2.1", "10.4.2.2"],
            IpVersion::V6 => ["fd04:1::2", "fd04:1::1", "fd04:2::1", "fd04:2::2"],
        }
    }

    /// The sender's address.
    #[must_use]
    pub fn sender_address(&self) -> &'static str {
        self.hosts()[0]
    }

    /// The receiver's address.
    #[must_use]
    pub fn receiver_address(&self) -> &'static str {
        self.hosts()[3]
    }

    /// A command that will run `program` as the sender.
    pub fn as_sender(&self, program: impl AsRef<OsStr>) -> Command {
        inside(&self.sender, program)
    }

    /// A command that will run `program` as the receiver.
    pub fn as_receiver(&self, program: impl AsRef<OsStr>) -> Command {
        inside(&self.receiver, program)
    }

    /// Lets the sender's TCP look for a size that passes when nothing comes through, or not (RFC 4821).
    ///
    /// # Errors
    ///
    /// [`LabError::Command`].
    pub fn probe(&self, on: bool) -> Result<(), LabError> {
        let probing = u8::from(on);
        run(&format!(
            "ip netns exec {} sysctl -q -w net.ipv4.tcp_mtu_probing={probing}",
            self.sender
        ))
    }

    /// Gives the router its filter: the rules of nftables.
    ///
    /// # Errors
    ///
    /// [`LabError::Command`].
    pub fn filter(&self, rules: &str) -> Result<(), LabError> {
        run_with_input(&format!("ip netns exec {} nft -f -", self.router), rules).map(drop)
    }

    /// How many packets the counter `name` in the router's filter has seen.
    ///
    /// # Errors
    ///
    /// [`LabError::Command`].
    pub fn counted(&self, name: &str) -> Result<u64, LabError> {
        let line = format!(
            "ip netns exec {} nft -j list counter inet lab {name}",
            self.router
        );
        let answer = run_with_input(&line, "")?;
        let packets = find_number(&answer, "packets");
        packets.ok_or(LabError::Command { line, said: answer })
    }

    /// The path MTU that the sender's system has noted for the receiver; `None` if it has learnt nothing.
    ///
    /// # Errors
    ///
    /// [`LabError::Command`].
    pub fn noted_mtu(&self) -> Result<Option<u64>, LabError> {
        let line = format!("ip -j -n {} route get {}", self.sender, self.receiver_address());
        let answer = run_with_input(&line, "")?;
        Ok(find_number(&answer, "mtu"))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The janitor's input ends, and it sweeps. If it cannot be waited for, it does so a little later.
        drop(self.at_work.take());
        let _ = self.janitor.wait();
    }
}

/// A shell that outlives this process by a moment, to remove the namespaces. Ctrl-C reaches it too, and it must not
/// go before it has swept.
fn start_janitor(names: [&str; 3]) -> Result<(Child, ChildStdin), LabError> {
    let sweep = names.map(|name| format!("ip netns delete {name}")).join("; ");
    let mut janitor = tool("sh")
        .arg("-c")
        .arg(format!("trap '' INT TERM HUP; cat; {sweep}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(LabError::system("start a shell"))?;
    let at_work = janitor.stdin.take();
    let at_work =
        at_work.ok_or_else(|| LabError::system("start a shell")(std::io::ErrorKind::BrokenPipe.into()))?;
    Ok((janitor, at_work))
}

/// The programs of the lab that are in none of the folders of `path`.
#[must_use]
pub fn missing(path: &OsStr) -> Vec<&'static str> {
    let is_there = |name: &&str| std::env::split_paths(path).any(|folder| folder.join(name).is_file());
    PROGRAMS.into_iter().filter(|name| !is_there(name)).collect()
}

/// Where programs are looked for: administrators' folders too, which are not in everybody's search path.
fn path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/sbin");
    path
}

fn tool(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env("PATH", path());
    command
}

fn inside(namespace: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = tool("ip");
    command.args(["netns", "exec", namespace]).arg(program);
    command
}

/// Runs one line, whose words are parted by blanks.
fn run(line: &str) -> Result<(), LabError> {
    run_with_input(line, "").map(drop)
}

/// Runs one line with this on its standard input, and returns what it prints.
fn run_with_input(line: &str, input: &str) -> Result<String, LabError> {
    let mut words = line.split_whitespace();
    let mut child = tool(words.next().unwrap_or_default())
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(LabError::system("start a program"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input may have gone.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child
        .wait_with_output()
        .map_err(LabError::system("wait for a program"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("nothing").to_owned();
    let line = line.to_owned();
    Err(LabError::Command { line, said })
}

/// The number that stands behind `key`, wherever in this JSON.
fn find_number(json: &str, key: &str) -> Option<u64> {
    fn find(value: &serde_json::Value, key: &str) -> Option<u64> {
        match value {
            serde_json::Value::Object(map) => {
                let here = map.get(key).and_then(serde_json::Value::as_u64);
                here.or_else(|| map.values().find_map(|value| find(value, key)))
            }
            serde_json::Value::Array(values) => values.iter().find_map(|value| find(value, key)),
            _ => None,
        }
    }
    find(&serde_json::from_str(json).ok()?, key)
}
