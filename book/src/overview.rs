//! What `cargo run` says: where the book is, the six steps, and how far the reader has come.

use std::fmt::Write;
use std::net::SocketAddr;

use anstyle::Style;

use crate::progress::State;
use crate::render::Rendered;

const BOLD: Style = Style::new().bold();

/// The address of the book, and each step with the command that runs it.
#[must_use]
pub fn overview(address: SocketAddr, rendered: &Rendered) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{BOLD}From an IP address to a message broker{BOLD:#}\n");
    let _ = writeln!(
        text,
        "  The book       {BOLD}http://{address}/{BOLD:#}   (Ctrl-C ends)\n"
    );
    for (title, page) in &rendered.chapters {
        let step = page
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        if step.starts_with(|first: char| first.is_ascii_digit()) {
            let _ = writeln!(text, "  {step:<14} {title:<38} cargo {step}");
        }
    }
    text
}

/// One line on the exercises. `None` is one that has not been judged since it was last changed.
#[must_use]
pub fn exercises(states: &[Option<State>]) -> String {
    let passed = states
        .iter()
        .filter(|state| **state == Some(State::Passes))
        .count();
    let mut summary = format!("{passed} of {} pass", states.len());
    let unjudged = states.iter().filter(|state| state.is_none()).count();
    if unjudged > 0 {
        summary.push_str(&format!(", {unjudged} not judged yet"));
    }
    format!("  {:<14} {summary:<38} cargo study", "Exercises")
}
