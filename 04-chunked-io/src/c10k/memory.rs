//! What connections cost, as Linux tells it: the memory of a process, of the kernel, and the time on the processor.
//!
//! Other systems tell these things in other ways; here they say nothing.

use std::fs;
use std::time::Duration;

/// The kernel counts time for others in hundredths of a second (`USER_HZ`, the same on all systems that Rust knows).
const TICK: Duration = Duration::from_millis(10);

/// What is used at one moment, or by one connection: in bytes, where the system tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// By the servers, for themselves.
    pub user: Option<u64>,
    /// By the kernel of this machine, for all that runs on it.
    pub kernel: Option<u64>,
}

impl Memory {
    /// What each of `connections` costs, if nothing else has changed since `before`.
    #[must_use]
    pub fn each_since(self, before: Self, connections: usize) -> Self {
        let each = |now: Option<u64>, before: Option<u64>| {
            let more = now?.saturating_sub(before?);
            more.checked_div(connections as u64)
        };
        Self {
            user: each(self.user, before.user),
            kernel: each(self.kernel, before.kernel),
        }
    }
}

/// The memory that a process has for itself, in bytes: heap and stacks as far as they are touched, no program code.
#[must_use]
pub fn of_process(id: u32) -> Option<u64> {
    // `smaps_rollup` counts pages; the figure in `status` may be off by some dozens of them.
    field(&format!("/proc/{id}/smaps_rollup"), "Anonymous:")
}

/// All of a process that is in memory, program code included, in bytes; of what several processes share, its part.
#[must_use]
pub fn proportional(id: u32) -> Option<u64> {
    field(&format!("/proc/{id}/smaps_rollup"), "Pss:")
}

/// The same, with all of what is shared.
#[must_use]
pub fn resident(id: u32) -> Option<u64> {
    field(&format!("/proc/{id}/smaps_rollup"), "Rss:")
}

/// The memory that the kernel has for itself: objects such as sockets, stacks of threads, page tables, and the
/// buffers of TCP. In bytes, for the whole machine.
#[must_use]
pub fn of_kernel() -> Option<u64> {
    let objects = ["Slab:", "KernelStack:", "PageTables:"];
    let objects: Option<u64> = objects.iter().map(|name| field("/proc/meminfo", name)).sum();
    Some(objects? + tcp_buffers()?)
}

/// The time for which a process has had a processor.
#[must_use]
pub fn processor_time(id: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program comes second, in parentheses, and may hold spaces: what is counted comes after it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * (user + system))
}

/// How many callers the kernel has turned away because a server's queue was full, since the machine was started.
#[must_use]
pub fn dropped_callers() -> Option<u64> {
    let netstat = fs::read_to_string("/proc/net/netstat").ok()?;
    let mut lines = netstat.lines().filter(|line| line.starts_with("TcpExt:"));
    let (names, values) = (lines.next()?, lines.next()?);
    let mut pairs = names.split_whitespace().zip(values.split_whitespace());
    let (_, value) = pairs.find(|(name, _)| *name == "ListenDrops")?;
    value.parse().ok()
}

/// `TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 3`: the last one in pages of 4 KB.
fn tcp_buffers() -> Option<u64> {
    let sockets = fs::read_to_string("/proc/net/sockstat").ok()?;
    let tcp = sockets.lines().find(|line| line.starts_with("TCP:"))?;
    let pages: u64 = tcp.rsplit(' ').next()?.parse().ok()?;
    Some(pages * 4096)
}

/// A line such as `Slab:   123456 kB`, in bytes.
fn field(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}
