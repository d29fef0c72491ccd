//! Judges exercise 01-5: predictions, beside what the registries say.

use std::net::IpAddr;

use ip::{Class, classify};

use super::PREDICTIONS;

#[test]
fn predictions_agree_with_the_registries() {
    let rows = PREDICTIONS.map(|(address, who)| format!("{address:<18} {who}\n"));
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("01-5-reach", rows.concat());
    });
}

/// So that the key is as right as the registries: step 1's own answer is the same.
#[test]
fn the_registries_say_the_same_as_the_key() {
    let key = include_str!("answers/01-5-reach.snap");
    for (address, _) in PREDICTIONS {
        let found = classify(address.parse::<IpAddr>().unwrap());
        let who = match found.class() {
            Class::Loopback => "this machine",
            Class::Private | Class::UniqueLocal | Class::LinkLocal => "this network",
            _ if found.is_globally_reachable() => "everybody",
            _ => "nobody",
        };
        let row = format!("{address:<18} {who}");
        assert!(key.lines().any(|line| line == row), "{row}");
    }
}
