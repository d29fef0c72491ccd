//! Every exercise as it came.
//!
//! A student's copy may be without git, and what stands in `exercises/` is the student's own text. So the starters are
//! kept a second time, all in one file that no editor opens by chance: `book/starters.toml`. A test holds it to the
//! exercises, and writes it anew when a maintainer says so.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::exercise::Exercise;

/// The texts of all starters, by the names of the exercises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Starters {
    texts: BTreeMap<String, String>,
}

impl Starters {
    /// Where they are kept in the course at `root`.
    #[must_use]
    pub fn file(root: &Path) -> PathBuf {
        root.join("book/starters.toml")
    }

    /// Reads the kept starters of the course at `root`.
    ///
    /// # Errors
    ///
    /// What the system says if there is no such file; a file that is not TOML is [`io::ErrorKind::InvalidData`].
    pub fn load(root: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(Self::file(root))?;
        let texts =
            toml::from_str(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok(Self { texts })
    }

    /// The files of `exercises` as they are now.
    ///
    /// # Errors
    ///
    /// What the system says if one cannot be read.
    pub fn of(exercises: &[Exercise]) -> io::Result<Self> {
        let texts = exercises.iter().map(|exercise| {
            let text = fs::read_to_string(&exercise.file)?;
            Ok((exercise.name.clone(), with_unix_ends(&text)))
        });
        Ok(Self {
            texts: texts.collect::<io::Result<_>>()?,
        })
    }

    /// The text with which `exercise` came, if it is kept.
    #[must_use]
    pub fn get(&self, exercise: &Exercise) -> Option<&str> {
        self.texts.get(&exercise.name).map(String::as_str)
    }

    /// The names of the exercises whose starters are kept.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The text of the file that [`Starters::load`] reads. No starter may have three single quotes in a row.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let entries = self
            .texts
            .iter()
            .map(|(name, text)| format!("\n{name} = '''\n{text}'''\n"));
        let head = "# Every exercise as it came, for `cargo study reset`. A test writes this file; see CONTRIBUTING.md.\n";
        head.to_owned() + &entries.collect::<String>()
    }
}

/// Whether the file of `exercise` is the starter `text`, however its lines end.
pub(crate) fn is_untouched(exercise: &Exercise, text: &str) -> io::Result<bool> {
    Ok(with_unix_ends(&fs::read_to_string(&exercise.file)?) == with_unix_ends(text))
}

/// Moves the student's text into the folder `yours` beside the exercise, under a name that is not taken, and puts
/// `starter` in its place. Returns where the text is now.
pub(crate) fn put_back(exercise: &Exercise, starter: &str) -> io::Result<PathBuf> {
    let text = fs::read(&exercise.file)?;
    let folder = exercise.file.with_file_name("yours");
    fs::create_dir_all(&folder)?;
    let stem = exercise.file.file_stem().unwrap_or_default().to_string_lossy();
    for number in 1.. {
        let kept = folder.join(format!("{stem}-{number}.rs"));
        match File::create_new(&kept) {
            Ok(mut file) => {
                // Only when the student's text is safe, its file is overwritten.
                file.write_all(&text)?;
                file.sync_all()?;
                fs::write(&exercise.file, starter)?;
                return Ok(kept);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn with_unix_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}
