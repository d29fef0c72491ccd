//! macOS and FreeBSD tell their settings through `sysctl` (`man 4 ip`, `net.inet.ip.portrange`).

#[cfg(any(target_os = "macos", target_os = "freebsd"))]
pub(super) fn ask() -> super::Machine {
    const RANGE: [&str; 3] = ["-n", "net.inet.ip.portrange.first", "net.inet.ip.portrange.last"];
    const GUARDED: [&str; 2] = ["-n", "net.inet.ip.portrange.reservedhigh"];
    let ask = |arguments: &[&str]| super::output_of("sysctl", arguments);
    super::Machine {
        ephemeral: ask(&RANGE).as_deref().and_then(pair),
        // FreeBSD only. macOS guards the system ports of single addresses, but not of the wildcard, and says so nowhere.
        first_unprivileged: ask(&GUARDED).and_then(|text| super::numbers(&text).next()?.checked_add(1)),
        reserved: Vec::new(),
        source: "sysctl net.inet.ip.portrange",
    }
}

/// Two lines, a number each.
fn pair(text: &str) -> Option<std::ops::RangeInclusive<u16>> {
    let mut numbers = super::numbers(text);
    Some(numbers.next()?..=numbers.next()?)
}

// No other system prints this.
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn two_lines_are_a_range() {
        assert_eq!(super::pair("49152\n65535\n"), Some(49152..=65535));
        assert_eq!(super::pair(""), None);
    }

    proptest! {
        #[test]
        fn no_output_makes_the_reader_panic(text in any::<String>()) {
            let _ = super::pair(&text);
        }
    }
}
