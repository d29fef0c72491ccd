//! A chapter, taken apart into what can be checked: fences, links, images, and what has no place in it.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::fault::Fault;

/// HTML that a chapter may use: a fold for the answer to a prediction. Everything else is Markdown's job.
const ALLOWED_HTML: &[&str] = &[
    "<details>",
    "</details>",
    "<summary>",
    "</summary>",
    "<br>",
    "<kbd>",
    "</kbd>",
    "<sub>",
    "</sub>",
    "<sup>",
    "</sup>",
    "<!--",
];

/// A code block with the line on which its first line of code stands.
#[derive(Debug, Clone)]
pub(crate) struct Fence {
    pub(crate) line: usize,
    /// What stands after the backticks; `None` for a block that is only indented.
    pub(crate) info: Option<String>,
    pub(crate) text: String,
}

impl Fence {
    pub(crate) fn is_console(&self) -> bool {
        self.info.as_deref() == Some("console")
    }

    pub(crate) fn is_included(&self) -> bool {
        matches!(self.info.as_deref(), Some("rust,ignore" | "text"))
    }
}

/// A link or an image.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) line: usize,
    pub(crate) destination: String,
    /// For an image, the text for those who do not see it.
    pub(crate) alternative: Option<String>,
}

/// Words in bold.
#[derive(Debug, Clone)]
pub(crate) struct Bold {
    pub(crate) line: usize,
    pub(crate) words: String,
}

impl Bold {
    pub(crate) fn is_term(&self) -> bool {
        !self.words.trim_end_matches('"').ends_with(['.', '?', '!', ':'])
    }
}

/// One file of the book.
#[derive(Debug)]
pub(crate) struct Chapter {
    pub(crate) name: String,
    pub(crate) fences: Vec<Fence>,
    pub(crate) links: Vec<Link>,
    /// What is printed in bold: terms, and the heads of paragraphs, which end in a full stop.
    pub(crate) bold: Vec<Bold>,
    /// HTML that is not on the list, and mdBook's `{{#…}}` outside of a fence.
    strays: Vec<(usize, String)>,
}

/// The folder of the text.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("chapters")
}

/// The chapters that the summary lists, in the order of reading.
pub(crate) fn names_in_summary() -> Vec<String> {
    let text = fs::read_to_string(folder().join("SUMMARY.md")).unwrap();
    let links = Chapter::parse("SUMMARY.md", &text).links;
    links.into_iter().map(|link| link.destination).collect()
}

/// The chapters whose samples `book/src/lib.rs` runs as doctests.
pub(crate) fn names_in_doctests() -> Vec<String> {
    let source = include_str!("../../src/lib.rs");
    let included = source
        .lines()
        .filter_map(|line| line.strip_prefix("#[doc = include_str!(\"../chapters/"));
    included
        .filter_map(|rest| rest.strip_suffix("\")]"))
        .map(str::to_owned)
        .collect()
}

/// The chapters that lie in the folder.
pub(crate) fn names_in_folder() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .collect()
}

impl Chapter {
    /// Reads Markdown with the extensions that mdBook switches on.
    pub(crate) fn parse(name: &str, text: &str) -> Self {
        let mut chapter = Self {
            name: name.to_owned(),
            fences: Vec::new(),
            links: Vec::new(),
            bold: Vec::new(),
            strays: Vec::new(),
        };
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_GFM
            | Options::ENABLE_DEFINITION_LIST;
        let line_of = |range: &Range<usize>| 1 + text[..range.start].matches('\n').count();
        let mut fence: Option<Fence> = None;
        let mut image: Option<Link> = None;
        let mut bold: Option<Bold> = None;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            let line = line_of(&range);
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    fence = Some(Fence {
                        line: line + 1,
                        info: Some(info.into_string()),
                        text: String::new(),
                    });
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                    fence = Some(Fence {
                        line,
                        info: None,
                        text: String::new(),
                    });
                }
                Event::End(TagEnd::CodeBlock) => chapter.fences.extend(fence.take()),
                Event::Start(Tag::Link { dest_url, .. }) => {
                    chapter.links.push(Link {
                        line,
                        destination: dest_url.into_string(),
                        alternative: None,
                    });
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    let alternative = Some(String::new());
                    image = Some(Link {
                        line,
                        destination: dest_url.into_string(),
                        alternative,
                    });
                }
                Event::End(TagEnd::Image) => chapter.links.extend(image.take()),
                Event::Start(Tag::Strong) => {
                    let words = String::new();
                    bold = Some(Bold { line, words });
                }
                Event::End(TagEnd::Strong) => chapter.bold.extend(bold.take()),
                Event::SoftBreak if bold.is_some() => bold.iter_mut().for_each(|bold| bold.words.push(' ')),
                Event::Text(words) | Event::Code(words) if bold.is_some() => {
                    bold.iter_mut().for_each(|bold| bold.words.push_str(&words));
                }
                Event::Text(words) => match (&mut fence, &mut image) {
                    (Some(fence), _) => fence.text.push_str(&words),
                    (None, Some(image)) => image.alternative.get_or_insert_default().push_str(&words),
                    (None, None) if words.contains("{{#") => chapter.strays.push((line, words.into_string())),
                    (None, None) => {}
                },
                Event::Html(html) | Event::InlineHtml(html) if !is_allowed(&html) => {
                    chapter.strays.push((line, html.trim().to_owned()));
                }
                _ => {}
            }
        }
        chapter
    }

    /// A fault on `line` of this chapter.
    pub(crate) fn fault(&self, line: usize, what: impl Into<String>) -> Fault {
        Fault {
            chapter: self.name.clone(),
            line,
            what: what.into(),
        }
    }

    /// What no other check looks at, because it must not be there at all.
    pub(crate) fn faults_of_form(&self) -> Vec<Fault> {
        let strays = self.strays.iter().map(|(line, what)| {
            self.fault(
                *line,
                format!("{what:?} is checked by nothing: use a fence, or plain Markdown"),
            )
        });
        let fences = self.fences.iter().filter_map(|fence| {
            let what = match fence.info.as_deref() {
                Some("rust" | "console") if fence.text.contains("{{#") => {
                    "this kind of fence holds its text itself; only `rust,ignore` and `text` include a file"
                }
                Some("rust" | "console" | "rust,ignore" | "text") => return None,
                Some(_) => "a fence is `rust`, `rust,ignore`, `text` or `console`: those are the ones that are checked",
                None => "a block that is only indented is checked by nothing: use a fence",
            };
            Some(self.fault(fence.line, what))
        });
        strays.chain(fences).collect()
    }
}

/// Whether each tag in `html` is on the list. Text between tags is plain text and passes.
fn is_allowed(html: &str) -> bool {
    let is_listed = |at: usize| ALLOWED_HTML.iter().any(|tag| html[at..].starts_with(tag));
    html.match_indices('<').all(|(at, _)| is_listed(at))
}

#[cfg(test)]
mod tests {
    use super::Chapter;

    fn faults(text: &str) -> Vec<String> {
        let faults = Chapter::parse("x.md", text).faults_of_form();
        faults
            .iter()
            .map(|fault| format!("{}: {}", fault.line, fault.what))
            .collect()
    }

    #[test]
    fn the_four_kinds_of_fence_pass() {
        let text =
            "```rust\nlet x = 1;\n```\n\n```rust,ignore\n{{#include x.rs}}\n```\n\n```console\n$ true\n```\n";
        assert_eq!(faults(text), [""; 0]);
    }

    #[test]
    fn other_fences_are_faults_even_in_lists_quotes_and_folds() {
        for text in [
            "# X\n\n```python\n1\n```\n",
            "# X\n\n```\n1\n```\n",
            "# X\n\n```rust,no_run\n1\n```\n",
            "# X\n\n    1\n",
            "# X\n\n> ```toml\n> 1\n> ```\n",
            "- x\n\n  ```json\n  1\n  ```\n",
            "<details><summary>Answer</summary>\n\n~~~\n1\n~~~\n\n</details>\n",
        ] {
            assert_eq!(faults(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_fault_says_the_line() {
        assert!(faults("# X\n\ntext\n\n```yaml\na: b\n```\n")[0].starts_with("6: a fence is"));
    }

    #[test]
    fn html_that_could_hide_a_sample_is_a_fault() {
        assert_eq!(faults("<pre>cargo 07-http</pre>\n").len(), 1);
        assert_eq!(faults("a <script>x</script> b\n").len(), 2);
        assert_eq!(
            faults("<details>\n<summary>Answer</summary>\n\nYes.\n\n</details>\n"),
            [""; 0]
        );
    }

    #[test]
    fn an_include_outside_of_a_fence_is_a_fault() {
        assert_eq!(faults("{{#include ../../README.md}}\n").len(), 1);
        assert_eq!(faults("```rust\n{{#include x.rs}}\n```\n").len(), 1);
    }
}
