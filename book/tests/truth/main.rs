//! The truth of the book: nothing printed in it is typed by hand and left unchecked.
//!
//! Each chapter of `SUMMARY.md` is read as mdBook reads it, and each thing in it that could be wrong is
//! held against the thing itself: samples against files that cargo compiles, transcripts against
//! what the commands print now, links against the pages that mdBook makes. The `rust` fences
//! run as doctests of this package.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod chapter;
mod compiled;
mod console;
mod fault;
mod help;
mod include;
mod lecture;
mod links;
mod normalise;
mod pictures;
mod svg;
mod terminals;
mod transcript;

use std::collections::BTreeSet;
use std::fs;

use chapter::Chapter;
use fault::assert_faultless;
use regex::Regex;

/// Every chapter of the summary, as written.
fn chapters() -> Vec<Chapter> {
    chapter::names_in_summary()
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(chapter::folder().join(&name))
                .unwrap_or_else(|error| panic!("SUMMARY.md names {name}, which cannot be read: {error}"));
            Chapter::parse(&name, &text)
        })
        .collect()
}

#[test]
fn the_summary_the_folder_and_the_doctests_know_the_same_chapters() {
    let in_summary: BTreeSet<_> = chapter::names_in_summary().into_iter().collect();
    let in_doctests: BTreeSet<_> = chapter::names_in_doctests().into_iter().collect();
    let in_folder: BTreeSet<_> = chapter::names_in_folder().into_iter().collect();
    assert_eq!(
        in_summary, in_folder,
        "chapters/SUMMARY.md (left) against the files in chapters/"
    );
    assert_eq!(
        in_summary, in_doctests,
        "chapters/SUMMARY.md (left) against book/src/lib.rs"
    );
}

#[test]
fn every_fence_is_of_a_kind_that_is_checked() {
    assert_faultless(chapters().iter().flat_map(Chapter::faults_of_form).collect());
}

#[test]
fn every_included_file_is_compiled_or_held_by_a_test() {
    let chapters = chapters();
    let faults = chapters.iter().flat_map(|chapter| {
        let fences = chapter.fences.iter().filter(|fence| fence.is_included());
        fences.filter_map(move |fence| include::fault(chapter, fence))
    });
    assert_faultless(faults.collect());
}

#[test]
fn every_console_prints_what_the_book_shows() {
    console::build_the_tools();
    let mut chapters = chapters();
    // For authors: only one chapter.
    if let Ok(name) = std::env::var("CHAPTER") {
        chapters.retain(|chapter| chapter.name == name);
        assert!(!chapters.is_empty(), "CHAPTER={name} is not in the summary");
    }
    let faults = chapters.iter().flat_map(|chapter| {
        let fences = chapter.fences.iter().filter(|fence| fence.is_console());
        fences.flat_map(move |fence| transcript::faults(chapter, fence))
    });
    assert_faultless(faults.collect());
}

#[test]
fn every_link_and_image_leads_somewhere() {
    let site = links::Site::build();
    let chapters = chapters();
    let faults = chapters.iter().flat_map(|chapter| {
        let site = &site;
        chapter
            .links
            .iter()
            .filter_map(move |link| site.fault(chapter, link))
    });
    assert_faultless(faults.collect());
}

#[test]
fn every_term_in_bold_stands_in_the_glossary() {
    let glossary = fs::read_to_string(chapter::folder().join("glossary.md"))
        .unwrap()
        .to_lowercase();
    let chapters = chapters();
    let faults = chapters.iter().flat_map(|chapter| {
        let terms = chapter.bold.iter().filter(|bold| bold.is_term());
        let unknown = terms.filter(|term| !glossary.contains(&term.words.to_lowercase()));
        unknown.map(|term| {
            chapter.fault(
                term.line,
                format!("{:?} is in bold and not in glossary.md", term.words),
            )
        })
    });
    assert_faultless(faults.collect());
}

#[test]
fn the_index_of_standards_leads_to_every_chapter_that_names_one_and_to_no_other() {
    let read = |name: &str| fs::read_to_string(chapter::folder().join(name)).unwrap();
    let standard = Regex::new(r"RFC (\d+)").unwrap();
    let link = Regex::new(r"\]\(([^)]+\.md)\)").unwrap();
    let (index, chapters): (Vec<_>, Vec<_>) = chapter::names_in_summary()
        .into_iter()
        .partition(|name| name == "rfc-index.md");
    let named: BTreeSet<_> = chapters
        .iter()
        .flat_map(|name| {
            let text = read(name);
            let numbers = standard.captures_iter(&text).map(|found| found[1].to_owned());
            numbers.map(|number| (number, name.clone())).collect::<Vec<_>>()
        })
        .collect();
    let text = read(&index[0]);
    let listed: BTreeSet<_> = text
        .lines()
        .filter_map(|row| Some((standard.captures(row)?[1].to_owned(), row)))
        .flat_map(|(number, row)| {
            link.captures_iter(row)
                .map(move |found| (number.clone(), found[1].to_owned()))
        })
        .collect();
    let missing: Vec<_> = named.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&named).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "rfc-index.md lacks {missing:?}, and leads in vain to {stale:?}"
    );
}

#[test]
fn every_way_in_which_a_socket_fails_is_explained() {
    let source = fs::read_to_string(chapter::folder().join("../../03-tcp-socket/src/error.rs")).unwrap();
    let (_, source) = source.split_once("pub enum Error {").unwrap();
    let (variants, _) = source.split_once("\n}\n").unwrap();
    let starts_variant = |line: &&str| line.starts_with("    ") && line[4..].starts_with(char::is_uppercase);
    let name = |line: &str| {
        line.trim()
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap()
            .to_owned()
    };
    let variants: Vec<String> = variants.lines().filter(starts_variant).map(name).collect();
    assert!(variants.contains(&"Refused".to_owned()), "{variants:?}");
    let page = fs::read_to_string(chapter::folder().join("when-it-does-not-connect.md")).unwrap();
    let missing: Vec<_> = variants
        .iter()
        .filter(|variant| !page.contains(&format!("`{variant}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "when-it-does-not-connect.md says nothing of {missing:?}"
    );
}
