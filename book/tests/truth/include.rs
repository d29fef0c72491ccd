//! `{{#include path}}`: what is shown must be compiled by cargo, or held by a test.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::chapter::{self, Chapter, Fence};
use crate::compiled;
use crate::fault::Fault;

/// What is wrong with a fence that has to hold one include.
pub(crate) fn fault(chapter: &Chapter, fence: &Fence) -> Option<Fault> {
    let problem = check(&fence.text).err()?;
    Some(chapter.fault(fence.line, problem))
}

fn check(text: &str) -> Result<(), String> {
    let directive = text.trim_end_matches('\n');
    let target = directive
        .strip_prefix("{{#include ")
        .and_then(|rest| rest.strip_suffix("}}"))
        .filter(|target| !target.contains('\n'))
        .ok_or_else(|| {
            format!("this fence must hold exactly one line {{{{#include PATH}}}}, and holds:\n{directive}")
        })?;
    let (path, anchor) = match target.split_once(':') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let file = normal(&chapter::folder().join(path));
    let root = book::workspace::root().map_err(|error| error.to_string())?;
    let inside = file
        .strip_prefix(&root)
        .map_err(|_| format!("{path} is outside of the course"))?;
    let content = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", inside.display()))?;
    if is_snapshot(inside) {
        compiled::snapshot_is_held(&root, inside, &content)?;
    } else {
        compiled::source_is_compiled(&root, inside)?;
    }
    check_part(inside, &content, anchor)
}

/// The part of the file that is shown must be there, and must not drift when the file changes.
fn check_part(file: &Path, content: &str, part: Option<&str>) -> Result<(), String> {
    let shown = file.display();
    let first_line = after_front_matter(content);
    match part {
        None if content.contains("ANCHOR: ") => {
            Err(format!("{shown} has anchors in it: include one of them"))
        }
        None if first_line > 1 => Err(format!(
            "{shown} begins with insta's head: include {shown}:{first_line}:"
        )),
        None => Ok(()),
        Some(part) if part == format!("{first_line}:") => Ok(()),
        Some(part) if part.starts_with(|first: char| first.is_ascii_digit() || first == ':') => Err(format!(
            "{shown}: line numbers drift; put `// ANCHOR: name` into the file, and include that"
        )),
        Some(name) => {
            let marks = [format!("ANCHOR: {name}"), format!("ANCHOR_END: {name}")];
            let is_there = |mark: &String| {
                content
                    .lines()
                    .any(|line| line.trim_end().ends_with(mark.as_str()))
            };
            match marks.iter().find(|mark| !is_there(mark)) {
                Some(mark) => Err(format!("{shown} has no line that ends in `{mark}`")),
                None => Ok(()),
            }
        }
    }
}

/// The line on which the content of a snapshot begins: after insta's head, if it has one.
fn after_front_matter(content: &str) -> usize {
    let mut lines = content.lines();
    if lines.next() != Some("---") {
        return 1;
    }
    lines.position(|line| line == "---").map_or(1, |end| end + 3)
}

fn is_snapshot(file: &Path) -> bool {
    let is_snap = file.extension().is_some_and(|extension| extension == "snap");
    is_snap
        || file
            .parent()
            .is_some_and(|folder| folder.ends_with("tests/snapshots"))
}

/// The path without `..`, so that it can be compared.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            component => normal.push(component),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::{after_front_matter, check};

    #[track_caller]
    fn assert_fault(text: &str, part: &str) {
        let problem = check(text).expect_err("it should have been refused");
        assert!(problem.contains(part), "{problem}");
    }

    #[test]
    fn a_compiled_file_and_a_held_snapshot_pass() {
        check("{{#include ../../04-chunked-io/solutions/04-1-receive-all.rs}}\n").unwrap();
        check("{{#include ../../04-chunked-io/src/send.rs}}\n").unwrap();
        check("{{#include ../../04-chunked-io/checks/answers/04-1-receive-all.snap:4:}}\n").unwrap();
    }

    #[test]
    fn anything_beside_the_one_include_is_a_fault() {
        assert_fault("let x = 1;\n", "exactly one line");
        assert_fault("{{#include ../src/lib.rs}}\nlet x = 1;\n", "exactly one line");
        assert_fault("", "exactly one line");
    }

    #[test]
    fn a_file_that_nobody_compiles_is_a_fault() {
        assert_fault("{{#include ../../Cargo.toml}}\n", "nothing compiles it");
        assert_fault("{{#include introduction.md}}\n", "nothing compiles it");
        assert_fault("{{#include ../../04-chunked-io/src/no-such.rs}}\n", "no-such.rs");
        assert_fault("{{#include ../../../secret.rs}}\n", "outside of the course");
    }

    #[test]
    fn a_part_that_drifts_or_is_missing_is_a_fault() {
        assert_fault(
            "{{#include ../../04-chunked-io/src/send.rs:3:9}}\n",
            "line numbers drift",
        );
        assert_fault(
            "{{#include ../../04-chunked-io/src/send.rs:nowhere}}\n",
            "ANCHOR: nowhere",
        );
        assert_fault(
            "{{#include ../../04-chunked-io/checks/answers/04-1-receive-all.snap}}\n",
            "insta's head",
        );
    }

    #[test]
    fn instas_head_is_counted() {
        assert_eq!(after_front_matter("---\nsource: x\n---\nHello\n"), 4);
        assert_eq!(after_front_matter("Hello\n"), 1);
    }
}
