//! What a failed check says to the student.
//!
//! The test harness, insta and the panic each speak to the people who maintain snapshots. A student
//! wants to know three things: what my program printed, where its answer differs, and where it broke.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::language::Messages;

/// What is left of the output of a failed check once the machinery's own words are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feedback {
    /// What the student's program printed by itself.
    pub printed: String,
    /// The answer, line by line, beside the expected one.
    pub difference: Vec<Line>,
    /// Where the program panicked and what it said, unless that was only the comparison's failure.
    pub panic: Option<String>,
}

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// In both.
    Same(String),
    /// Expected, and missing.
    Expected(String),
    /// In the answer, and not expected.
    Yours(String),
    /// Lines that are the same in both and are not shown.
    Gap,
}

/// The column of insta's table that separates line numbers from text.
const COLUMN: char = '│';

impl Feedback {
    /// Reads what the check printed.
    #[must_use]
    pub fn read(output: &str) -> Self {
        let mut feedback = Self::default();
        let mut lines = output
            .lines()
            .skip_while(|line| !is_head_of_failure(line))
            .skip(1)
            .peekable();
        if lines.peek().is_none() {
            // No failed test: the program was stopped from outside, or stopped itself.
            output.trim().clone_into(&mut feedback.printed);
            return feedback;
        }
        while let Some(line) = lines.next() {
            if line.starts_with("failures:") {
                break;
            } else if line.starts_with("━━━") {
                for row in lines.by_ref().take_while(|row| !is_end_of_table(row)) {
                    feedback.difference.extend(Line::read(row));
                }
                // Then follows the advice to run insta's own tool.
                lines.next_if(|line| line.contains("cargo insta"));
            } else if line.starts_with("thread '") && line.contains("panicked at") {
                let words = lines
                    .by_ref()
                    .take_while(|line| !line.is_empty() && !line.starts_with("note: "));
                let words: Vec<&str> = words.collect();
                feedback.note_panic(line, &words);
            } else {
                feedback.printed.push_str(line);
                feedback.printed.push('\n');
            }
        }
        feedback.printed = feedback.printed.trim().to_owned();
        feedback
    }

    fn note_panic(&mut self, head: &str, words: &[&str]) {
        let place = head
            .split_once("panicked at ")
            .map_or(head, |(_, place)| place)
            .trim_end_matches(':');
        let is_the_comparison = words
            .first()
            .is_some_and(|word| word.starts_with("snapshot assertion for"));
        if !is_the_comparison {
            self.panic = Some(format!("{}\n{}", short(place), words.join("\n")));
        }
    }

    /// The feedback as text for a terminal, with colours that a plain one leaves out.
    #[must_use]
    pub fn render(&self, messages: &Messages) -> String {
        let mut text = String::new();
        if !self.printed.is_empty() {
            let _ = writeln!(
                text,
                "{}\n\n{}\n",
                messages.printed.text(),
                indented(&self.printed)
            );
        }
        if !self.difference.is_empty() {
            let _ = writeln!(text, "{}\n", messages.differs.text());
            for line in &self.difference {
                let _ = writeln!(text, "{}", line.render(messages));
            }
            text.push('\n');
        }
        if let Some(panic) = &self.panic {
            let place = indented(panic);
            let _ = writeln!(
                text,
                "{}\n",
                messages.panicked.with(&[("place", &place.trim_start())])
            );
        }
        text.trim_end().to_owned()
    }
}

impl Line {
    /// Reads a row of insta's table: `    4       │-pull(3) -> 3 "ORL"`.
    fn read(row: &str) -> Option<Self> {
        if row.starts_with('┈') {
            return Some(Self::Gap);
        }
        let (numbers, text) = row.split_once(COLUMN)?;
        if !numbers.chars().all(|c| c.is_ascii_digit() || c == ' ') {
            return None;
        }
        let (sign, text) = text.split_at_checked(1).unwrap_or((" ", ""));
        let text = text.to_owned();
        Some(match sign {
            "-" => Self::Expected(text),
            "+" => Self::Yours(text),
            _ => Self::Same(text),
        })
    }

    fn render(&self, messages: &Messages) -> String {
        let (expected, yours) = (messages.label_expected.text(), messages.label_yours.text());
        let both = messages.label_both.text();
        let green = Style::new().fg_color(Some(AnsiColor::Green.into()));
        let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
        match self {
            Self::Same(text) => format!("  {both} | {text}").trim_end().to_owned(),
            Self::Expected(text) => format!("{green}  {expected} | {text}{green:#}"),
            Self::Yours(text) => format!("{red}  {yours} | {text}{red:#}"),
            Self::Gap => format!("  {both} :"),
        }
    }
}

fn is_head_of_failure(line: &str) -> bool {
    line.starts_with("---- ") && line.ends_with(" stdout ----")
}

fn is_end_of_table(row: &str) -> bool {
    row.contains('┴')
}

/// `04-chunked-io/exercises/../checks/04-1.rs:12:9` as a person would write it, without the column.
fn short(place: &str) -> String {
    let place = place.replace("/exercises/../", "/");
    match place.rsplit_once(':') {
        Some((file_and_line, _)) => format!("{file_and_line}:"),
        None => place,
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("  {line}").trim_end().to_owned())
        .collect();
    lines.join("\n")
}
