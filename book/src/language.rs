//! What the study runner says, in the student's language.
//!
//! Each language is one file of messages, `messages/en.toml` and `messages/ko.toml`. The names of the messages are the
//! fields of [`Messages`], so the compiler finds a message that nobody has written.

use std::env;
use std::fmt::Display;
use std::sync::LazyLock;

use clap::ValueEnum;
use serde::Deserialize;

/// A language that the runner speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    #[value(name = "en")]
    English,
    /// Korean.
    #[value(name = "ko")]
    Korean,
}

// A file that cannot be read would leave every message empty. A test reads both.
static ENGLISH: LazyLock<Messages> =
    LazyLock::new(|| toml::from_str(Language::English.file()).unwrap_or_default());
static KOREAN: LazyLock<Messages> =
    LazyLock::new(|| toml::from_str(Language::Korean.file()).unwrap_or_default());

impl Language {
    /// The language that the user's environment asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set has
    /// the word (POSIX, Base Definitions, section 8.2).
    #[must_use]
    pub fn of_the_environment() -> Self {
        let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let name = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find(is_set);
        let locale = name.and_then(|name| env::var(name).ok()).unwrap_or_default();
        if locale.starts_with("ko") {
            Self::Korean
        } else {
            Self::English
        }
    }

    /// What there is to say in this language.
    #[must_use]
    pub fn messages(self) -> &'static Messages {
        match self {
            Self::English => &ENGLISH,
            Self::Korean => &KOREAN,
        }
    }

    /// Its name in the attribute `lang` of a page (RFC 5646).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// Its messages as they are written.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::English => include_str!("messages/en.toml"),
            Self::Korean => include_str!("messages/ko.toml"),
        }
    }
}

/// One message, with a `{name}` wherever a value belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Message(String);

impl Message {
    /// The message without any value.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The message with each value at its place.
    #[must_use]
    pub fn with(&self, values: &[(&str, &dyn Display)]) -> String {
        let mut text = String::new();
        let mut rest = self.0.as_str();
        // From left to right, so that a brace inside of a value means nothing.
        while let Some((before, name, after)) = next_place(rest) {
            text.push_str(before);
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => text.push_str(&value.to_string()),
                None => text.push_str(name),
            }
            rest = after;
        }
        text + rest
    }
}

fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

macro_rules! messages {
    ($($name:ident)*) => {
        /// Everything that the runner says, by the names of the files.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs, reason = "the files say what each is")]
        pub struct Messages {
            $(pub $name: Message,)*
        }
    };
}

messages! {
    help_about
    help_long
    help_after
    help_usage
    help_commands
    help_arguments
    help_options
    help_list
    help_next
    help_hint
    help_check
    help_watch
    help_solution
    help_reset
    help_certificate
    help_name
    help_name_or_next
    help_number
    help_give_up
    help_output
    help_who
    help_lang
    help_help
    passed_of
    minutes
    does_not_compile
    commands
    about_minutes
    description
    hint_of
    hint_next
    hint_last
    it_passes
    not_yet
    it_does_not_compile
    it_does_not_end
    stopped
    check_is_missing
    has_to_end_in
    good_answer
    next_one
    file_and_hint
    all_pass
    watching
    printed
    differs
    panicked
    label_expected
    label_yours
    label_both
    reset_done
    reset_nothing
    certificate_made
    certificate_title
    certificate_course
    certificate_for
    certificate_all
    certificate_some
    certificate_checked
    certificate_exercise
    certificate_topic
    certificate_learned
    judging
    judging_one
    error
    unknown_command
    unknown_argument
    bad_value
    missing_argument
    missing_value
    bad_line
    unknown_name
    unknown_hint
    not_solved
    nothing_to_certify
    no_starter
    no_course
    course_incomplete
    list_malformed
    no_file
    cannot_run
    cargo_cannot_build
    cannot_read
    cannot_keep
    cannot_print
}
