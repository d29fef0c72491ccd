//! What differs from run to run, replaced by a word: both the book's text and the real output go through here.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Ports that the system chose: those of clients, and of servers that asked for port 0.
const FIRST_EPHEMERAL_PORT: u32 = 32768;

static PORT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(127\.0\.0\.1|\[::1\]):(\d{1,5})\b").unwrap());
static RATE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" *\b\d+(\.\d+)? ?([KMG]i?)?B/s\b *").unwrap());
static DURATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r" *\b\d+(\.\d+)? ?(ns|µs|us|ms|s)\b *").unwrap());

/// `text` with the system's ports, durations and rates replaced, without spaces at the ends of lines.
///
/// The spaces around a duration go too: a column that holds one moves with its width.
pub(crate) fn normalise(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = PORT.replace_all(&text, |found: &Captures<'_>| match found[2].parse() {
        Ok(0..FIRST_EPHEMERAL_PORT) | Err(_) => found[0].to_owned(),
        Ok(_) => format!("{}:[port]", &found[1]),
    });
    let text = RATE.replace_all(&text, " [rate] ");
    let text = DURATION.replace_all(&text, " [time] ");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The ports in `text` that a system chose, in their order.
pub(crate) fn chosen_ports(text: &str) -> Vec<String> {
    let ports = PORT.captures_iter(text).map(|found| found[2].to_owned());
    let is_chosen = |port: &String| port.parse().is_ok_and(|port: u32| port >= FIRST_EPHEMERAL_PORT);
    ports.filter(is_chosen).collect()
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn ports_that_the_system_chose_are_replaced() {
        assert_eq!(
            normalise("127.0.0.1:54321 -> [::1]:32768"),
            "127.0.0.1:[port] -> [::1]:[port]"
        );
    }

    #[test]
    fn ports_that_a_person_chose_stay() {
        assert_eq!(
            normalise("127.0.0.1:61613 127.0.0.1:8080"),
            "127.0.0.1:[port] 127.0.0.1:8080"
        );
        assert_eq!(normalise("192.168.0.10:54321"), "192.168.0.10:54321");
    }

    #[test]
    fn durations_of_every_width_are_the_same() {
        for time in ["0.31 ms", "12.3µs", "1.2 s", "  9 ns", "1.000123s"] {
            assert_eq!(normalise(&format!("took {time}")), "took [time]", "{time}");
        }
        assert_eq!(normalise("|  3 ms |"), normalise("| 12 ms |"));
    }

    #[test]
    fn rates_are_no_durations() {
        assert_eq!(normalise("100 bytes, 12.5 MB/s"), "100 bytes, [rate]");
    }

    #[test]
    fn sizes_and_words_stay() {
        assert_eq!(
            normalise("5 bytes, 3 sockets, 10ms2, v10.stomp"),
            "5 bytes, 3 sockets, 10ms2, v10.stomp"
        );
    }

    #[test]
    fn line_ends_and_spaces_before_them_are_the_same() {
        assert_eq!(normalise("a  \r\nb\r\n\r\n"), "a\nb");
    }
}
