//! The finished pages, in memory.
//!
//! A server that turns the path of a request into the path of a file has to be careful: `..`, a link, a device, a
//! second encoding of a slash. This one never opens a file for a request. What is not in the map does not exist.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::progress::files_below;

/// What a page does so that it is shown anew when the book changes: it waits for a message, over this course's own
/// WebSocket. When the server was away for a while, whatever comes back is new.
const RELOAD_SCRIPT: &str = r#"<script>
(function () {
  let lost = false;
  function connect() {
    const socket = new WebSocket("ws://" + location.host + "/reload");
    socket.onopen = () => { if (lost) location.reload(); };
    socket.onmessage = () => location.reload();
    socket.onclose = () => { lost = true; setTimeout(connect, 1000); };
  }
  connect();
})();
</script>
"#;

/// A file as a browser gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is, and in which character set.
    pub content_type: &'static str,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Every file of the built book, by its path from the root, with slashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    files: BTreeMap<String, File>,
}

/// A built file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}", path.display())]
pub struct Error {
    path: PathBuf,
    source: io::Error,
}

impl Site {
    /// Reads every file in `folder` and below. Pages get the script that reloads them.
    ///
    /// # Errors
    ///
    /// [`Error`] names the file that cannot be read.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        for path in files_below(folder) {
            let mut bytes = fs::read(&path).map_err(|source| Error {
                path: path.clone(),
                source,
            })?;
            let name = path
                .strip_prefix(folder)
                .unwrap_or(&path)
                .display()
                .to_string()
                .replace('\\', "/");
            let content_type = content_type(&name);
            if content_type.starts_with("text/html") {
                bytes = with_reload_script(&bytes);
            }
            files.insert(name, File { content_type, bytes });
        }
        Ok(Self { files })
    }

    /// The file that the target of a request names: `/01-ip.html?highlight=mask`, or `/` for the first page.
    #[must_use]
    pub fn get(&self, target: &str) -> Option<&File> {
        let path = path_of(target);
        let path = path.strip_prefix('/')?;
        if path.is_empty() || path.ends_with('/') {
            return self.files.get(&format!("{path}index.html"));
        }
        self.files.get(path)
    }

    /// The page for what is not there.
    #[must_use]
    pub fn not_found(&self) -> Option<&File> {
        self.files.get("404.html")
    }
}

/// The path of a request's target (RFC 9112, section 3.2): without scheme and host, which a proxy's client writes,
/// without the query, and with `%20` and its like decoded.
fn path_of(target: &str) -> Cow<'_, str> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => path,
    };
    percent_decode_str(path).decode_utf8_lossy()
}

fn with_reload_script(page: &[u8]) -> Vec<u8> {
    const END: &[u8] = b"</body>";
    let end = page
        .windows(END.len())
        .rposition(|window| window == END)
        .unwrap_or(page.len());
    [&page[..end], RELOAD_SCRIPT.as_bytes(), &page[end..]].concat()
}

/// The media type of a file, by the end of its name: what mdBook's output is made of.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
