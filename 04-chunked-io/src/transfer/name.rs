//! A name from the network is not to be trusted.
//!
//! A receiver that writes to whatever name it is told can be told `../../.ssh/authorized_keys`. The
//! only names that are taken are those of a plain file in the receiver's own folder, on every system,
//! because a name that is harmless on one may be a device on another.

/// The longest name that is taken, in bytes: file systems allow 255, and the unfinished file needs six.
const LONGEST: usize = 240;

/// Names that Windows keeps for devices, with any extension: writing to `NUL.txt` writes to nowhere.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// Why a file name is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing, or more than a file system can hold.
    #[error("a file name has 1 to {LONGEST} bytes, this one {0}")]
    Length(usize),
    /// It could lead out of the folder.
    #[error("{0:?} leads to another folder: only a plain file name is taken")]
    Path(String),
    /// It begins with a dot, like the files that programs read their settings from.
    #[error("{0:?} is the name of a hidden file: rename it before it is sent")]
    Hidden(String),
    /// Some system cannot have it as a file's name.
    #[error("{0:?} is not a file name on every system: rename it before it is sent")]
    NotPortable(String),
}

/// Checks that `name` is the name of a plain file in the folder where it will be put.
///
/// # Errors
///
/// [`NameError`] says which rule it breaks.
pub fn check(name: &str) -> Result<(), NameError> {
    if name.is_empty() || name.len() > LONGEST {
        return Err(NameError::Length(name.len()));
    }
    if name.contains(['/', '\\']) || name == "." || name == ".." {
        return Err(NameError::Path(name.to_owned()));
    }
    if name.starts_with('.') {
        return Err(NameError::Hidden(name.to_owned()));
    }
    let forbidden = |letter: char| letter.is_control() || "<>:\"|?*".contains(letter);
    if name.contains(forbidden) || name.ends_with([' ', '.']) || is_device(name) {
        return Err(NameError::NotPortable(name.to_owned()));
    }
    Ok(())
}

/// Whether Windows takes `name` for a device: `NUL`, `com1.txt`.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or(name)
        .trim_end()
        .to_ascii_lowercase();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_digit = |rest: &str| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit();
    DEVICES.contains(&stem.as_str()) || numbered.is_some_and(is_digit)
}
