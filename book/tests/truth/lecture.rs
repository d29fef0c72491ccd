//! Every line of the lecture has its place in the book: `book/lecture.toml` says where.

use std::collections::BTreeSet;
use std::fs;

use book::exercise::{self, Exercise};
use serde::Deserialize;

use crate::chapter;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lecture {
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    slide: String,
    section: String,
    shows: String,
    picture: String,
    correction: Option<String>,
    #[serde(default)]
    exercises: Vec<String>,
}

fn rows() -> Vec<Row> {
    let file = chapter::folder().with_file_name("lecture.toml");
    let lecture: Lecture = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    lecture.row
}

fn page(name: &str) -> String {
    fs::read_to_string(chapter::folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The heading's anchor as mdBook makes it.
fn anchor(heading: &str) -> String {
    let kept = heading
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The text from the heading with this anchor to the next heading of its level.
fn section(text: &str, wanted: &str) -> Option<String> {
    let mut sections = text.split("\n## ").skip(1);
    let found = sections.find(|section| anchor(section.lines().next().unwrap_or_default()) == wanted);
    found.map(|section| section.replace('\n', " "))
}

#[test]
fn every_line_of_the_lecture_has_its_section_program_picture_correction_and_exercises() {
    let root = book::workspace::root().unwrap();
    let exercises: BTreeSet<String> = Exercise::all(&root)
        .unwrap()
        .into_iter()
        .map(|exercise| exercise.name)
        .collect();
    let errata = page("errata.md");
    let mut faults = Vec::new();
    for row in rows() {
        let (name, wanted) = row.section.split_once('#').unwrap();
        let text = page(name);
        let Some(section) = section(&text, wanted) else {
            faults.push(format!("{}: no section {}", row.slide, row.section));
            continue;
        };
        if !text.contains(&row.shows) {
            faults.push(format!("{}: {name} does not show {:?}", row.slide, row.shows));
        }
        let picture = format!("](images/{}.svg)", row.picture);
        if !text.contains(&picture) {
            faults.push(format!("{}: {name} has no picture {}", row.slide, row.picture));
        }
        if let Some(correction) = &row.correction {
            if !section.contains(correction.as_str()) {
                faults.push(format!(
                    "{}: {:?} is not in the section {}",
                    row.slide, correction, row.section
                ));
            }
            if !errata.contains(&row.section) {
                faults.push(format!(
                    "{}: errata.md does not lead to {}",
                    row.slide, row.section
                ));
            }
        }
        faults.extend(
            row.exercises
                .iter()
                .filter(|name| !exercises.contains(*name))
                .map(|name| format!("{}: no exercise {name}", row.slide)),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_exercise_belongs_to_a_line_of_the_lecture() {
    let root = book::workspace::root().unwrap();
    let named: BTreeSet<String> = rows().into_iter().flat_map(|row| row.exercises).collect();
    let all: BTreeSet<String> = Exercise::all(&root)
        .unwrap()
        .into_iter()
        .map(|exercise| exercise.name)
        .collect();
    assert_eq!(
        named, all,
        "book/lecture.toml (left) against the lists of exercises"
    );
}

#[test]
fn the_table_for_teachers_leads_to_each_of_these_sections() {
    let table = page("from-slide-to-section.md");
    let missing: Vec<String> = rows()
        .into_iter()
        .filter(|row| !table.contains(&format!("]({})", row.section)))
        .map(|row| format!("{} -> {}", row.slide, row.section))
        .collect();
    assert!(
        missing.is_empty(),
        "from-slide-to-section.md lacks:\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_example_stands_in_a_chapter() {
    let root = book::workspace::root().unwrap();
    let names = chapter::names_in_summary();
    let text: String = names.iter().map(|name| page(name)).collect();
    let mut count = 0;
    for step in exercise::step_folders(&root).unwrap() {
        for entry in fs::read_dir(root.join(step).join("examples")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().display();
            let places = [format!("--example {name}"), format!("examples/{name}")];
            assert!(
                places.iter().any(|place| text.contains(place)),
                "{}: no chapter shows it",
                path.display()
            );
            count += 1;
        }
    }
    assert!(count > 20, "{count} examples");
}

#[test]
fn every_chapter_has_the_six_parts() {
    for name in [
        "01-ip.md",
        "02-ports.md",
        "03-tcp-socket.md",
        "04-chunked-io.md",
        "05-websocket.md",
        "06-stomp.md",
    ] {
        let text = page(name);
        let heading = |words: &str| {
            text.lines()
                .any(|line| line.starts_with("## ") && line.to_lowercase().contains(words))
        };
        let begins_with_a_question = text.find("<details>").is_some_and(|fold| fold < 3000);
        assert!(
            begins_with_a_question,
            "{name}: no question with a folded answer at its head"
        );
        for words in [
            "field",
            "what the standard says",
            "exercise",
            "what changed since the last step",
        ] {
            assert!(heading(words), "{name}: no heading with {words:?}");
        }
    }
}
