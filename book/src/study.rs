//! The commands of `cargo study`: what to do next, whether it is right, and help when it is not.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::slice;
use std::thread;
use std::time::{Duration, SystemTime};

use anstyle::{AnsiColor, Style};

use crate::certificate::Certificate;
use crate::check::{self, Checker, Verdict};
use crate::exercise::{self, Exercise};
use crate::language::{Language, Message, Messages};
use crate::progress::{Progress, State};
use crate::starters::{self, Starters};
use crate::watch::Watcher;
use crate::workspace;

/// How often [`Study::watch`] looks for a saved file.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// The widest line of running text, in characters.
const WIDTH: usize = 88;

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();

/// Why a command of the runner stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The course is not to be found.
    NoCourse(workspace::NotFound),
    /// The lists of exercises are not in order.
    Exercises(exercise::Error),
    /// The exercises could not be judged.
    Check(check::Error),
    /// There is no exercise of that name.
    UnknownName {
        /// The name that was given.
        name: String,
        /// Those that there are.
        names: String,
    },
    /// There is no hint of that number.
    UnknownHint {
        /// The exercise.
        name: String,
        /// The number that was given.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// The solution stays closed for now.
    NotSolved {
        /// The exercise.
        name: String,
    },
    /// No exercise passes, and a certificate would say nothing.
    NothingToCertify,
    /// The starter of this exercise is not kept.
    NoStarter {
        /// The exercise.
        name: String,
        /// Where it should be.
        file: String,
    },
    /// A file of the course could not be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The terminal, or the pipe, does not take the text.
    Output(io::Error),
}

impl Error {
    /// Whether the command was wrong, and not the attempt.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        matches!(self, Self::UnknownName { .. } | Self::UnknownHint { .. })
    }

    /// The error in one sentence, in the student's language.
    #[must_use]
    pub fn tell(&self, messages: &Messages) -> String {
        let at = |message: &Message, path: &Path, source| {
            message.with(&[("file", &path.display()), ("what", source)])
        };
        match self {
            Self::NoCourse(error) => error.tell(messages),
            Self::Exercises(error) => error.tell(messages),
            Self::Check(error) => error.tell(messages),
            Self::UnknownName { name, names } => {
                messages.unknown_name.with(&[("name", name), ("names", names)])
            }
            Self::UnknownHint { name, number, count } => {
                let values: &[(&str, &dyn Display)] = &[("name", name), ("number", number), ("count", count)];
                messages.unknown_hint.with(values)
            }
            Self::NotSolved { name } => messages.not_solved.with(&[("name", name)]),
            Self::NothingToCertify => messages.nothing_to_certify.text().to_owned(),
            Self::NoStarter { name, file } => messages.no_starter.with(&[("name", name), ("file", file)]),
            Self::Unreadable { path, source } => at(&messages.cannot_read, path, source),
            Self::Unwritable { path, source } => at(&messages.cannot_keep, path, source),
            Self::Output(source) => messages.cannot_print.with(&[("what", source)]),
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

impl From<workspace::NotFound> for Error {
    fn from(error: workspace::NotFound) -> Self {
        Self::NoCourse(error)
    }
}

impl From<exercise::Error> for Error {
    fn from(error: exercise::Error) -> Self {
        Self::Exercises(error)
    }
}

impl From<check::Error> for Error {
    fn from(error: check::Error) -> Self {
        Self::Check(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The exercises of a course, a place to write to, and one for notices to whoever waits.
#[derive(Debug)]
pub struct Study<W, N> {
    root: PathBuf,
    exercises: Vec<Exercise>,
    language: Language,
    messages: &'static Messages,
    output: W,
    notices: N,
}

impl<W: Write, N: Write> Study<W, N> {
    /// Opens the exercises of the course at `root`; what there is to say goes to `output`, in `language`. What is being
    /// done meanwhile, as it may take minutes, goes to `notices`.
    ///
    /// # Errors
    ///
    /// [`Error::Exercises`] if a list of exercises has a fault.
    pub fn open(root: &Path, language: Language, output: W, notices: N) -> Result<Self, Error> {
        Ok(Self {
            root: root.to_owned(),
            exercises: Exercise::all(root)?,
            language,
            messages: language.messages(),
            output,
            notices,
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
        let head = self
            .messages
            .passed_of
            .with(&[("passed", &passed), ("count", &states.len())]);
        writeln!(self.output, "{BOLD}{head}{BOLD:#}")?;
        let mut step = "";
        for (exercise, state) in self.exercises.iter().zip(states) {
            if exercise.step != step {
                step = &exercise.step;
                writeln!(self.output, "\n{step}")?;
            }
            let (mark, remark) = match state {
                State::Passes => (format!("{GREEN}[x]{GREEN:#}"), ""),
                State::Fails => ("[ ]".to_owned(), ""),
                State::DoesNotCompile => (format!("{RED}[!]{RED:#}"), self.messages.does_not_compile.text()),
            };
            let Exercise { name, title, .. } = exercise;
            let minutes = format!("{:>3}", exercise.minutes);
            let minutes = self.messages.minutes.with(&[("minutes", &minutes)]);
            let line = format!("  {mark} {name}  {title:<42} {minutes}  {remark}");
            writeln!(self.output, "{}", line.trim_end())?;
        }
        writeln!(self.output, "\n{}", self.messages.commands.text())?;
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
        let head = self
            .messages
            .hint_of
            .with(&[("name", &name), ("number", &number), ("count", &count)]);
        writeln!(self.output, "{BOLD}{head}{BOLD:#}\n\n{}\n", paragraphs(hint))?;
        let more = if number < count {
            &self.messages.hint_next
        } else {
            &self.messages.hint_last
        };
        let more = more.with(&[("name", &name), ("number", &(number + 1))]);
        writeln!(self.output, "{more}")?;
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
            writeln!(self.output, "\n{}", self.messages.watching.text())?;
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
        let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
        writeln!(self.output, "{BOLD}{}{BOLD:#}\n\n{text}", self.short(&path))?;
        writeln!(self.output, "{}", paragraphs(&exercise.explanation))?;
        Ok(())
    }

    /// Gives the starter back, and keeps the student's text beside it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`]; [`Error::NoStarter`] if it is not kept; [`Error::Unwritable`], with everything as it was.
    pub fn reset(&mut self, name: &str) -> Result<(), Error> {
        let exercise = self.named(name)?;
        let Exercise {
            name, title, file, ..
        } = &exercise;
        let path = Starters::file(&self.root);
        let starters = Starters::load(&self.root).map_err(unreadable(&path))?;
        let starter = starters.get(&exercise).ok_or_else(|| Error::NoStarter {
            name: name.clone(),
            file: self.short(&path),
        })?;
        if starters::is_untouched(&exercise, starter).map_err(unreadable(file))? {
            let words = self
                .messages
                .reset_nothing
                .with(&[("name", name), ("title", title)]);
            writeln!(self.output, "{words}")?;
            return Ok(());
        }
        let kept = starters::put_back(&exercise, starter).map_err(unwritable(file))?;
        let (file, kept) = (self.short(file), self.short(&kept));
        let values: &[(&str, &dyn Display)] =
            &[("name", name), ("title", title), ("file", &file), ("kept", &kept)];
        writeln!(self.output, "{}", self.messages.reset_done.with(values))?;
        Ok(())
    }

    /// Judges all exercises, whatever is remembered of them, and writes a page of those that pass.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToCertify`] if none passes, [`Error::Check`] if they cannot be judged, [`Error::Unwritable`].
    pub fn certificate(&mut self, who: Option<&str>, file: Option<&Path>) -> Result<(), Error> {
        let mut progress = Progress::load(&self.root);
        progress.forget();
        let all = self.exercises.clone();
        self.notice(&all);
        let states = progress.find_out(&self.exercises)?;
        let judged = self.exercises.iter().zip(states);
        let passed = judged.filter(|(_, state)| *state == State::Passes);
        let passed: Vec<Exercise> = passed.map(|(exercise, _)| exercise.clone()).collect();
        if passed.is_empty() {
            return Err(Error::NothingToCertify);
        }
        let count = self.exercises.len();
        let certificate = Certificate {
            who,
            passed: &passed,
            count,
            judged: SystemTime::now(),
        };
        let default = workspace::target(&self.root).join("study/certificate.html");
        let file = file.unwrap_or(&default);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(unwritable(folder))?;
        }
        fs::write(file, certificate.to_html(self.language)).map_err(unwritable(file))?;
        let file = self.short(file);
        let values: &[(&str, &dyn Display)] =
            &[("passed", &passed.len()), ("count", &count), ("file", &file)];
        writeln!(self.output, "{}", self.messages.certificate_made.with(values))?;
        Ok(())
    }

    /// Runs the check, says what came of it, and remembers it.
    fn judge(&mut self, exercise: &Exercise) -> Result<bool, Error> {
        self.notice(slice::from_ref(exercise));
        let verdict = Checker::new(&self.root).check(&exercise.name)?;
        Progress::load(&self.root).remember(exercise, &verdict);
        let Exercise { name, title, .. } = exercise;
        let messages = self.messages;
        let (head, words) = match &verdict {
            Verdict::Passed => return self.praise(exercise),
            Verdict::DoesNotCompile(errors) => (&messages.it_does_not_compile, errors.trim_end().to_owned()),
            Verdict::NeverEnds { after } => {
                let words = messages.stopped.with(&[("seconds", &after.as_secs())]);
                (&messages.it_does_not_end, paragraphs(&words))
            }
            Verdict::NoCheck => (&messages.check_is_missing, self.missing_lines(exercise)),
            Verdict::Failed(feedback) => (&messages.not_yet, feedback.render(messages)),
        };
        writeln!(
            self.output,
            "{RED}{name} {title}: {}{RED:#}\n\n{words}\n",
            head.text()
        )?;
        let file = self.short(&exercise.file);
        let help = messages.file_and_hint.with(&[("file", &file), ("name", name)]);
        writeln!(self.output, "{help}")?;
        Ok(false)
    }

    fn praise(&mut self, exercise: &Exercise) -> Result<bool, Error> {
        let Exercise { name, title, .. } = exercise;
        let (head, answer) = (self.messages.it_passes.text(), &self.messages.good_answer);
        writeln!(self.output, "{GREEN}{name} {title}: {head}{GREEN:#}\n")?;
        writeln!(self.output, "{}\n", paragraphs(&exercise.explanation))?;
        writeln!(self.output, "{}", answer.with(&[("name", name)]))?;
        self.point_to_the_next()?;
        Ok(true)
    }

    fn missing_lines(&self, exercise: &Exercise) -> String {
        let check = exercise.check();
        let check = check.file_name().unwrap_or_default().display();
        let lines = format!("#[cfg(test)]\n#[path = \"../checks/{check}\"]\nmod checks;");
        format!("{}\n\n{lines}", self.messages.has_to_end_in.text())
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
        let about = self.messages.about_minutes.with(&[("minutes", minutes)]);
        writeln!(self.output, "{BOLD}{name} {title}{BOLD:#} {about}\n")?;
        writeln!(self.output, "{}\n", paragraphs(learn))?;
        let file = self.short(&exercise.file);
        let values: &[(&str, &dyn Display)] = &[("slide", slide), ("file", &file), ("name", name)];
        writeln!(self.output, "{}", self.messages.description.with(values))?;
        Ok(())
    }

    fn point_to_the_next(&mut self) -> Result<(), Error> {
        // Only what is known already: nobody wants to wait for all the others here.
        let progress = Progress::load(&self.root);
        let is_open = |exercise: &&Exercise| progress.known(exercise) != Some(State::Passes);
        match self.exercises.iter().find(is_open) {
            Some(Exercise { name, title, .. }) => {
                let words = self.messages.next_one.with(&[("name", name), ("title", title)]);
                writeln!(self.output, "{words}")?;
            }
            None => self.congratulate()?,
        }
        Ok(())
    }

    fn congratulate(&mut self) -> Result<(), Error> {
        let count = self.exercises.len();
        let words = self.messages.all_pass.with(&[("count", &count)]);
        writeln!(self.output, "{GREEN}{words}{GREEN:#}")?;
        Ok(())
    }

    fn find_out(&mut self) -> Result<Vec<State>, Error> {
        let mut progress = Progress::load(&self.root);
        let is_unknown = |exercise: &&Exercise| progress.known(exercise).is_none();
        let unknown: Vec<Exercise> = self.exercises.iter().filter(is_unknown).cloned().collect();
        self.notice(&unknown);
        Ok(progress.find_out(&self.exercises)?)
    }

    fn state(&mut self, exercise: &Exercise) -> Result<State, Error> {
        let mut progress = Progress::load(&self.root);
        if progress.known(exercise).is_none() {
            self.notice(slice::from_ref(exercise));
        }
        let states = progress.find_out(slice::from_ref(exercise))?;
        Ok(states.first().copied().unwrap_or(State::Fails))
    }

    /// Says what is going to be judged. A notice that cannot be given is no reason to stop.
    fn notice(&mut self, judged: &[Exercise]) {
        let words = match judged {
            [] => return,
            [one] => self.messages.judging_one.with(&[("name", &one.name)]),
            many => self.messages.judging.with(&[("count", &many.len())]),
        };
        let _ = writeln!(self.notices, "{words}");
    }

    fn first_unsolved(&mut self) -> Result<Option<Exercise>, Error> {
        // One after the other: the answer is usually near the front, and judging takes time.
        for exercise in self.exercises.clone() {
            if self.state(&exercise)? != State::Passes {
                return Ok(Some(exercise));
            }
        }
        Ok(None)
    }

    fn named(&self, name: &str) -> Result<Exercise, Error> {
        let exercise = self.exercises.iter().find(|exercise| exercise.name == name);
        exercise.cloned().ok_or_else(|| Error::UnknownName {
            name: name.to_owned(),
            names: self.names(),
        })
    }

    /// The names of all exercises, those of a step from the first to the last.
    fn names(&self) -> String {
        let steps = self.exercises.chunk_by(|one, next| one.step == next.step);
        let names = steps.filter_map(|step| match step {
            [] => None,
            [only] => Some(only.name.clone()),
            [first, .., last] => Some(format!("{} ... {}", first.name, last.name)),
        });
        names.collect::<Vec<_>>().join(", ")
    }

    fn named_or_next(&mut self, name: Option<&str>) -> Result<Option<Exercise>, Error> {
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

fn unreadable(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Unreadable {
        path: path.clone(),
        source,
    }
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Unwritable {
        path: path.clone(),
        source,
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
        let length = columns(word);
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

/// How wide `text` is on a terminal: a Korean letter takes two columns.
fn columns(text: &str) -> usize {
    text.chars()
        .map(|letter| if letter < '\u{1100}' { 1 } else { 2 })
        .sum()
}
