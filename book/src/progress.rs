//! What passes, found by running it.
//!
//! Progress is no list that somebody keeps, which could be wrong: each exercise is judged by its check.
//! Running all of them takes a while, so a verdict is remembered together with a fingerprint of
//! everything that it rests on. Change the exercise or the crate under it, and it is judged again.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use crate::check::{Checker, Error, Verdict};
use crate::exercise::{Exercise, step_folders};
use crate::workspace;

/// How an exercise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Its check passes.
    Passes,
    /// Its check fails: so do all in a fresh clone.
    Fails,
    /// It does not compile.
    DoesNotCompile,
}

impl State {
    const ALL: [Self; 3] = [Self::Passes, Self::Fails, Self::DoesNotCompile];

    /// The word for it in the file.
    fn word(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Fails => "fails",
            Self::DoesNotCompile => "does-not-compile",
        }
    }

    fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Passes,
            Verdict::DoesNotCompile(_) => Self::DoesNotCompile,
            _ => Self::Fails,
        }
    }
}

/// The remembered verdicts.
#[derive(Debug, Clone)]
pub struct Progress {
    root: PathBuf,
    file: PathBuf,
    remembered: BTreeMap<String, (u64, State)>,
    /// The state of the crates that every exercise rests on.
    ground: u64,
}

impl Progress {
    /// Reads what was remembered of the course at `root`: nothing, if nobody has asked yet.
    #[must_use]
    pub fn load(root: &Path) -> Self {
        Self::load_from(root, &workspace::target(root).join("study/progress"))
    }

    /// As [`Progress::load`], with the memory in `file`.
    #[must_use]
    pub fn load_from(root: &Path, file: &Path) -> Self {
        Self {
            root: root.to_owned(),
            file: file.to_owned(),
            remembered: read(file),
            ground: ground(root),
        }
    }

    /// How `exercise` stands, if it was judged since anything changed.
    #[must_use]
    pub fn known(&self, exercise: &Exercise) -> Option<State> {
        let (fingerprint, state) = self.remembered.get(&exercise.name)?;
        (*fingerprint == self.fingerprint(exercise)).then_some(*state)
    }

    /// Forgets everything, so that [`Progress::find_out`] judges everything anew.
    pub fn forget(&mut self) {
        self.remembered.clear();
    }

    /// How each of `exercises` stands; those that nothing is known of are judged now, together.
    ///
    /// # Errors
    ///
    /// [`Error`] if they cannot be judged at all.
    pub fn find_out(&mut self, exercises: &[Exercise]) -> Result<Vec<State>, Error> {
        let unknown: Vec<&Exercise> = exercises
            .iter()
            .filter(|exercise| self.known(exercise).is_none())
            .collect();
        if !unknown.is_empty() {
            let checker = Checker::new(&self.root);
            let names: Vec<&str> = unknown.iter().map(|exercise| exercise.name.as_str()).collect();
            let built = checker.build(&names)?;
            for exercise in unknown {
                let verdict = checker.run(&built, &exercise.name)?;
                self.remember(exercise, &verdict);
            }
        }
        Ok(exercises
            .iter()
            .map(|exercise| self.known(exercise).unwrap_or(State::Fails))
            .collect())
    }

    /// Remembers a verdict. A memory that cannot be written is not worth an error: the check runs again.
    pub fn remember(&mut self, exercise: &Exercise, verdict: &Verdict) {
        let entry = (self.fingerprint(exercise), State::of(verdict));
        // Another program may have learned something in the meantime.
        self.remembered.extend(read(&self.file));
        self.remembered.insert(exercise.name.clone(), entry);
        let _ = self.save();
    }

    fn save(&self) -> io::Result<()> {
        let lines = self.remembered.iter();
        let lines =
            lines.map(|(name, (fingerprint, state))| format!("{name} {fingerprint:016x} {}\n", state.word()));
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        // Whoever reads meanwhile finds the old file or the new one, never half of one.
        let new = self.file.with_extension("new");
        fs::write(&new, lines.collect::<String>())?;
        fs::rename(&new, &self.file)
    }

    /// A number that changes with anything that the verdict on `exercise` rests on.
    fn fingerprint(&self, exercise: &Exercise) -> u64 {
        fingerprint(
            self.ground,
            &[exercise.file.clone(), exercise.check(), exercise.answer()],
        )
    }
}

/// A number that changes with the crates of the course.
fn ground(root: &Path) -> u64 {
    let mut files = vec![root.join("Cargo.lock")];
    for step in step_folders(root).unwrap_or_default() {
        files.push(root.join(&step).join("Cargo.toml"));
        files.extend(files_below(&root.join(step).join("src")));
    }
    fingerprint(0, &files)
}

fn fingerprint(start: u64, files: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    start.hash(&mut hasher);
    for file in files {
        file.hash(&mut hasher);
        fs::read(file).ok().hash(&mut hasher);
    }
    hasher.finish()
}

/// What `file` remembers. A line that makes no sense costs one run of one check.
fn read(file: &Path) -> BTreeMap<String, (u64, State)> {
    fs::read_to_string(file)
        .unwrap_or_default()
        .lines()
        .filter_map(parse)
        .collect()
}

/// Reads a line such as `04-1 0123456789abcdef passes`.
fn parse(line: &str) -> Option<(String, (u64, State))> {
    let mut words = line.split(' ');
    let name = words.next()?.to_owned();
    let fingerprint = u64::from_str_radix(words.next()?, 16).ok()?;
    let word = words.next()?;
    let state = State::ALL.into_iter().find(|state| state.word() == word)?;
    Some((name, (fingerprint, state)))
}

/// Every file in `folder` and below, in a fixed order; a file is all of itself.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    if folder.is_file() {
        return vec![folder.to_owned()];
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() {
            files_below(&path)
        } else {
            vec![path]
        }
    };
    paths.into_iter().flat_map(below).collect()
}
