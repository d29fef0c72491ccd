//! From the chapters to the pages: mdBook, and whatever it has to complain of.
//!
//! mdBook stops for few faults. A sample that cannot be included is only a line in its log, and the page shows
//! the command instead. Here a complaint is a result, so that the author sees it and a test can refuse it.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use mdbook_driver::MDBook;
use mdbook_driver::book::{BookItem, Chapter};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// The pages could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot build the book in {}: {reason}", folder.display())]
pub struct Error {
    folder: PathBuf,
    reason: String,
}

/// What came of a build.
#[derive(Debug)]
pub struct Rendered {
    /// The chapters, in the order of reading: title and page.
    pub chapters: Vec<(String, PathBuf)>,
    /// What mdBook warned of: a sample that is not there, a link that it cannot follow.
    pub complaints: Vec<String>,
}

/// Builds the book in `folder` (where `book.toml` lies) into `output`.
///
/// # Errors
///
/// [`Error`] if mdBook stops: no summary, or a chapter of it that cannot be read.
pub fn render(folder: &Path, output: &Path) -> Result<Rendered, Error> {
    let log = Log::default();
    let complaints = Arc::clone(&log.complaints);
    let result = tracing::subscriber::with_default(log, || {
        let mut book = MDBook::load(folder)?;
        output.clone_into(&mut book.config.build.build_dir);
        book.build()?;
        Ok(chapters(&book))
    });
    match result {
        Ok(chapters) => {
            let complaints = std::mem::take(&mut *complaints.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(Rendered { chapters, complaints })
        }
        Err(error) => {
            let error: mdbook_driver::errors::Error = error;
            Err(Error {
                folder: folder.to_owned(),
                reason: format!("{error:#}"),
            })
        }
    }
}

fn chapters(book: &MDBook) -> Vec<(String, PathBuf)> {
    let chapters = book.iter().filter_map(|item| match item {
        BookItem::Chapter(Chapter {
            name,
            path: Some(path),
            ..
        }) => Some((name.clone(), path.with_extension("html"))),
        _ => None,
    });
    chapters.collect()
}

/// Keeps the warnings and errors of the log, and nothing else of it.
#[derive(Debug, Default)]
struct Log {
    complaints: Arc<Mutex<Vec<String>>>,
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN && metadata.target().starts_with("mdbook")
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(words.0);
    }

    // Spans say where in the program something happened; an author does not care.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The message of an event.
#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to a string does not fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}
