//! A file under way: kept for a resume, and renamed only when it is whole.
//!
//! The bytes go to `.NAME.part` beside the target. Whoever looks for `NAME` finds the whole file or
//! none, because it gets its name in one step, at the end. If the transfer is cut off, the part
//! stays, and the next try goes on behind it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::mem;
use std::path::{Path, PathBuf};

use super::beside::{Buffers, hash_beside};
use super::digest::Hasher;
use super::{Digest, TransferError, name};

/// The digest of the file `name` in `dir`, if there is one of this size: it may be the one that is offered.
///
/// # Errors
///
/// [`TransferError::Name`] or [`TransferError::Disk`].
pub fn digest_of_finished(dir: &Path, name: &str, size: u64) -> Result<Option<Digest>, TransferError> {
    name::check(name)?;
    let target = dir.join(name);
    // A link is not followed: it may lead out of the folder.
    let is_it = |metadata: fs::Metadata| metadata.is_file() && metadata.len() == size;
    if !fs::symlink_metadata(&target).is_ok_and(is_it) {
        return Ok(None);
    }
    let mut hasher = Hasher::default();
    File::open(&target)
        .and_then(|mut file| hasher.update_from(&mut file, u64::MAX))
        .map_err(TransferError::disk("read", &target))?;
    Ok(Some(hasher.digest()))
}

/// A file that is being received. It belongs to one transfer at a time: a lock sees to that.
#[derive(Debug)]
pub struct PartialFile {
    file: File,
    part: PathBuf,
    target: PathBuf,
    hasher: Hasher,
    length: u64,
}

impl PartialFile {
    /// Opens the part of `name` in `dir`, with what an earlier try left in it, or makes an empty one.
    ///
    /// # Errors
    ///
    /// [`TransferError::Name`], [`TransferError::TargetExists`], [`TransferError::Busy`] or
    /// [`TransferError::Disk`].
    pub fn open(dir: &Path, name: &str) -> Result<Self, TransferError> {
        name::check(name)?;
        let target = dir.join(name);
        if fs::symlink_metadata(&target).is_ok() {
            return Err(TransferError::TargetExists { path: target });
        }
        let part = dir.join(format!(".{name}.part"));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part)
            .map_err(TransferError::disk("write", &part))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let name = name.to_owned();
                return Err(TransferError::Busy { name });
            }
            Err(TryLockError::Error(source)) => return Err(TransferError::disk("lock", &part)(source)),
        }
        let mut hasher = Hasher::default();
        let length = hasher
            .update_from(&mut file, u64::MAX)
            .map_err(TransferError::disk("read", &part))?;
        Ok(Self {
            file,
            part,
            target,
            hasher,
            length,
        })
    }

    /// How many bytes there are.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The digest of the bytes that there are.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.hasher.digest()
    }

    /// Throws away what there is: it was not the beginning of this file.
    ///
    /// # Errors
    ///
    /// [`TransferError::Disk`].
    pub fn restart(&mut self) -> Result<(), TransferError> {
        self.hasher = Hasher::default();
        self.length = 0;
        self.file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .map_err(TransferError::disk("empty", &self.part))?;
        Ok(())
    }

    /// Does `work`, which writes behind what there is; the digest is worked out meanwhile.
    pub(super) fn fill(
        &mut self,
        work: impl FnOnce(&mut Self, &Buffers) -> Result<(), TransferError>,
    ) -> Result<(), TransferError> {
        let mut hasher = mem::take(&mut self.hasher);
        hash_beside(&mut hasher, |buffers| work(self, buffers))?;
        self.hasher = hasher;
        Ok(())
    }

    /// Writes `bytes` behind what there is. The digest does not cover them yet.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), TransferError> {
        self.file
            .write_all(bytes)
            .map_err(TransferError::disk("write", &self.part))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// The file is whole: it is written out to the disk, and gets its name.
    ///
    /// # Errors
    ///
    /// [`TransferError::TargetExists`] if another program made a file of that name meanwhile, or
    /// [`TransferError::Disk`].
    pub fn finish(self) -> Result<PathBuf, TransferError> {
        self.file
            .sync_all()
            .map_err(TransferError::disk("write", &self.part))?;
        match rename_new(&self.part, &self.target) {
            Ok(()) => Ok(self.target),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(TransferError::TargetExists { path: self.target })
            }
            Err(source) => Err(TransferError::disk("rename", &self.part)(source)),
        }
    }

    /// Removes the part: it is damaged, and nothing may go on behind it.
    ///
    /// # Errors
    ///
    /// [`TransferError::Disk`].
    pub fn discard(self) -> Result<(), TransferError> {
        fs::remove_file(&self.part).map_err(TransferError::disk("remove", &self.part))
    }
}

/// Renames in one step, and never over a file that exists. `rename` alone would replace it without a
/// word; a second link to the same file cannot.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // A file system without links, such as that of a memory card.
        Err(_) => fs::rename(from, to),
    }
}
