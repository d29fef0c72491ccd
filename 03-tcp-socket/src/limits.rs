//! What a server with many connections runs out of, how much of it there is on this machine, and how to get more.
//!
//! Linux tells all of it in files; of other systems this module knows less, and says so with `None`.

use std::fs;

use ports::Machine;

/// Something that each connection takes, or the thread that serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// Numbers of open files and sockets, a table of them for each process.
    Descriptors,
    /// Threads, which Linux counts over the whole machine, as it does processes.
    Threads,
    /// Pieces of the process's address space that differ in their use: a thread has four, for its stack, the stack of its
    /// signal handlers, and a guard page behind each.
    MemoryMaps,
    /// Addresses: a thread reserves them for its whole stack, and uses few.
    AddressSpace,
    /// Memory that is really there.
    Memory,
    /// Ports that the system lends to the clients of one server.
    Ports,
}

impl Resource {
    /// All of them, in the order in which a small machine meets them.
    pub const ALL: [Self; 6] = [
        Self::Descriptors,
        Self::Threads,
        Self::MemoryMaps,
        Self::AddressSpace,
        Self::Memory,
        Self::Ports,
    ];

    /// What people call it: `memory maps`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Descriptors => "descriptors",
            Self::Threads => "threads",
            Self::MemoryMaps => "memory maps",
            Self::AddressSpace => "address space",
            Self::Memory => "memory",
            Self::Ports => "ports",
        }
    }

    /// Whether it is counted in bytes.
    #[must_use]
    pub fn is_bytes(self) -> bool {
        matches!(self, Self::AddressSpace | Self::Memory)
    }

    /// How much of it is in use now, by this process. (Of threads: by the machine. Ports are in use elsewhere, by the clients.)
    #[must_use]
    pub fn used(self) -> Option<u64> {
        match self {
            Self::Descriptors => count(fs::read_dir("/proc/self/fd").ok()?.count()),
            Self::Threads => threads_of_all(),
            Self::MemoryMaps => count(fs::read_to_string("/proc/self/maps").ok()?.lines().count()),
            Self::AddressSpace => of_this_process("VmSize:"),
            Self::Memory => of_this_process("VmRSS:"),
            Self::Ports => None,
        }
    }

    /// How much of it may be in use at most; `None` where nothing is set, or the system does not tell.
    #[must_use]
    pub fn limit(self) -> Option<u64> {
        match self {
            Self::Descriptors => soft_limit(self),
            Self::Threads => most_threads().map(|(most, _)| most),
            Self::MemoryMaps => number_in("/proc/sys/vm/max_map_count"),
            Self::AddressSpace => soft_limit(self),
            // What is free, and what this process has already.
            Self::Memory => Some(in_file("/proc/meminfo", "MemAvailable:")? + self.used()?),
            Self::Ports => count(Machine::ask().ephemeral?.count()),
        }
    }

    /// How to get more of it on this machine.
    #[must_use]
    pub fn how_to_raise(self) -> String {
        match self {
            Self::Descriptors => match hard_limit_of_descriptors() {
                Some(hard) if Some(hard) > self.limit() => format!("ulimit -n {hard}"),
                _ => "ulimit -n, as far as your administrator allows".to_owned(),
            },
            Self::Threads => match most_threads() {
                Some((_, knob)) => format!("{knob}; or fewer threads: an event loop"),
                None => "fewer threads: an event loop".to_owned(),
            },
            Self::MemoryMaps if cfg!(target_os = "linux") => "sysctl vm.max_map_count".to_owned(),
            Self::AddressSpace if cfg!(unix) => "ulimit -v; or smaller stacks, RUST_MIN_STACK".to_owned(),
            Self::Memory => "a larger machine, or fewer threads".to_owned(),
            Self::Ports if cfg!(target_os = "linux") => {
                "sysctl net.ipv4.ip_local_port_range; or a second address".to_owned()
            }
            Self::Ports => format!("{}; or a second address", Machine::ask().source),
            Self::MemoryMaps | Self::AddressSpace => "not counted on this system".to_owned(),
        }
    }
}

/// How many callers the system lets wait in line for [`accept`](crate::Listener::accept), whatever a server asks for.
#[must_use]
pub fn longest_queue() -> Option<u64> {
    number_in("/proc/sys/net/core/somaxconn").or_else(|| sysctl("kern.ipc.somaxconn"))
}

/// The tightest of the limits on threads, and where it is set.
fn most_threads() -> Option<(u64, &'static str)> {
    let knobs = [
        (
            number_in("/proc/sys/kernel/threads-max"),
            "sysctl kernel.threads-max",
        ),
        (number_in("/proc/sys/kernel/pid_max"), "sysctl kernel.pid_max"),
        (number_in("/sys/fs/cgroup/pids.max"), "pids.max of the cgroup"),
        (most_processes(), "ulimit -u"),
        (sysctl("kern.num_taskthreads"), "sysctl kern.num_taskthreads"),
    ];
    let known = knobs.into_iter().filter_map(|(most, knob)| Some((most?, knob)));
    known.min_by_key(|(most, _)| *most)
}

/// The part after the stroke in `0.42 0.32 0.20 3/512 4711`.
fn threads_of_all() -> Option<u64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split([' ', '/']).nth(4)?.parse().ok()
}

fn of_this_process(key: &str) -> Option<u64> {
    in_file("/proc/self/status", key)
}

/// A line such as `VmRSS:     3072 kB`, in bytes.
fn in_file(path: &str, key: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// A file with one number in it, as Linux has them; `None` too if it says `max`.
fn number_in(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn count(number: usize) -> Option<u64> {
    u64::try_from(number).ok()
}

/// A setting of macOS and the BSDs.
fn sysctl(name: &str) -> Option<u64> {
    if !cfg!(target_vendor = "apple") {
        return None;
    }
    let output = std::process::Command::new("sysctl")
        .args(["-n", name])
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

#[cfg(unix)]
fn soft_limit(resource: Resource) -> Option<u64> {
    let name = match resource {
        Resource::Descriptors => rlimit::Resource::NOFILE,
        _ => rlimit::Resource::AS,
    };
    unless_infinite(name.get_soft().ok()?)
}

#[cfg(unix)]
fn hard_limit_of_descriptors() -> Option<u64> {
    unless_infinite(rlimit::Resource::NOFILE.get_hard().ok()?)
}

/// Linux counts the threads of a user, other systems only the processes.
#[cfg(unix)]
fn most_processes() -> Option<u64> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    unless_infinite(rlimit::Resource::NPROC.get_soft().ok()?)
}

#[cfg(unix)]
fn unless_infinite(limit: u64) -> Option<u64> {
    (limit != rlimit::INFINITY).then_some(limit)
}

#[cfg(not(unix))]
fn soft_limit(_: Resource) -> Option<u64> {
    None
}

#[cfg(not(unix))]
fn hard_limit_of_descriptors() -> Option<u64> {
    None
}

#[cfg(not(unix))]
fn most_processes() -> Option<u64> {
    None
}
