//! Linux keeps its settings in files, one a setting (`man 7 ip`).

use std::ops::RangeInclusive;

#[cfg(target_os = "linux")]
pub(super) fn ask() -> super::Machine {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/sys/net/ipv4/{name}")).ok();
    super::Machine {
        ephemeral: read("ip_local_port_range").as_deref().and_then(pair),
        first_unprivileged: read("ip_unprivileged_port_start").and_then(|text| text.trim().parse().ok()),
        reserved: read("ip_local_reserved_ports")
            .as_deref()
            .map(list)
            .unwrap_or_default(),
        source: "/proc/sys/net/ipv4/ip_local_port_range, ip_unprivileged_port_start, ip_local_reserved_ports",
    }
}

/// The first and the last port, with white space between.
fn pair(text: &str) -> Option<RangeInclusive<u16>> {
    let mut words = text.split_ascii_whitespace();
    let (first, last) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(first..=last)
}

/// `8080,9148-9200`
fn list(text: &str) -> Vec<RangeInclusive<u16>> {
    let range = |item: &str| {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    text.trim().split(',').filter_map(range).collect()
}

// Only the machine itself decides what its files hold; what they may hold is tested here.
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_two_formats_of_the_kernel_are_read() {
        assert_eq!(pair("32768\t60999\n"), Some(32768..=60999));
        assert_eq!(pair("32768\n"), None);
        assert_eq!(list("8080,9148-9200\n"), [8080..=8080, 9148..=9200]);
        assert_eq!(list("\n"), []);
    }

    proptest! {
        #[test]
        fn no_file_makes_the_reader_panic(text in any::<String>(), listed in "[0-9,-]{0,20}") {
            let _ = (pair(&text), list(&text), list(&listed));
        }
    }
}
