//! The commands of `cargo study`: what to do next, whether it is right, and help when it is not.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::check::{self, Checker, Verdict};
use crate::exercise::{self, Exercise};
use crate::progress::{Progress, State};
use crate::watch::Watcher;

/// How often [`Study::watch`] looks for a saved file.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// The widest line of running text, in characters.
const WIDTH: usize = 88;

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();

/// Why a command of the runner stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The lists of exercises are not in order.
    #[error(transparent)]
    Exercises(#[from] exercise::Error),
    /// The exercises could not be judged.
    #[error(transparent)]
    Check(#[from] check::Error),
    /// There is no exercise of that name.
    #[error("there is no exercise {name:?}: the exercises are {names}")]
    UnknownName {
        /// The name that was given.
        name: String,
        /// Those that there are.
        names: String,
    },
    /// There is no hint of that number.
    #[error("{name} has no hint {number}: it has {count}, from 1 to {count}")]
    UnknownHint {
        /// The exercise.
        name: String,
        /// The number that was given.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// The solution stays closed for now.
    #[error(
        "{name} does not pass yet: solve it first (`cargo study hint {name}` helps), or say that you give up: cargo study solution {name} --give-up"
    )]
    NotSolved {
        /// The exercise.
        name: String,
    },
    /// A file of the course could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The terminal, or the pipe, does not take the text.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl Error {
    /// Whether the command was wrong, and not the attempt.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        matches!(self, Self::UnknownName { .. } | Self::UnknownHint { .. })
    }
}

/// The exercises of a course, and a place to write to.
#[derive(Debug)]
pub struct Study<W> {
    root: PathBuf,
    exercises: Vec<Exercise>,
    output: W,
}

impl<W: Write> Study<W> {
    /// Opens the exercises of the course at `root`; what there is to say goes to `output`.
    ///
    /// # Errors
    ///
    /// [`Error::Exercises`] if a list of exercises has a fault.
    pub fn open(root: &Path, output: W) -> Result<Self, Error> {
        Ok(Self {
            root: root.to_owned(),
            exercises: Exercise::all(root)?,
            output,
        })
    }

    /// Shows the path: every exercise, and whether it passes.
    ///
    /// # Errors
    ///
    /// [`Error::Check`] if they cannot be judged.
    pub fn list(&mut self) -> Result<(), Error> {
        let states = self.find_out()?;
        let passed = states.iter().filter(|state| **state == State::Passes).count();
        writeln!(
            self.output,
            "{BOLD}{passed} of {} exercises pass.{BOLD:#}",
            states.len()
        )?;
        let mut step = "";
        for (exercise, state) in self.exercises.iter().zip(states) {
            if exercise.step != step {
                step = &exercise.step;
                writeln!(self.output, "\n{step}")?;
            }
            let (mark, remark) = match state {
                State::Passes => (format!("{GREEN}[x]{GREEN:#}"), ""),
                State::Fails => ("[ ]".to_owned(), ""),
                State::DoesNotCompile => (format!("{RED}[!]{RED:#}"), "  does not compile"),
            };
            let Exercise {
                name, title, minutes, ..
            } = exercise;
            writeln!(
                self.output,
                "  {mark} {name}  {title:<42} {minutes:>3} min{remark}"
            )?;
        }
        writeln!(self.output, "\ncargo study next     what to do next")?;
        writeln!(self.output, "cargo study watch    check whenever a file is saved")?;
        writeln!(self.output, "cargo study --help   hints, solutions and the rest")?;
        Ok(())
    }

    /// Describes the first exercise that does not pass.
    ///
    /// # Errors
    ///
    /// [`Error::Check`] if they cannot be judged.
    pub fn next_step(&mut self) -> Result<(), Error> {
        match self.first_unsolved()? {
            Some(exercise) => self.describe(&exercise),
            None => self.congratulate(),
        }
    }

    /// Gives hint `number` of an exercise: of the first unsolved one, if none is named.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], [`Error::UnknownHint`].
    pub fn hint(&mut self, name: Option<&str>, number: usize) -> Result<(), Error> {
        let Some(Exercise { name, hints, .. }) = self.named_or_next(name)? else {
            return self.congratulate();
        };
        let count = hints.len();
        let hint = number.checked_sub(1).and_then(|index| hints.get(index));
        let hint = hint.ok_or(Error::UnknownHint {
            name: name.clone(),
            number,
            count,
        })?;
        writeln!(
            self.output,
            "{BOLD}{name}, hint {number} of {count}{BOLD:#}\n\n{}\n",
            paragraphs(hint)
        )?;
        if number < count {
            writeln!(self.output, "Another one: cargo study hint {name} {}", number + 1)?;
        } else {
            writeln!(
                self.output,
                "That was the last. The answer: cargo study solution {name} --give-up"
            )?;
        }
        Ok(())
    }

    /// Judges an exercise, the first unsolved one if none is named, and says whether it passes.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], or [`Error::Check`] if it cannot be judged.
    pub fn check(&mut self, name: Option<&str>) -> Result<bool, Error> {
        match self.named_or_next(name)? {
            Some(exercise) => self.judge(&exercise),
            None => self.congratulate().map(|()| true),
        }
    }

    /// Judges an exercise whenever its file is saved, and goes on to the next one when it passes. Never ends.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] when nobody reads any more.
    pub fn watch(&mut self) -> Result<(), Error> {
        let folders: Vec<&Path> = self
            .exercises
            .iter()
            .filter_map(|exercise| exercise.file.parent())
            .collect();
        let mut watcher = Watcher::new(&folders);
        if let Some(exercise) = self.first_unsolved()? {
            self.judge(&exercise)?;
        } else {
            self.congratulate()?;
        }
        loop {
            writeln!(
                self.output,
                "\nWatching: save a file to check it again. Ctrl-C ends."
            )?;
            self.output.flush()?;
            let saved = loop {
                thread::sleep(LOOK_EVERY);
                let changes = watcher.changes();
                let is_saved = |exercise: &&Exercise| changes.contains(&exercise.file);
                if let Some(exercise) = self.exercises.iter().find(is_saved) {
                    break exercise.clone();
                }
            };
            writeln!(self.output, "\n{}\n", "-".repeat(WIDTH))?;
            self.judge(&saved)?;
        }
    }

    /// Shows one good answer to an exercise that passes, or to any if the student gives up.
    ///
    /// # Errors
    ///
    /// [`Error::NotSolved`] if it does not pass, [`Error::UnknownName`].
    pub fn solution(&mut self, name: &str, gives_up: bool) -> Result<(), Error> {
        let exercise = self.named(name)?;
        let is_solved = gives_up || self.state(&exercise)? == State::Passes;
        if !is_solved {
            return Err(Error::NotSolved { name: exercise.name });
        }
        let path = exercise.solution();
        let text = std::fs::read_to_string(&path).map_err(|source| Error::Unreadable {
            path: path.clone(),
            source,
        })?;
        writeln!(self.output, "{BOLD}{}{BOLD:#}\n\n{text}", self.short(&path))?;
        writeln!(self.output, "{}", paragraphs(&exercise.explanation))?;
        Ok(())
    }

    /// Runs the check, says what came of it, and remembers it.
    fn judge(&mut self, exercise: &Exercise) -> Result<bool, Error> {
        let verdict = Checker::new(&self.root).check(&exercise.name)?;
        Progress::load(&self.root).remember(exercise, &verdict);
        let Exercise { name, title, .. } = exercise;
        let heading = |style: Style, what: &str| format!("{style}{name} {title}: {what}{style:#}");
        let feedback = match &verdict {
            Verdict::Passed => {
                writeln!(self.output, "{}\n", heading(GREEN, "it passes."))?;
                writeln!(self.output, "{}\n", paragraphs(&exercise.explanation))?;
                writeln!(self.output, "One good answer:  cargo study solution {name}")?;
                self.point_to_the_next()?;
                return Ok(true);
            }
            Verdict::DoesNotCompile(errors) => {
                writeln!(
                    self.output,
                    "{}\n",
                    heading(RED, "it does not compile. The compiler says:")
                )?;
                errors.trim_end().to_owned()
            }
            Verdict::NeverEnds { after } => {
                writeln!(self.output, "{}\n", heading(RED, "it does not come to an end."))?;
                let words = "was still running and was stopped. Is there a loop that waits for something that never comes?";
                format!("After {} seconds it {words}", after.as_secs())
            }
            Verdict::NoCheck => {
                writeln!(self.output, "{}\n", heading(RED, "its check is missing."))?;
                let path = self
                    .short(&exercise.check())
                    .rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                format!(
                    "The file has to end in these lines:\n\n#[cfg(test)]\n#[path = \"../checks/{path}\"]\nmod checks;"
                )
            }
            Verdict::Failed(feedback) => {
                writeln!(self.output, "{}\n", heading(RED, "not yet."))?;
                feedback.render()
            }
        };
        writeln!(self.output, "{feedback}\n")?;
        writeln!(self.output, "The file:  {}", self.short(&exercise.file))?;
        writeln!(self.output, "A hint:    cargo study hint {name}")?;
        Ok(false)
    }

    fn describe(&mut self, exercise: &Exercise) -> Result<(), Error> {
        let Exercise {
            name,
            title,
            slide,
            minutes,
            learn,
            ..
        } = exercise;
        writeln!(
            self.output,
            "{BOLD}{name} {title}{BOLD:#} (about {minutes} minutes)\n"
        )?;
        writeln!(self.output, "{}\n", paragraphs(learn))?;
        writeln!(self.output, "The slide:  {slide}")?;
        writeln!(self.output, "The file:   {}", self.short(&exercise.file))?;
        writeln!(self.output, "Check it:   cargo ex {name}")?;
        writeln!(self.output, "A hint:     cargo study hint {name}")?;
        Ok(())
    }

    fn point_to_the_next(&mut self) -> Result<(), Error> {
        // Only what is known already: nobody wants to wait for all the others here.
        let progress = Progress::load(&self.root);
        let is_open = |exercise: &&Exercise| progress.known(exercise) != Some(State::Passes);
        match self.exercises.iter().find(is_open) {
            Some(Exercise { name, title, .. }) => writeln!(self.output, "The next one:     {name} {title}")?,
            None => self.congratulate()?,
        }
        Ok(())
    }

    fn congratulate(&mut self) -> Result<(), Error> {
        writeln!(
            self.output,
            "{GREEN}All {} exercises pass.{GREEN:#}",
            self.exercises.len()
        )?;
        Ok(())
    }

    fn find_out(&self) -> Result<Vec<State>, Error> {
        Ok(Progress::load(&self.root).find_out(&self.exercises)?)
    }

    fn state(&self, exercise: &Exercise) -> Result<State, Error> {
        let states = Progress::load(&self.root).find_out(std::slice::from_ref(exercise))?;
        Ok(states.first().copied().unwrap_or(State::Fails))
    }

    fn first_unsolved(&self) -> Result<Option<Exercise>, Error> {
        // One after the other: the answer is usually near the front, and judging takes time.
        for exercise in &self.exercises {
            if self.state(exercise)? != State::Passes {
                return Ok(Some(exercise.clone()));
            }
        }
        Ok(None)
    }

    fn named(&self, name: &str) -> Result<Exercise, Error> {
        let exercise = self.exercises.iter().find(|exercise| exercise.name == name);
        exercise.cloned().ok_or_else(|| {
            let names: Vec<&str> = self
                .exercises
                .iter()
                .map(|exercise| exercise.name.as_str())
                .collect();
            Error::UnknownName {
                name: name.to_owned(),
                names: names.join(", "),
            }
        })
    }

    fn named_or_next(&self, name: Option<&str>) -> Result<Option<Exercise>, Error> {
        match name {
            Some(name) => self.named(name).map(Some),
            None => self.first_unsolved(),
        }
    }

    /// A path as the student sees it in the editor: from the root of the course, with slashes.
    fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
            .replace('\\', "/")
    }
}

/// Running text, broken into lines at spaces. Blank lines part paragraphs; indented lines are code and stay.
fn paragraphs(text: &str) -> String {
    let lines = text.trim().lines();
    let lines = lines.map(|line| {
        if line.starts_with("    ") {
            line.to_owned()
        } else {
            wrapped(line)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn wrapped(line: &str) -> String {
    let mut wrapped = String::new();
    let mut width = 0;
    for word in line.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            wrapped.push('\n');
            width = 0;
        } else if width > 0 {
            wrapped.push(' ');
            width += 1;
        }
        wrapped.push_str(word);
        width += length;
    }
    wrapped
}
