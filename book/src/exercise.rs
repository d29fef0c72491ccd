//! An exercise: what the course knows about it, and where its files lie.
//!
//! Each step keeps a list in `NN-name/exercises/exercises.toml`. The code is in three files of one name:
//! the starter in `exercises/`, one good answer in `solutions/`, and the check that both share in `checks/`.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::language::{Language, Messages};

/// One exercise, with its place in the course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// The folder of its step: `04-chunked-io`.
    pub step: String,
    /// Its name, which is that of the cargo example too: `04-1`.
    pub name: String,
    /// What there is to do, in a few words.
    pub title: String,
    /// The slide of the lecture that it belongs to.
    pub slide: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// What is to be learned, in one sentence.
    pub learn: String,
    /// From gentle to plain.
    pub hints: Vec<String>,
    /// What the student may read once it is solved.
    pub explanation: String,
    /// The file that the student edits.
    pub file: PathBuf,
}

/// Why the list of exercises could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A file of the course is missing, or may not be read.
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A list has a fault in it.
    Malformed {
        /// The list.
        path: PathBuf,
        /// What the TOML grammar objects to.
        source: Box<toml::de::Error>,
    },
    /// An exercise has no file of its name.
    NoFile {
        /// The exercise.
        name: String,
        /// Where its starter should be.
        folder: PathBuf,
    },
}

impl Error {
    /// The error in one sentence, in the language of `messages`.
    #[must_use]
    pub fn tell(&self, messages: &Messages) -> String {
        let at = |path: &Path| path.display().to_string();
        match self {
            Self::Unreadable { path, source } => messages
                .course_incomplete
                .with(&[("file", &at(path)), ("what", source)]),
            Self::Malformed { path, source } => messages
                .list_malformed
                .with(&[("file", &at(path)), ("what", source)]),
            Self::NoFile { name, folder } => {
                messages.no_file.with(&[("folder", &at(folder)), ("name", name)])
            }
        }
    }
}

// By hand: the sentences stand in the files of messages, and only there.
impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tell(Language::English.messages()))
    }
}

impl std::error::Error for Error {}

/// One list, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    exercise: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    title: String,
    slide: String,
    minutes: u32,
    learn: String,
    hints: Vec<String>,
    explanation: String,
}

impl Exercise {
    /// Every exercise of the course at `root`, in the order of the steps and of their lists.
    ///
    /// # Errors
    ///
    /// [`Error`] names the list that cannot be read, or the exercise that has no file.
    pub fn all(root: &Path) -> Result<Vec<Self>, Error> {
        let mut exercises = Vec::new();
        for step in step_folders(root)? {
            exercises.extend(Self::of_step(root, &step)?);
        }
        Ok(exercises)
    }

    fn of_step(root: &Path, step: &str) -> Result<Vec<Self>, Error> {
        let folder = root.join(step).join("exercises");
        let path = folder.join("exercises.toml");
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = fs::read_to_string(&path).map_err(|source| Error::Unreadable {
            path: path.clone(),
            source,
        })?;
        let list: List = toml::from_str(&text).map_err(|source| Error::Malformed {
            path,
            source: Box::new(source),
        })?;
        let with_file = |entry: Entry| {
            let file = starter(&folder, &entry.name)?;
            Ok(Self {
                step: step.to_owned(),
                name: entry.name,
                title: entry.title,
                slide: entry.slide,
                minutes: entry.minutes,
                learn: entry.learn,
                hints: entry.hints,
                explanation: entry.explanation.trim().to_owned(),
                file,
            })
        };
        list.exercise.into_iter().map(with_file).collect()
    }

    /// One good answer.
    #[must_use]
    pub fn solution(&self) -> PathBuf {
        self.beside("solutions")
    }

    /// The test that judges it.
    #[must_use]
    pub fn check(&self) -> PathBuf {
        self.beside("checks")
    }

    /// The key that the test compares with.
    #[must_use]
    pub fn answer(&self) -> PathBuf {
        self.check()
            .with_file_name("answers")
            .join(self.file_name())
            .with_extension("snap")
    }

    /// The file of the same name in another room of the step.
    fn beside(&self, room: &str) -> PathBuf {
        let step = self.file.ancestors().nth(2).unwrap_or(&self.file);
        step.join(room).join(self.file_name())
    }

    fn file_name(&self) -> &Path {
        self.file.file_name().map_or(Path::new(""), Path::new)
    }
}

/// The folders of the steps, in order: those whose names begin with two digits.
///
/// # Errors
///
/// [`Error::Unreadable`] if `root` cannot be listed.
pub fn step_folders(root: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |source| Error::Unreadable {
        path: root.to_owned(),
        source,
    };
    let mut steps = Vec::new();
    for entry in fs::read_dir(root).map_err(unreadable)? {
        let name = entry
            .map_err(unreadable)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        let is_step = matches!(name.as_bytes(), [b'0'..=b'9', b'0'..=b'9', b'-', ..]);
        if is_step {
            steps.push(name);
        }
    }
    steps.sort();
    Ok(steps)
}

/// The file in `folder` that belongs to the exercise `name`: `04-1-receive-all.rs`.
fn starter(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let prefix = format!("{name}-");
    let unreadable = |source| Error::Unreadable {
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.starts_with(&prefix) && file.ends_with(".rs") {
            return Ok(entry.path());
        }
    }
    Err(Error::NoFile {
        name: name.to_owned(),
        folder: folder.to_owned(),
    })
}
