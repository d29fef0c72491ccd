//! The exercises of the course are fair: each starter compiles and fails, each solution passes, and nothing is missing.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use book::check::{Checker, Verdict};
use book::exercise::{Exercise, step_folders};
use book::language::Language;
use book::starters::Starters;
use book::workspace;

fn root() -> PathBuf {
    workspace::root().unwrap()
}

fn exercises() -> Vec<Exercise> {
    Exercise::all(&root()).unwrap()
}

/// What a student sees who has changed nothing yet; rewritten by `SNAPSHOTS=overwrite cargo test -p book`.
fn feedback_file(name: &str) -> PathBuf {
    root().join(format!("book/tests/snapshots/feedback-{name}.txt"))
}

/// Whether the file is as it came: in a student's own copy, a solved exercise is no starter any more.
fn is_starter(exercise: &Exercise) -> bool {
    let text = fs::read_to_string(&exercise.file).unwrap().replace("\r\n", "\n");
    Starters::load(&root()).unwrap().get(exercise) == Some(&text)
}

/// In a copy that no student works in, each file is its starter; `SNAPSHOTS=overwrite` keeps what the files are now.
#[test]
fn a_starter_is_kept_for_every_exercise() {
    let exercises = exercises();
    if std::env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite") {
        let now = Starters::of(&exercises).unwrap();
        fs::write(Starters::file(&root()), now.to_toml()).unwrap();
    }
    let kept = Starters::load(&root()).unwrap();
    let names: Vec<&str> = exercises.iter().map(|exercise| exercise.name.as_str()).collect();
    assert_eq!(kept.names().collect::<Vec<_>>(), names);
    let text = fs::read_to_string(Starters::file(&root())).unwrap();
    assert_eq!(text.replace("\r\n", "\n"), kept.to_toml());
}

#[test]
fn every_starter_compiles_without_warnings_and_fails_with_a_difference_that_teaches() {
    let starters: Vec<Exercise> = exercises().into_iter().filter(is_starter).collect();
    let names: Vec<&str> = starters.iter().map(|exercise| exercise.name.as_str()).collect();
    let checker = Checker::new(&root());
    let built = checker.build(&names).unwrap();
    for name in names {
        assert_eq!(built.warnings(name), "", "{name} has warnings");
        let Verdict::Failed(feedback) = checker.run(&built, name).unwrap() else {
            panic!("{name} should fail its check: {:?}", checker.run(&built, name));
        };
        let text = anstream::adapter::strip_str(&feedback.render(Language::English.messages())).to_string();
        assert!(
            text.contains("\n  expected | ") && text.contains("\n  yours    | "),
            "{name} shows no difference:\n{text}"
        );
        let seen = snapbox::Data::read_from(&feedback_file(name), None);
        snapbox::Assert::new()
            .normalize_paths(false)
            .action_env("SNAPSHOTS")
            .eq(format!("{text}\n"), seen);
        for word in ["insta", "snapshot", "backtrace", "RUST_BACKTRACE"] {
            assert!(
                !text.contains(word),
                "{name} speaks of its machinery ({word}):\n{text}"
            );
        }
    }
}

#[test]
fn every_solution_passes_the_check_that_the_starter_fails() {
    let names: Vec<String> = exercises()
        .iter()
        .map(|exercise| format!("{}-solution", exercise.name))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let checker = Checker::new(&root());
    let built = checker.build(&names).unwrap();
    for name in names {
        assert_eq!(built.warnings(name), "", "{name} has warnings");
        assert_eq!(checker.run(&built, name).unwrap(), Verdict::Passed, "{name}");
    }
}

#[test]
fn every_exercise_says_what_it_teaches_and_helps() {
    for Exercise {
        step,
        name,
        title,
        slide,
        minutes,
        learn,
        hints,
        explanation,
        ..
    } in exercises()
    {
        assert!(name.starts_with(&step[..3]), "{name} lies in {step}");
        assert!(
            !title.is_empty() && !slide.is_empty(),
            "{name} needs a title and its slide"
        );
        assert!(
            (5..=30).contains(&minutes),
            "{name}: {minutes} minutes are no exercise"
        );
        assert!(
            learn.ends_with('.'),
            "{name}: what it teaches is one sentence: {learn:?}"
        );
        assert!(
            (2..=4).contains(&hints.len()),
            "{name}: two to four hints, from gentle to plain"
        );
        assert!(
            explanation.len() > 80,
            "{name}: the explanation explains nothing: {explanation:?}"
        );
    }
}

#[test]
fn every_step_has_an_exercise_and_no_name_is_used_twice() {
    let exercises = exercises();
    let names: BTreeSet<&str> = exercises.iter().map(|exercise| exercise.name.as_str()).collect();
    assert_eq!(names.len(), exercises.len(), "a name is used twice");
    let with_exercises: BTreeSet<String> = exercises.iter().map(|exercise| exercise.step.clone()).collect();
    assert_eq!(
        with_exercises,
        step_folders(&root()).unwrap().into_iter().collect()
    );
}

#[test]
fn an_exercise_is_four_files_of_one_name_two_cargo_examples_and_nothing_else() {
    for step in step_folders(&root()).unwrap() {
        let folder = root().join(&step);
        let own: Vec<Exercise> = exercises()
            .into_iter()
            .filter(|exercise| exercise.step == step)
            .collect();
        let files: [(&str, Vec<PathBuf>); 4] = [
            (
                "exercises",
                own.iter().map(|exercise| exercise.file.clone()).collect(),
            ),
            ("solutions", own.iter().map(Exercise::solution).collect()),
            ("checks", own.iter().map(Exercise::check).collect()),
            ("checks/answers", own.iter().map(Exercise::answer).collect()),
        ];
        for (room, expected) in files {
            let expected: BTreeSet<PathBuf> = expected.into_iter().collect();
            assert_eq!(
                files_in(&folder.join(room)),
                expected,
                "the files in {step}/{room} (left)"
            );
        }
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for exercise in own {
            let (name, file) = (
                &exercise.name,
                exercise.file.file_name().unwrap().to_str().unwrap(),
            );
            assert_names(
                &manifest,
                &format!("name = \"{name}\"\npath = \"exercises/{file}\"\n"),
            );
            assert_names(
                &manifest,
                &format!("name = \"{name}-solution\"\npath = \"solutions/{file}\"\ntest = true\n"),
            );
        }
    }
}

#[track_caller]
fn assert_names(manifest: &str, example: &str) {
    let manifest = manifest.replace("\r\n", "\n");
    assert!(
        manifest.contains(example),
        "a manifest should have\n\n[[example]]\n{example}"
    );
}

#[test]
fn starter_and_solution_end_in_the_lines_that_bring_in_the_same_check() {
    for exercise in exercises() {
        let check = exercise.check();
        let check = check.file_name().unwrap().to_str().unwrap();
        let lines = format!("#[cfg(test)]\n#[path = \"../checks/{check}\"]\nmod checks;\n");
        for file in [&exercise.file, &exercise.solution()] {
            let text = fs::read_to_string(file).unwrap();
            assert!(
                text.ends_with(&lines),
                "{} should end in:\n{lines}",
                file.display()
            );
            assert!(
                !text.contains("todo!("),
                "{}: almost right teaches more than todo!()",
                file.display()
            );
        }
    }
}

/// The files in one room of a step: the list, and the folder of the keys, have checks of their own.
fn files_in(room: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(room).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.is_file() && !path.ends_with("exercises.toml"))
        .collect()
}
