//! A page to print: which exercises pass, and nothing that was not checked.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::exercise::Exercise;
use crate::language::{Language, Messages};

/// One page, good in a browser and on paper, without anything from elsewhere.
const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 2rem; margin-bottom: 0; }
.course { font-size: 1.25rem; margin-top: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid; padding: 0.3rem 0.5rem; text-align: start; vertical-align: top; }
td:first-child { white-space: nowrap; }
tr { break-inside: avoid; }
";

/// What a certificate is made of.
#[derive(Debug)]
pub struct Certificate<'a> {
    /// Whose it is, if that is to be on it.
    pub who: Option<&'a str>,
    /// The exercises that pass.
    pub passed: &'a [Exercise],
    /// How many exercises the course has.
    pub count: usize,
    /// When they were judged.
    pub judged: SystemTime,
}

impl Certificate<'_> {
    /// The page, in HTML.
    #[must_use]
    pub fn to_html(&self, language: Language) -> String {
        let messages = language.messages();
        let title = messages.certificate_title.text();
        let course = messages.certificate_course.text();
        let mut page = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n",
            language.tag()
        );
        page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
        page +=
            &format!("<title>{title}: {course}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n");
        page += &format!("<h1>{title}</h1>\n<p class=\"course\">{course}</p>\n");
        if let Some(who) = self.who.map(str::trim).filter(|who| !who.is_empty()) {
            let who = escaped(who);
            page += &format!("<p>{}</p>\n", messages.certificate_for.with(&[("who", &who)]));
        }
        let date = date(self.judged);
        page += &format!("<p><strong>{}</strong></p>\n", self.claim(messages));
        page += &format!(
            "<p>{}</p>\n",
            messages.certificate_checked.with(&[("date", &date)])
        );
        page += &self.table(messages);
        page + "</main>\n</body>\n</html>\n"
    }

    /// What the page says: never more than what passes.
    fn claim(&self, messages: &Messages) -> String {
        let passed = self.passed.len();
        let open = self.count - passed;
        let message = if open == 0 {
            &messages.certificate_all
        } else {
            &messages.certificate_some
        };
        message.with(&[("passed", &passed), ("count", &self.count), ("open", &open)])
    }

    fn table(&self, messages: &Messages) -> String {
        let heads = [
            &messages.certificate_exercise,
            &messages.certificate_topic,
            &messages.certificate_learned,
        ];
        let heads = heads.map(|head| format!("<th scope=\"col\">{}</th>", head.text()));
        let mut table = format!(
            "<table>\n<thead>\n<tr>{}</tr>\n</thead>\n<tbody>\n",
            heads.concat()
        );
        for Exercise {
            name, title, learn, ..
        } in self.passed
        {
            let (title, learn) = (escaped(title), escaped(learn));
            // Writing to a string does not fail.
            let _ = writeln!(
                table,
                "<tr><td>{name}</td><td lang=\"en\">{title}</td><td lang=\"en\">{learn}</td></tr>"
            );
        }
        table + "</tbody>\n</table>\n"
    }
}

/// The day of `time` in UTC, as `2026-02-28` (ISO 8601).
fn date(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut days = seconds / (24 * 60 * 60);
    let mut year = 1970;
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let february = days_of_year(year) - 337;
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

fn days_of_year(year: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    if is_leap { 366 } else { 365 }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{UNIX_EPOCH, date};
    use std::time::Duration;

    #[test]
    fn days_are_counted_over_leap_years() {
        let of = |days: u64| date(UNIX_EPOCH + Duration::from_secs(days * 24 * 60 * 60 + 86_399));
        assert_eq!(of(0), "1970-01-01");
        assert_eq!(of(11_016), "2000-02-29");
        assert_eq!(of(11_017), "2000-03-01");
        assert_eq!(of(19_722), "2023-12-31");
        assert_eq!(of(19_723), "2024-01-01");
    }
}
