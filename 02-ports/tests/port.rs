//! Ports as numbers, and the ranges they lie in.

use ports::range::reservation;
use ports::{Port, PortError, PortRange};
use proptest::prelude::*;

#[test]
fn the_ranges_meet_where_rfc_6335_says() {
    let edges = [
        (0, PortRange::System),
        (1023, PortRange::System),
        (1024, PortRange::User),
        (49151, PortRange::User),
        (49152, PortRange::Dynamic),
        (65535, PortRange::Dynamic),
    ];
    for (port, range) in edges {
        assert_eq!(Port::from(port).range(), range, "{port}");
    }
}

#[test]
fn the_three_ranges_cover_every_port_once() {
    for port in 0..=u16::MAX {
        let ranges = PortRange::ALL
            .iter()
            .filter(|range| range.ports().contains(&port));
        assert_eq!(ranges.collect::<Vec<_>>(), [&PortRange::of(port)], "{port}");
    }
}

#[test]
fn the_edges_of_the_ranges_are_reserved() {
    let reserved: Vec<u16> = (0..=u16::MAX)
        .filter(|port| reservation(*port).is_some())
        .collect();
    assert_eq!(reserved, [0, 1023, 1024, 49151]);
}

#[test]
fn a_number_of_more_than_16_bits_is_told_from_what_is_no_number() {
    for text in ["65536", "70000", "99999999999999999999999"] {
        assert!(
            matches!(text.parse::<Port>(), Err(PortError::TooLarge { .. })),
            "{text}"
        );
    }
    for text in ["", "+80", "-1", " 80", "80 ", "http", "0x50", "٨٠"] {
        assert!(
            matches!(text.parse::<Port>(), Err(PortError::NotANumber { .. })),
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn every_port_is_read_back_as_it_was_printed(number: u16) {
        let port = Port::from(number);
        prop_assert_eq!(port.to_string().parse::<Port>(), Ok(port));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = text.parse::<Port>();
    }
}
