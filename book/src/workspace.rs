//! Where the course lies on this machine, and how its programs call cargo there.

use std::env;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::language::{Language, Messages};

/// The course is not where it was built, nor around the current folder.
#[derive(Debug)]
pub struct NotFound {
    /// Where it lay when this program was compiled.
    built: String,
}

impl NotFound {
    /// The error in one sentence, in the language of `messages`.
    #[must_use]
    pub fn tell(&self, messages: &Messages) -> String {
        messages.no_course.with(&[("folder", &self.built)])
    }
}

// By hand: the sentences stand in the files of messages, and only there.
impl Display for NotFound {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tell(Language::English.messages()))
    }
}

impl std::error::Error for NotFound {}

/// The root of the workspace: around the current folder or, started from elsewhere, where it lay when this
/// was compiled.
///
/// # Errors
///
/// [`NotFound`] if it is in neither place.
pub fn root() -> Result<PathBuf, NotFound> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = env::current_dir().unwrap_or_default();
    let candidates = here.ancestors().chain(built.ancestors());
    let root = candidates
        .into_iter()
        .find(|folder| folder.join("book/chapters/SUMMARY.md").is_file());
    root.map(Path::to_owned).ok_or_else(|| NotFound {
        built: built.display().to_string(),
    })
}

/// Where cargo puts what it builds, and this program what it remembers.
#[must_use]
pub fn target(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target))
}

/// A `cargo` command at `root`, as if the user had typed it there.
#[must_use]
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    forget_cargo(&mut command);
    command.current_dir(root);
    command
}

/// Removes what the cargo that started this program told it about itself. The user's own
/// settings (`CARGO_HOME`, `CARGO_TARGET_DIR`, `CARGO_BUILD_JOBS` …) stay.
pub fn forget_cargo(command: &mut Command) {
    const OWN: &[&str] = &[
        "CARGO",
        "CARGO_CRATE_NAME",
        "CARGO_BIN_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
    ];
    const OWN_PREFIXES: &[&str] = &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_"];
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if OWN.contains(&text) || OWN_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
}
