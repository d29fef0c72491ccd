//! Keeps the pages in step with the text: a saved chapter is shown a moment later.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::exercise::step_folders;
use crate::render::{self, Rendered, render};
use crate::server::Server;
use crate::site::{self, Site};
use crate::watch::Watcher;

/// How often the text is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// The rooms of a step that a chapter may show a file of.
const SHOWN_ROOMS: &[&str] = &["src", "examples", "exercises", "solutions", "checks", "tests"];

/// Why there are no new pages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// mdBook did not make them.
    #[error(transparent)]
    Render(#[from] render::Error),
    /// It made them, and they cannot be read.
    #[error(transparent)]
    Site(#[from] site::Error),
}

/// The text of a course, and where its pages are built.
#[derive(Debug, Clone)]
pub struct Text {
    root: PathBuf,
    output: PathBuf,
}

impl Text {
    /// The text of the course at `root`, built into `output`.
    #[must_use]
    pub fn new(root: &Path, output: &Path) -> Self {
        Self {
            root: root.to_owned(),
            output: output.to_owned(),
        }
    }

    /// Builds the pages.
    ///
    /// # Errors
    ///
    /// [`Error`] if mdBook stops. What it only warns of is in [`Rendered::complaints`].
    pub fn build(&self) -> Result<(Site, Rendered), Error> {
        let rendered = render(&self.root.join("book"), &self.output)?;
        Ok((Site::load(&self.output)?, rendered))
    }

    /// Notices what is saved from now on: make it before the first build, so that nothing is missed.
    #[must_use]
    pub fn watcher(&self) -> Watcher {
        let folders = self.folders();
        let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
        Watcher::new(&folders)
    }

    /// Builds the pages anew whenever `watcher` notices something, and has `server` show them; for ever. What is
    /// wrong with the text goes to `complain`, and the last good pages stay.
    pub fn keep_up(&self, mut watcher: Watcher, server: &Server, complain: impl Fn(&str)) -> ! {
        loop {
            thread::sleep(LOOK_EVERY);
            if watcher.changes().is_empty() {
                continue;
            }
            match self.build() {
                Ok((site, rendered)) => {
                    rendered
                        .complaints
                        .iter()
                        .for_each(|complaint| complain(complaint));
                    server.show(site);
                }
                Err(error) => complain(&error.to_string()),
            }
        }
    }

    /// Everything that a page may be made of.
    fn folders(&self) -> Vec<PathBuf> {
        let book = self.root.join("book");
        let of_the_book = ["book.toml", "chapters", "theme", "tests"].map(|name| book.join(name));
        let steps = step_folders(&self.root).unwrap_or_default();
        let rooms = steps.iter().flat_map(|step| {
            SHOWN_ROOMS
                .iter()
                .map(move |room| self.root.join(step).join(room))
        });
        of_the_book.into_iter().chain(rooms).collect()
    }
}
