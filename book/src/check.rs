//! Judging an attempt: compile it, run its check against the clock, and say what came of it.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::feedback::Feedback;
use crate::language::{Language, Messages};
use crate::workspace;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It does what it should.
    Passed,
    /// It compiles and does something else.
    Failed(Feedback),
    /// The compiler refused it, in the compiler's own words.
    DoesNotCompile(String),
    /// It was still running when its time was up.
    NeverEnds {
        /// How long it was waited for.
        after: Duration,
    },
    /// The file no longer ends in the lines that bring its check in.
    NoCheck,
}

impl Verdict {
    /// Whether the exercise is done.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        *self == Self::Passed
    }
}

/// Why there is no verdict.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// cargo, or the check that it built, could not be started.
    CannotRun {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// cargo stopped before it came to the exercises.
    Cargo {
        /// What cargo said.
        words: String,
    },
}

impl Error {
    /// The error in one sentence, in the language of `messages`.
    #[must_use]
    pub fn tell(&self, messages: &Messages) -> String {
        match self {
            Self::CannotRun { program, source } => messages
                .cannot_run
                .with(&[("program", program), ("what", source)]),
            Self::Cargo { words } => messages.cargo_cannot_build.with(&[("what", words)]),
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

/// How the checks are run.
#[derive(Debug, Clone)]
pub struct Checker {
    root: PathBuf,
    time_limit: Duration,
}

/// The checks that cargo built, and what the compiler said about each.
#[derive(Debug, Default)]
pub struct Built {
    executables: BTreeMap<String, Executable>,
    complaints: BTreeMap<String, Complaints>,
    /// What cargo itself printed.
    words: String,
}

#[derive(Debug)]
struct Executable {
    program: PathBuf,
    package: PathBuf,
}

#[derive(Debug, Default)]
struct Complaints {
    errors: String,
    warnings: String,
}

impl Built {
    /// The compiler's warnings about the example `name`: empty if there are none.
    #[must_use]
    pub fn warnings(&self, name: &str) -> &str {
        self.complaints
            .get(name)
            .map_or("", |complaints| complaints.warnings.as_str())
    }

    fn note(&mut self, message: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let target = text(&message["target"]["name"]);
        match message["reason"].as_str() {
            Some("compiler-message") => {
                let complaints = self.complaints.entry(target).or_default();
                let rendered = text(&message["message"]["rendered"]);
                match message["message"]["level"].as_str() {
                    Some("warning") => complaints.warnings.push_str(&rendered),
                    _ => complaints.errors.push_str(&rendered),
                }
            }
            Some("compiler-artifact") if message["executable"].is_string() => {
                let package = PathBuf::from(text(&message["manifest_path"])).with_file_name("");
                let program = PathBuf::from(text(&message["executable"]));
                self.executables.insert(target, Executable { program, package });
            }
            _ => {}
        }
    }

    /// Why there is no executable for `name`: its own errors, else those of what it is built on.
    fn reason(&self, name: &str) -> Result<String, Error> {
        let own = self
            .complaints
            .get(name)
            .map(|complaints| complaints.errors.clone());
        let own = own.filter(|errors| !errors.is_empty());
        let others = || {
            self.complaints
                .values()
                .map(|complaints| complaints.errors.as_str())
                .collect::<String>()
        };
        let errors = own.unwrap_or_else(others);
        if errors.is_empty() {
            Err(Error::Cargo {
                words: self.words.trim().to_owned(),
            })
        } else {
            Ok(errors)
        }
    }
}

impl Checker {
    /// A checker for the course at `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            time_limit: Duration::from_secs(10),
        }
    }

    /// The same with another limit for the run of one check. Compiling has none.
    #[must_use]
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Builds the checks of the examples `names` together. One that does not compile stops no other.
    ///
    /// # Errors
    ///
    /// [`Error::CannotRun`] if there is no cargo.
    pub fn build(&self, names: &[&str]) -> Result<Built, Error> {
        let mut cargo = workspace::cargo(&self.root);
        cargo.args(["test", "--quiet", "--no-run", "--no-fail-fast"]);
        cargo.arg("--message-format=json-diagnostic-rendered-ansi");
        cargo.args(names.iter().flat_map(|name| ["--example", name]));
        let output = cargo.output().map_err(cannot_run(&cargo))?;
        let mut built = Built {
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
            ..Built::default()
        };
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let Ok(message) = serde_json::from_str(line) {
                built.note(&message);
            }
        }
        Ok(built)
    }

    /// Runs the check of `name`, which was to be built by [`Checker::build`].
    ///
    /// # Errors
    ///
    /// [`Error::Cargo`] if it was not built and no compiler said why, [`Error::CannotRun`] if it does not start.
    pub fn run(&self, built: &Built, name: &str) -> Result<Verdict, Error> {
        let Some(executable) = built.executables.get(name) else {
            return Ok(Verdict::DoesNotCompile(built.reason(name)?));
        };
        let mut command = Command::new(&executable.program);
        workspace::forget_cargo(&mut command);
        // As `cargo test` would run it; a key is never rewritten from an attempt.
        command.current_dir(&executable.package).arg("--test-threads=1");
        command.envs([
            ("INSTA_UPDATE", "no"),
            ("INSTA_FORCE_PASS", "0"),
            ("INSTA_OUTPUT", "diff"),
        ]);
        command
            .env("INSTA_WORKSPACE_ROOT", &self.root)
            .env("RUST_BACKTRACE", "0");
        let Some((status, output)) = self.run_in_time(&mut command).map_err(cannot_run(&command))? else {
            return Ok(Verdict::NeverEnds {
                after: self.time_limit,
            });
        };
        Ok(if output.contains("running 0 tests") {
            Verdict::NoCheck
        } else if status.success() {
            Verdict::Passed
        } else {
            Verdict::Failed(Feedback::read(&output))
        })
    }

    /// Builds and runs the check of one example.
    ///
    /// # Errors
    ///
    /// As [`Checker::build`] and [`Checker::run`].
    pub fn check(&self, name: &str) -> Result<Verdict, Error> {
        self.run(&self.build(&[name])?, name)
    }

    /// Runs `command` to its end and returns all that it printed, or `None` if its time was up.
    fn run_in_time(&self, command: &mut Command) -> io::Result<Option<(ExitStatus, String)>> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let output = collect(child.stdout.take());
        let errors = collect(child.stderr.take());
        let Some(status) = self.wait(&mut child)? else {
            return Ok(None);
        };
        Ok(Some((status, joined(output) + &joined(errors))))
    }

    fn wait(&self, child: &mut Child) -> io::Result<Option<ExitStatus>> {
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if started.elapsed() > self.time_limit {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn cannot_run(command: &Command) -> impl Fn(io::Error) -> Error {
    let program = command.get_program().to_string_lossy().into_owned();
    move |source| Error::CannotRun {
        program: program.clone(),
        source,
    }
}

/// Reads a pipe on a thread of its own, so that a full pipe never holds the program up.
fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before a failure still counts.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn joined(reader: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
}
