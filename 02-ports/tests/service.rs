//! The registry of services, both ways.

use std::collections::HashSet;

use ports::service::file::{self, LineError};
use ports::service::{Protocol, Source, Story};
use ports::{Meaning, MeaningError, Registry};
use proptest::prelude::*;

#[test]
fn the_lectures_five_stand_at_their_ports() {
    let registry = Registry::built_in();
    for (name, port) in [
        ("ftp", 21),
        ("ssh", 22),
        ("telnet", 23),
        ("http", 80),
        ("https", 443),
    ] {
        let ports: Vec<u16> = registry.by_name(name).map(|service| service.port).collect();
        assert_eq!(ports, [port], "{name}");
        assert!(
            registry.by_port(port).any(|service| service.name == name),
            "{port}"
        );
        assert!(Story::of(name, port).is_some(), "what became of {name}");
    }
}

#[test]
fn names_are_found_in_any_case_and_by_their_aliases() {
    let registry = Registry::built_in();
    for name in ["http", "HTTP", "www", "WWW"] {
        assert_eq!(registry.by_name(name).next().unwrap().port, 80, "{name}");
    }
}

#[test]
fn every_row_is_sorted_whole_and_said_once() {
    let registry = Registry::built_in();
    let services = registry.services();
    assert!(services.is_sorted_by_key(|service| service.port));
    let mut seen = HashSet::new();
    for service in services {
        assert!(
            service.protocols.is_sorted() && !service.protocols.is_empty(),
            "{service:?}"
        );
        assert!(!service.aliases.contains(&service.name), "{service:?}");
        for protocol in &service.protocols {
            assert!(
                seen.insert((&service.name, service.port, *protocol)),
                "{service:?}"
            );
        }
    }
}

#[test]
fn every_entry_of_debians_netbase_is_in_the_list() {
    let registry = Registry::built_in();
    let entries: Vec<_> = file::parse(include_str!("netbase-6.4.services"))
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(entries.len(), 318);
    for entry in entries {
        let holds = |service: &ports::Service| {
            service.port == entry.port
                && service.protocols.contains(&entry.protocols[0])
                && entry.aliases.iter().all(|alias| service.answers_to(alias))
        };
        assert!(registry.by_name(&entry.name).any(holds), "{entry:?}");
    }
}

#[test]
fn a_bad_line_of_a_services_file_is_named_by_its_number() {
    let lines: Vec<_> = file::parse(include_str!("own.services"))
        .filter_map(Result::err)
        .collect();
    assert!(matches!(
        lines[..],
        [
            LineError::Incomplete { line: 5 },
            LineError::Port { line: 6, .. },
            LineError::Protocol { line: 7, .. }
        ]
    ));
}

#[test]
fn all_four_protocols_have_services() {
    let registry = Registry::built_in();
    for protocol in Protocol::ALL {
        let has = |service: &&ports::Service| service.protocols.contains(&protocol);
        assert!(
            registry.services().iter().any(|service| has(&service)),
            "{protocol}"
        );
        assert_eq!(
            Protocol::by_name(&protocol.to_string().to_uppercase()),
            Some(protocol)
        );
    }
    assert_eq!(Protocol::by_name("icmp"), None);
}

#[test]
fn the_port_of_stomp_is_a_convention_and_ws_is_no_port_at_all() {
    let registry = Registry::built_in();
    let stomp = registry.by_name("stomp").next().unwrap();
    assert_eq!((stomp.port, stomp.source), (61613, Source::Convention));
    assert_eq!(registry.by_name("ws").next(), None);
}

#[test]
fn a_misspelt_name_is_answered_with_the_nearest_one() {
    let nearest = |name: &str| match Meaning::of(name, &Registry::built_in()) {
        Err(MeaningError::UnknownService { nearest, .. }) => nearest,
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(nearest("htttp").as_deref(), Some("http"));
    assert_eq!(nearest("sshd").as_deref(), Some("ssh"));
    assert_eq!(nearest("xyzzy"), None);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = Meaning::of(&text, &Registry::built_in());
    }

    #[test]
    fn no_services_file_makes_the_reader_panic(text in any::<String>(), line in "[a-z]{0,3}[ \t][0-9]{0,6}/?[a-z]{0,4}.*") {
        let _ = Registry::built_in().with(file::parse(&text).chain(file::parse(&line)).filter_map(Result::ok));
    }

    #[test]
    fn from_a_service_to_its_port_and_back(index in any::<prop::sample::Index>()) {
        let registry = Registry::built_in();
        let service = index.get(registry.services());
        prop_assert!(registry.by_name(&service.name).any(|found| found == service));
        prop_assert!(registry.by_port(service.port).any(|found| found == service));
    }
}
