//! The study runner: what to do next, whether it is right, and help when it is not.

#![forbid(unsafe_code)]

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use book::language::{Language, Message, Messages};
use book::study::{self, Study};
use book::workspace;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

// The help is in the files of messages, as it is to be had in two languages.
#[derive(Parser)]
#[command(name = "cargo study", bin_name = "cargo study")]
#[command(disable_help_subcommand = true, disable_help_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[arg(long, global = true, hide_possible_values = true)]
    lang: Option<Language>,
    #[arg(long, short, global = true, action = ArgAction::Help)]
    help: Option<bool>,
}

#[derive(Subcommand)]
enum Command {
    List,
    Next,
    Hint {
        name: Option<String>,
        #[arg(default_value_t = 1, hide_default_value = true)]
        number: usize,
    },
    Check {
        name: Option<String>,
    },
    Watch,
    Solution {
        name: String,
        #[arg(long)]
        give_up: bool,
    },
    Reset {
        name: String,
    },
    Certificate {
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let language = language();
    let messages = language.messages();
    let parsed = with_help(Arguments::command(), messages)
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(help) if help.kind() == ErrorKind::DisplayHelp => help.exit(),
        Err(error) => return fail(&misunderstood(&error, messages), messages, 2),
    };
    match run(arguments.command.unwrap_or(Command::List), language) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if nobody_reads(&error) => ExitCode::SUCCESS,
        Err(error) => fail(
            &error.tell(messages),
            messages,
            if error.is_bad_input() { 2 } else { 1 },
        ),
    }
}

fn fail(what: &str, messages: &Messages, code: u8) -> ExitCode {
    anstream::eprintln!("{}", messages.error.with(&[("what", &what)]));
    ExitCode::from(code)
}

/// What clap objects to, in one sentence of the student's language.
fn misunderstood(error: &clap::Error, messages: &Messages) -> String {
    let given = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let argument = given(ContextKind::InvalidArg);
    let value = given(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = given(ContextKind::InvalidSubcommand);
            messages.unknown_command.with(&[("word", &word)])
        }
        ErrorKind::UnknownArgument => messages.unknown_argument.with(&[("word", &argument)]),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if !value.is_empty() => messages
            .bad_value
            .with(&[("word", &value), ("argument", &argument)]),
        ErrorKind::InvalidValue => messages.missing_value.with(&[("argument", &argument)]),
        ErrorKind::MissingRequiredArgument => messages.missing_argument.with(&[("argument", &argument)]),
        _ => messages.bad_line.text().to_owned(),
    }
}

/// What `--lang` says, else the environment. The help needs it before anything is parsed.
fn language() -> Language {
    let arguments: Vec<String> = env::args().collect();
    let beside = arguments
        .windows(2)
        .find(|pair| pair[0] == "--lang")
        .map(|pair| pair[1].as_str());
    let joined = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--lang="));
    let named = beside
        .or(joined)
        .and_then(|name| Language::from_str(name, false).ok());
    named.unwrap_or_else(Language::of_the_environment)
}

/// Writes the help of `command` and its parts in the language of `messages`.
fn with_help(command: clap::Command, messages: &'static Messages) -> clap::Command {
    let about = |name: &str| match name {
        "list" => &messages.help_list,
        "next" => &messages.help_next,
        "hint" => &messages.help_hint,
        "check" => &messages.help_check,
        "watch" => &messages.help_watch,
        "solution" => &messages.help_solution,
        "reset" => &messages.help_reset,
        "certificate" => &messages.help_certificate,
        _ => &messages.help_about,
    };
    let argument = |command: &str, name: &str| match (command, name) {
        ("solution" | "reset", "name") => &messages.help_name,
        (_, "name") => &messages.help_name_or_next,
        (_, "number") => &messages.help_number,
        (_, "give_up") => &messages.help_give_up,
        (_, "output") => &messages.help_output,
        (_, "who") => &messages.help_who,
        (_, "lang") => &messages.help_lang,
        _ => &messages.help_help,
    };
    let name = command.get_name().to_owned();
    let translated = |argument_of: clap::Arg| {
        let help: &Message = argument(&name, argument_of.get_id().as_str());
        let heading = if argument_of.is_positional() {
            &messages.help_arguments
        } else {
            &messages.help_options
        };
        argument_of.help(help.text()).help_heading(heading.text())
    };
    let template = format!(
        "{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
        messages.help_usage.text()
    );
    let command = command
        .about(about(&name).text())
        .help_template(template)
        .subcommand_help_heading(messages.help_commands.text())
        .mut_args(translated)
        .mut_subcommands(|subcommand| with_help(subcommand, messages));
    if name == "cargo study" {
        command
            .long_about(messages.help_long.text())
            .after_help(messages.help_after.text())
    } else {
        command
    }
}

fn run(command: Command, language: Language) -> Result<bool, study::Error> {
    let root = workspace::root()?;
    // For a person who waits, and for nobody else.
    let notices: Box<dyn Write> = if io::stderr().is_terminal() {
        Box::new(anstream::stderr())
    } else {
        Box::new(io::sink())
    };
    let mut study = Study::open(&root, language, anstream::stdout().lock(), notices)?;
    match command {
        Command::List => study.list()?,
        Command::Next => study.next_step()?,
        Command::Hint { name, number } => study.hint(name.as_deref(), number)?,
        Command::Check { name } => return study.check(name.as_deref()),
        Command::Watch => study.watch()?,
        Command::Solution { name, give_up } => study.solution(&name, give_up)?,
        Command::Reset { name } => study.reset(&name)?,
        Command::Certificate { who, output } => study.certificate(who.as_deref(), output.as_deref())?,
    }
    Ok(true)
}

/// Whether the pipe that the output goes to was closed, as `| head` does.
fn nobody_reads(error: &study::Error) -> bool {
    matches!(error, study::Error::Output(source) if source.kind() == io::ErrorKind::BrokenPipe)
}
