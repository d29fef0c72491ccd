//! What this machine does with its ports: which it lends to clients, which it guards, which it keeps back.
//!
//! RFC 6335 says which ports are *meant* for clients. Every system has a setting of its own, and Linux lends
//! ports from 32768 on, in the middle of the user range.

#[cfg(any(target_os = "linux", test))]
mod linux;
#[cfg(any(target_os = "macos", target_os = "freebsd", test))]
mod sysctl;
#[cfg(any(windows, test))]
mod windows;

use std::ops::RangeInclusive;

/// This machine's own settings. What the system does not tell is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// The ports that the system lends to clients: "ephemeral".
    pub ephemeral: Option<RangeInclusive<u16>>,
    /// Ports below this one need a privilege to be listened on; 0 if none does.
    pub first_unprivileged: Option<u16>,
    /// Ports that the system neither lends nor, on Windows, lets anybody bind.
    pub reserved: Vec<RangeInclusive<u16>>,
    /// Where the system keeps these settings, for somebody who wants to change them.
    pub source: &'static str,
}

impl Machine {
    /// Asks the system. On Linux three files are read; on macOS and Windows a program of the system is run.
    #[must_use]
    pub fn ask() -> Self {
        #[cfg(target_os = "linux")]
        return linux::ask();
        #[cfg(any(target_os = "macos", target_os = "freebsd"))]
        return sysctl::ask();
        #[cfg(windows)]
        return windows::ask();
        #[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd", windows)))]
        return Self {
            source: "nothing that this course knows on this system",
            ..Self::default()
        };
    }

    /// Whether the system may lend `port` to a client, so that a server may find it taken.
    #[must_use]
    pub fn lends(&self, port: u16) -> bool {
        let within = |range: &RangeInclusive<u16>| range.contains(&port);
        self.ephemeral.as_ref().is_some_and(within) && !self.reserved.iter().any(within)
    }

    /// Whether listening on `port` needs a privilege.
    #[must_use]
    pub fn guards(&self, port: u16) -> bool {
        self.first_unprivileged
            .is_some_and(|first| port != 0 && port < first)
    }
}

/// The numbers in a text, whatever stands around them: what `sysctl` and `netsh` print, in any language.
#[cfg(any(not(target_os = "linux"), test))]
fn numbers(text: &str) -> impl Iterator<Item = u16> {
    text.split(|character: char| !character.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
}

/// What the program `name` prints, if it can be run and ends well.
#[cfg(any(target_os = "macos", target_os = "freebsd", windows))]
fn output_of(name: &str, arguments: &[&str]) -> Option<String> {
    let output = std::process::Command::new(name).args(arguments).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
