//! The study runner: what to do next, whether it is right, and help when it is not.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io::ErrorKind;
use std::process::ExitCode;

use book::study::{self, Study};
use book::workspace;
use clap::{Parser, Subcommand};

/// The exercises of the course: what passes, what comes next, and help.
///
/// Without a command it lists the exercises, with an x at each that passes. An exercise is a file that you
/// edit; its check compares what your program does with what it should do, and shows the difference.
#[derive(Parser)]
#[command(
    name = "cargo study",
    bin_name = "cargo study",
    disable_help_subcommand = true
)]
#[command(
    after_help = "Begin with: cargo study next\nThen edit, and let this run beside your editor: cargo study watch"
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// List the exercises, and say which pass (the same as no command)
    List,
    /// Describe the first exercise that does not pass
    Next,
    /// Give a hint, from gentle to plain
    Hint {
        /// The exercise, such as 04-1; the next one if left out
        name: Option<String>,
        /// Which hint, counted from 1
        #[arg(default_value_t = 1)]
        number: usize,
    },
    /// Judge an exercise: exit code 0 if it passes, 1 if not, 2 if there is none of that name
    Check {
        /// The exercise, such as 04-1; the next one if left out
        name: Option<String>,
    },
    /// Judge an exercise whenever its file is saved
    Watch,
    /// Show one good answer, once yours passes
    Solution {
        /// The exercise, such as 04-1
        name: String,
        /// Show it although yours does not pass
        #[arg(long)]
        give_up: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command.unwrap_or(Command::List)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if nobody_reads(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            let is_bad_input = error.downcast_ref().is_some_and(study::Error::is_bad_input);
            ExitCode::from(if is_bad_input { 2 } else { 1 })
        }
    }
}

fn run(command: Command) -> Result<bool, Box<dyn Error>> {
    let root = workspace::root()?;
    let mut study = Study::open(&root, anstream::stdout().lock())?;
    match command {
        Command::List => study.list()?,
        Command::Next => study.next_step()?,
        Command::Hint { name, number } => study.hint(name.as_deref(), number)?,
        Command::Check { name } => return Ok(study.check(name.as_deref())?),
        Command::Watch => study.watch()?,
        Command::Solution { name, give_up } => study.solution(&name, give_up)?,
    }
    Ok(true)
}

/// Whether the pipe that the output goes to was closed, as `| head` does.
fn nobody_reads(error: &(dyn Error + 'static)) -> bool {
    let output = error.downcast_ref::<study::Error>();
    matches!(output, Some(study::Error::Output(source)) if source.kind() == ErrorKind::BrokenPipe)
}
