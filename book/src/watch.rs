//! Noticing that a file was saved, by looking at it again and again.
//!
//! Events from the file system do not arrive everywhere: not from network drives, not through the borders of
//! containers and virtual machines. A few dozen small text files are read in a millisecond, so the
//! contents themselves are compared, which also passes over a save that changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::progress::files_below;

/// Folders whose files are compared with what they were.
#[derive(Debug)]
pub struct Watcher {
    folders: Vec<PathBuf>,
    seen: BTreeMap<PathBuf, Vec<u8>>,
}

impl Watcher {
    /// Watches everything in `folders` and below, from now on.
    #[must_use]
    pub fn new(folders: &[&Path]) -> Self {
        let mut folders: Vec<PathBuf> = folders.iter().map(|folder| folder.to_path_buf()).collect();
        folders.dedup();
        let mut watcher = Self {
            folders,
            seen: BTreeMap::new(),
        };
        watcher.seen = watcher.contents();
        watcher
    }

    /// The files that were changed, added or removed since the last look.
    pub fn changes(&mut self) -> Vec<PathBuf> {
        let now = self.contents();
        let changed = now
            .iter()
            .filter(|(path, content)| self.seen.get(*path) != Some(*content));
        let removed = self.seen.keys().filter(|path| !now.contains_key(*path));
        let changes = changed.map(|(path, _)| path).chain(removed).cloned().collect();
        self.seen = now;
        changes
    }

    fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let files = self.folders.iter().flat_map(|folder| files_below(folder));
        // A file that is just being replaced is missing for a moment; it is a change when it is back.
        files
            .filter_map(|file| Some((file.clone(), fs::read(&file).ok()?)))
            .collect()
    }
}
