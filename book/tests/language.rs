//! The two files of messages say the same things.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use book::language::{Language, Messages};
use regex::Regex;

fn raw(language: Language) -> BTreeMap<String, String> {
    toml::from_str(language.file()).unwrap()
}

#[test]
fn both_files_are_read_and_have_every_message() {
    for language in [Language::English, Language::Korean] {
        let read: Messages = toml::from_str(language.file()).unwrap();
        assert_eq!(&read, language.messages(), "{language:?}");
    }
    let keys = |language| raw(language).into_keys().collect::<Vec<_>>();
    assert_eq!(keys(Language::English), keys(Language::Korean));
}

#[test]
fn a_message_has_the_same_places_in_both() {
    let place = Regex::new(r"\{([^}]*)\}").unwrap();
    let places = |text: &str| {
        place
            .captures_iter(text)
            .map(|found| found[1].to_owned())
            .collect::<BTreeSet<_>>()
    };
    let korean = raw(Language::Korean);
    for (key, english) in raw(Language::English) {
        assert_eq!(places(&english), places(&korean[&key]), "{key}");
    }
}

#[test]
fn every_message_is_translated() {
    let english = raw(Language::English);
    let is_korean = |letter: char| ('\u{ac00}'..='\u{d7a3}').contains(&letter);
    for (key, korean) in raw(Language::Korean) {
        // The label of a line that stands in both columns is empty in every language.
        if korean.trim().is_empty() {
            continue;
        }
        assert!(
            korean.chars().any(is_korean),
            "{key} has no Korean in it: {korean}"
        );
        assert_ne!(korean, english[&key], "{key}");
    }
}

#[test]
fn english_needs_no_console_that_can_show_more_than_ascii() {
    for (key, text) in raw(Language::English) {
        assert!(text.is_ascii(), "{key}: {text}");
    }
}

#[test]
fn the_labels_of_a_difference_are_equally_wide() {
    let width = |text: &str| {
        text.chars()
            .map(|letter| if letter.is_ascii() { 1 } else { 2 })
            .sum::<usize>()
    };
    for language in [Language::English, Language::Korean] {
        let messages = language.messages();
        let expected = width(messages.label_expected.text());
        assert_eq!(width(messages.label_yours.text()), expected, "{language:?}");
        assert_eq!(width(messages.label_both.text()), expected, "{language:?}");
    }
}

#[test]
fn a_brace_inside_of_a_value_stays() {
    let message = &Language::English.messages().unknown_name;
    let text = message.with(&[("name", &"{names}"), ("names", &"01-1")]);
    assert_eq!(text, "there is no exercise \"{names}\": the exercises are 01-1");
}
