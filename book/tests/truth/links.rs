//! Links, anchors and images, held against the pages that mdBook really makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::chapter::{self, Chapter, Link};
use crate::fault::Fault;

/// An alternative text shorter than this describes nothing.
const SHORTEST_ALTERNATIVE: usize = 20;

/// The book, built as a reader gets it.
pub(crate) struct Site {
    /// The text of each page, by the name of its chapter.
    pages: BTreeMap<String, String>,
    output: TempDir,
}

impl Site {
    pub(crate) fn build() -> Self {
        let output = tempfile::tempdir().unwrap();
        let rendered = book::render::render(Path::new(env!("CARGO_MANIFEST_DIR")), output.path()).unwrap();
        assert_eq!(rendered.complaints, [""; 0], "mdBook complains");
        let page = |name: String| {
            let path = output.path().join(&name).with_extension("html");
            let html =
                fs::read_to_string(&path).unwrap_or_else(|_| panic!("mdBook made no {}", path.display()));
            (name, html)
        };
        let pages = chapter::names_in_summary().into_iter().map(page).collect();
        Self { pages, output }
    }

    /// Why `link` leads nowhere, if it does.
    pub(crate) fn fault(&self, chapter: &Chapter, link: &Link) -> Option<Fault> {
        self.check(&chapter.name, link)
            .err()
            .map(|problem| chapter.fault(link.line, problem))
    }

    fn check(&self, chapter: &str, link: &Link) -> Result<(), String> {
        let destination = link.destination.as_str();
        if let Some(alternative) = &link.alternative {
            return self.check_image(destination, alternative);
        }
        if destination.starts_with("https://") || destination.starts_with("http://") {
            return Ok(());
        }
        let (name, anchor) = match destination.split_once('#') {
            Some((name, anchor)) => (name, Some(anchor)),
            None => (destination, None),
        };
        let name = if name.is_empty() { chapter } else { name };
        let page = self.pages.get(name).ok_or_else(|| {
            format!("the link to {destination} leads out of the book: link to a chapter, or to https://…")
        })?;
        match anchor {
            Some(anchor) if !page.contains(&format!("id=\"{anchor}\"")) => Err(format!(
                "the link to {destination} finds no heading #{anchor} in {name}"
            )),
            _ => Ok(()),
        }
    }

    fn check_image(&self, destination: &str, alternative: &str) -> Result<(), String> {
        let file: PathBuf = self.output.path().join(destination);
        if !file.is_file() {
            return Err(format!("the image {destination} is not in the built book"));
        }
        if alternative.len() < SHORTEST_ALTERNATIVE {
            return Err(format!(
                "the image {destination} needs a text for those who do not see it, not {alternative:?}"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Site;
    use crate::chapter::Chapter;

    #[test]
    fn links_that_lead_nowhere_are_faults() {
        let site = Site::build();
        let fault = |text: &str| {
            let chapter = Chapter::parse("introduction.md", text);
            site.fault(&chapter, &chapter.links[0]).map(|fault| fault.what)
        };
        assert_eq!(fault("[x](01-ip.md)"), None);
        assert_eq!(fault("[x](#what-a-socket-is)"), None);
        assert_eq!(fault("[x](introduction.md#what-a-socket-is)"), None);
        assert_eq!(fault("[x](https://www.rfc-editor.org/rfc/rfc6455)"), None);
        assert!(fault("[x](07-http.md)").unwrap().contains("out of the book"));
        assert!(fault("[x](../../README.md)").unwrap().contains("out of the book"));
        assert!(fault("[x](#no-such-heading)").unwrap().contains("no heading"));
        assert!(
            fault("![A long enough description](images/none.svg)")
                .unwrap()
                .contains("not in the built book")
        );
    }
}
