//! What an ordinary GET gets at the port of a WebSocket: a page, its script, a few numbers.
//!
//! This is no web server. It spares a small one beside it: the page that opens the WebSocket can come from the same place.

use std::fmt;
use std::sync::Arc;

/// One thing, and the path under which it is.
#[derive(Clone)]
pub struct Resource {
    path: String,
    content_type: String,
    make: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Resource {
    /// Something that is always the same. `content_type` is for browsers: `text/html; charset=utf-8`.
    #[must_use]
    pub fn new(path: &str, content_type: &str, content: impl Into<String>) -> Self {
        let content = content.into();
        Self::made(path, content_type, move || content.clone())
    }

    /// Something that is made whenever somebody asks. All other connections of the thread wait for that long.
    #[must_use]
    pub fn made(path: &str, content_type: &str, make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self {
            path: path.to_owned(),
            content_type: content_type.to_owned(),
            make: Arc::new(make),
        }
    }

    /// The path: `/metrics`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it is.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// What it says now.
    #[must_use]
    pub fn content(&self) -> String {
        (self.make)()
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("path", &self.path)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
