//! Windows tells its settings through `netsh`, in the language of its owner: only the numbers can be relied on.

use std::ops::RangeInclusive;

#[cfg(windows)]
pub(super) fn ask() -> super::Machine {
    const DYNAMIC: [&str; 5] = ["int", "ipv4", "show", "dynamicport", "tcp"];
    const EXCLUDED: [&str; 5] = ["int", "ipv4", "show", "excludedportrange", "protocol=tcp"];
    let ask = |arguments: &[&str]| super::output_of("netsh", arguments);
    super::Machine {
        ephemeral: ask(&DYNAMIC).as_deref().and_then(dynamic),
        // Windows lets every user listen on every port.
        first_unprivileged: Some(0),
        reserved: ask(&EXCLUDED).as_deref().map(excluded).unwrap_or_default(),
        source: "netsh int ipv4 show dynamicport tcp, and show excludedportrange protocol=tcp",
    }
}

/// The last two numbers: the first port, and how many there are.
fn dynamic(text: &str) -> Option<RangeInclusive<u16>> {
    let numbers: Vec<u16> = super::numbers(text).collect();
    let [.., first, count] = numbers[..] else {
        return None;
    };
    Some(first..=first.checked_add(count.checked_sub(1)?)?)
}

/// One line a range: its first and its last port.
fn excluded(text: &str) -> Vec<RangeInclusive<u16>> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            Some(words.next()?.parse().ok()?..=words.next()?.parse().ok()?)
        })
        .collect()
}

// No other system prints this.
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_dynamic_range_is_the_last_two_numbers() {
        let text = "
Protocol tcp Dynamic Port Range
---------------------------------
Start Port      : 49152
Number of Ports : 16384
";
        assert_eq!(dynamic(text), Some(49152..=65535));
        assert_eq!(dynamic("nothing"), None);
        assert_eq!(dynamic("1 0"), None);
    }

    #[test]
    fn an_excluded_range_is_a_line_of_two_numbers() {
        let text = "
Protocol tcp Port Exclusion Ranges

Start Port    End Port
----------    --------
      5357        5357
     50000       50059     *

* - Administered port exclusions.
";
        assert_eq!(excluded(text), [5357..=5357, 50000..=50059]);
    }

    proptest! {
        #[test]
        fn no_output_makes_the_reader_panic(text in any::<String>(), numbers in "([0-9]{1,6}[ \n]){0,4}") {
            let _ = (dynamic(&text), dynamic(&numbers), excluded(&text), excluded(&numbers));
        }
    }
}
