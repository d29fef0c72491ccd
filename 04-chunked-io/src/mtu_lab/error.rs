//! What the lab needs, and what can go wrong with it.

use std::io;

/// Why the lab cannot be built, or a scene not be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// Not Linux.
    #[error(
        "the lab needs Linux, whose network namespaces it is built of: run it there, or in a virtual machine"
    )]
    OtherSystem,
    /// Programs that are not installed.
    #[error(
        "the lab needs {}, not found here: install what brings them (on Debian and Ubuntu: apt install iproute2 \
         nftables ethtool procps)",
        .programs.join(", ")
    )]
    Missing {
        /// Their names.
        programs: Vec<&'static str>,
    },
    /// No namespace can be made.
    #[error("the lab needs root, to make network namespaces: run it with sudo ({line} said: {said})")]
    NotAllowed {
        /// The command that was tried.
        line: String,
        /// What it said.
        said: String,
    },
    /// A command that builds the lab, or looks at it, failed.
    #[error("the lab cannot be built: {line} said: {said}")]
    Command {
        /// The command.
        line: String,
        /// What it said.
        said: String,
    },
    /// A program could not be started, or its output not be read.
    #[error("the lab stopped: cannot {task}: {source}")]
    System {
        /// What was tried.
        task: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// One of the two ends inside the namespaces ended without its report.
    #[error("the lab's {end} gave no report: {said}")]
    NoReport {
        /// `sender` or `receiver`.
        end: &'static str,
        /// What it said instead.
        said: String,
    },
    /// A socket of one of the ends failed before there was anything to see.
    #[error(transparent)]
    Socket(#[from] tcp_socket::Error),
    /// The first, short message did not go over.
    #[error(transparent)]
    Loop(#[from] crate::Error),
}

impl LabError {
    pub(super) fn system(task: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { task, source }
    }
}
