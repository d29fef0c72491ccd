//! The file of the users: one line each.
//!
//! `06-stomp passwd` writes a new file beside the old one and gives it the old one's name only when all of it is on the
//! disk. So a broker that reads at that moment, or a machine that loses power, finds the old file or the new one.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::rights::{Right, Rights};
use super::{Hash, LineFault, User, UsersError};
use crate::Destination;

/// What a file says.
pub(super) fn read(path: &Path) -> Result<String, UsersError> {
    fs::read_to_string(path).map_err(|error| UsersError::File {
        what: "read",
        path: path.to_owned(),
        error,
    })
}

/// The user on a line; `None` if it is empty or a comment.
pub(super) fn user(line: &str) -> Result<Option<User>, LineFault> {
    let mut words = line.split_whitespace();
    let Some(name) = words.next().filter(|word| !word.starts_with('#')) else {
        return Ok(None);
    };
    let name = name.to_owned();
    let Some(hash) = words.next() else {
        return Err(LineFault::NoHash { name });
    };
    let Some(hash) = Hash::parse(hash) else {
        return Err(LineFault::NotAHash { name });
    };
    let mut rights = Rights::default();
    let mut right = None;
    for word in words {
        match (word, right) {
            ("read", _) => right = Some(Right::Read),
            ("write", _) => right = Some(Right::Write),
            (pattern, Some(right)) => rights.allow(right, Destination::to_subscribe(pattern)?),
            (word, None) => {
                let word = word.to_owned();
                return Err(LineFault::NoRight { word });
            }
        }
    }
    Ok(Some(User { name, hash, rights }))
}

/// Sets a user's passcode in a file, which is made if it is not there. Rights of `None` leave those that the user has; a
/// new user has none. All other lines stay as they are. Returns the user.
///
/// # Errors
///
/// [`UsersError`]; then the file is as it was.
pub fn set_passcode(
    path: &Path,
    name: &str,
    passcode: &str,
    rights: Option<Rights>,
) -> Result<User, UsersError> {
    let is_bad =
        |name: &str| name.starts_with('#') || name.contains(|c: char| c.is_whitespace() || c.is_control());
    if name.is_empty() || name.chars().count() > 100 || is_bad(name) {
        let name = name.to_owned();
        return Err(UsersError::Name { name });
    }
    let text = match read(path) {
        Err(UsersError::File { error, .. }) if error.kind() == ErrorKind::NotFound => String::new(),
        text => text?,
    };
    // A file that the broker would refuse is better not touched.
    let before = super::Users::parse(&text)?;
    let known = before.by_name.get(name).map(|user| user.rights.clone());
    let user = User {
        name: name.to_owned(),
        hash: Hash::new(passcode)?,
        rights: rights.or(known).unwrap_or_default(),
    };
    let line = format!("{name} {}{}", user.hash, user.rights);
    let mut lines: Vec<&str> = text.lines().collect();
    match lines
        .iter()
        .position(|line| line.split_whitespace().next() == Some(name))
    {
        Some(place) => lines[place] = &line,
        None => lines.push(&line),
    }
    replace(path, &(lines.join("\n") + "\n")).map_err(|error| UsersError::File {
        what: "write",
        path: path.to_owned(),
        error,
    })?;
    Ok(user)
}

/// Gives a file another content, all at once.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = OsString::from(path);
    beside.push(format!(".new-{}", std::process::id()));
    let beside = Path::new(&beside);
    let written = write_new(beside, text).and_then(|()| fs::rename(beside, path));
    if written.is_err() {
        let _ = fs::remove_file(beside);
    }
    written
}

/// A new file that only its owner can read, on the disk when this returns.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
