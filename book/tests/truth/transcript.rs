//! A `console` fence: commands, and under each what it prints.

use similar::TextDiff;

use crate::chapter::{Chapter, Fence};
use crate::console;
use crate::fault::Fault;
use crate::normalise::normalise;
use crate::terminals;

/// One command of a transcript.
#[derive(Debug, PartialEq, Eq)]
struct Exchange {
    line: usize,
    command: String,
    shown: String,
}

/// Runs the commands of `fence`, one after the other, and says where the book shows something else.
pub(crate) fn faults(chapter: &Chapter, fence: &Fence) -> Vec<Fault> {
    if terminals::has_terminals(fence) {
        return terminals::faults(chapter, fence);
    }
    let root = book::workspace::root().unwrap();
    let exchanges = match exchanges(fence) {
        Ok(exchanges) => exchanges,
        Err(problem) => return vec![chapter.fault(fence.line, problem)],
    };
    let problems = exchanges.iter().filter_map(|exchange| {
        let problem = match console::run(&root, &exchange.command) {
            Ok(printed) => difference(&exchange.command, &exchange.shown, &printed)?,
            Err(problem) => problem,
        };
        Some(chapter.fault(exchange.line, problem))
    });
    problems.collect()
}

fn exchanges(fence: &Fence) -> Result<Vec<Exchange>, String> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for (number, text) in fence.text.lines().enumerate() {
        match (text.strip_prefix("$ "), exchanges.last_mut()) {
            (Some(command), _) if command.starts_with("cargo run ") && command.contains(" -p ") => {
                return Err(format!(
                    "`{command}` has -p, with which cargo builds all libraries a second time: leave it out"
                ));
            }
            (Some(command), _) => exchanges.push(Exchange {
                line: fence.line + number,
                command: command.to_owned(),
                shown: String::new(),
            }),
            (None, Some(exchange)) => {
                exchange.shown.push_str(text);
                exchange.shown.push('\n');
            }
            (None, None) => return Err("a console fence begins with a command: `$ cargo …`".to_owned()),
        }
    }
    if exchanges.is_empty() {
        Err("a console fence without a command".to_owned())
    } else {
        Ok(exchanges)
    }
}

/// The difference between the book and the truth, if there is one.
pub(crate) fn difference(command: &str, shown: &str, printed: &str) -> Option<String> {
    let (shown, real) = (normalise(shown), normalise(printed));
    if shown == real {
        return None;
    }
    let diff = TextDiff::from_lines(&shown, &real);
    let diff = diff
        .unified_diff()
        .context_radius(2)
        .missing_newline_hint(false)
        .header("the book", "the command")
        .to_string();
    Some(format!(
        "`{command}` prints something else:\n{diff}\nIn full, to paste:\n{printed}"
    ))
}

#[cfg(test)]
mod tests {
    use super::{Exchange, difference, exchanges, faults};
    use crate::chapter::Chapter;

    fn chapter(console: &str) -> Chapter {
        Chapter::parse("x.md", &format!("# X\n\n```console\n{console}```\n"))
    }

    #[test]
    fn a_fence_is_a_list_of_commands_with_what_each_prints() {
        let chapter = chapter("$ echo a\na\n$ echo b; echo c\nb\n\nc\n");
        let exchange = |line, command: &str, shown: &str| Exchange {
            line,
            command: command.into(),
            shown: shown.into(),
        };
        let expected = vec![
            exchange(4, "echo a", "a\n"),
            exchange(6, "echo b; echo c", "b\n\nc\n"),
        ];
        assert_eq!(exchanges(&chapter.fences[0]).unwrap(), expected);
    }

    #[test]
    fn a_true_transcript_has_no_fault() {
        let chapter = chapter("$ echo out; echo err >&2\nout\nerr\n$ echo $((6 * 7)) ms\n41 ms\n");
        assert!(faults(&chapter, &chapter.fences[0]).is_empty());
    }

    #[test]
    fn a_false_one_says_the_line_and_the_difference() {
        let chapter = chapter("$ echo a\na\n$ echo b\nc\n");
        let faults = faults(&chapter, &chapter.fences[0]);
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 1);
        let expected = "book/chapters/x.md:6: `echo b` prints something else:\n--- the book\n+++ the command\n@@ -1 +1 @@\n-c\n+b\n";
        assert!(faults[0].starts_with(expected), "{}", faults[0]);
    }

    #[test]
    fn output_without_a_command_is_a_fault() {
        let chapter = chapter("hello\n");
        assert_eq!(faults(&chapter, &chapter.fences[0]).len(), 1);
    }

    #[test]
    fn only_what_varies_may_differ() {
        let shown = "127.0.0.1:40001 in 3 ms\n";
        assert_eq!(difference("x", shown, "127.0.0.1:50001 in 40 ms\n"), None);
        assert!(difference("x", shown, "127.0.0.2:50001 in 40 ms\n").is_some());
    }
}
